"""Folders that change places in one step, with their content on the disk before and their rights as they were."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ledger.errors import WorkspaceUnfit
from ledger.store.files import sync_folder

_EXCHANGE = 2
_HERE = -100


def sync_all(folder: Path) -> None:
    """Wait until the disk has all that is in a folder."""
    for path in folder.rglob("*"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    sync_folder(folder)


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Work in a new folder beside `target`, where it can get its name in one step; what is left of it is gone then.

    Raises:
        WorkspaceUnfit: no folder can be made there.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{target.name}-", suffix=".partial", dir=target.parent))
    except OSError as error:
        raise WorkspaceUnfit(path=target, reason=error.strerror or str(error)) from None
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def like(old: Path, new: Path, *, but: str) -> None:
    """Give a new folder the old one's group and rights, so that its people can go on; the file `but` stays private."""
    model = old.stat() if old.exists() else None
    mask = os.umask(0o022)
    os.umask(mask)
    folder = model.st_mode & 0o7777 if model else 0o777 & ~mask
    for path in [new, *new.rglob("*")]:
        if model:
            with contextlib.suppress(OSError):
                os.chown(path, -1, model.st_gid)
        if path.is_dir():
            path.chmod(folder)
        elif path.name != but:
            path.chmod(folder & 0o666)


def name(place: Path, target: Path) -> None:
    """Give a finished folder the name of one that is not there."""
    place.rename(target)
    sync_folder(target.parent)


def swap(place: Path, target: Path, now: datetime) -> Path:
    """Put the new folder in the place of the old one and return where the old one is now."""
    aside = target.with_name(f"{target.name}-aside-{now:%Y%m%dT%H%M%S}")
    count = 1
    while aside.exists():
        count += 1
        aside = aside.with_name(f"{target.name}-aside-{now:%Y%m%dT%H%M%S}-{count}")
    # Under its last name first: whatever dies from here on, no name that is cleaned away ever holds the old state.
    place.rename(aside)
    try:
        exchange(aside, target)
    except OSError:
        aside.rename(place)
        raise
    sync_folder(target.parent)
    return aside


def exchange(one: Path, other: Path) -> None:
    """Let two folders change names in one step.

    Raises:
        OSError: they cannot; they have the names that they had.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(other))


def need_exchange(parent: Path) -> None:
    """Make sure that folders can change names here.

    Raises:
        OSError: the file system cannot do it.
    """
    with tempfile.TemporaryDirectory(dir=parent, suffix=".partial") as one:
        (Path(one) / "a").mkdir()
        (Path(one) / "b").mkdir()
        exchange(Path(one) / "a", Path(one) / "b")
