"""Files that are written whole or not at all, and are still there after a power cut."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PARTIAL = ".partial"


def put(path: Path, content: bytes, *, shared: bool = False, wait: bool = True) -> None:
    """Write `content` to `path` whole: whoever reads sees what was there before or all of it.

    With `shared` others may be writing the same file now: each then has a partial file of its own. Without `wait` a
    power cut may take it away again, or leave half of it.

    Raises:
        OSError: it cannot be written; what was there before stays.
    """
    with _whole(path, secrets.token_hex(4) if shared else "", wait=wait) as file:
        file.write(content)


def copy(source: Path, target: Path) -> None:
    """Copy a file whole.

    Raises:
        OSError: it cannot be read or written; what was there before stays.
    """
    with source.open("rb") as original, _whole(target) as file:
        shutil.copyfileobj(original, file)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error of what is written into `path` say where it was: a full disk says nothing of that itself."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


@contextmanager
def _whole(path: Path, mine: str = "", *, wait: bool = True) -> Iterator[BinaryIO]:
    make_folder(path.parent)
    partial = path.with_name(f"{path.name}{mine}{PARTIAL}")
    try:
        # Never into what lies there under this name: it may be a link that leads out of the workspace.
        partial.unlink(missing_ok=True)
        with naming(path), partial.open("xb") as file:
            yield file
            if wait:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        # A full disk needs the room of what could not be finished.
        partial.unlink(missing_ok=True)
        raise
    if wait:
        sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder with its parents; their names are on the disk when this returns."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable: a name is kept by the folder, not by the file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
