"""The folder of a site: only what we wrote is ever replaced or removed, each file whole and atomically."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from projects.errors import FolderNotEmpty

MARKER = ".earmark-site"
"""Lists the files of the site, one per line: a folder with it is ours, and so are the files that it names."""

PARTIAL = ".partial"
_OURS = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9-]*/)?[A-Za-z0-9-]+\.(?:html|css|json|xml|csv|xlsx)", re.ASCII)


def write_site(out: Path, files: Mapping[str, bytes]) -> None:
    """Make the site in `out` be exactly `files`, by name; whatever else lies there stays as it is.

    The marker first names old and new files together, so that after a crash everything of ours is still known.

    Raises:
        FolderNotEmpty: `out` is not ours, or a file of somebody else has one of our names; nothing was changed.
    """
    assert all(_OURS.fullmatch(name) for name in files), "names are made of codes, which are plain"
    before = _ours(out)
    for path in (out / name for name in files):
        foreign = path.exists() and path.relative_to(out).as_posix() not in before
        if foreign or (path.parent.exists() and not path.parent.is_dir()):
            raise FolderNotEmpty(path=out)
    out.mkdir(parents=True, exist_ok=True)
    _replace(out / MARKER, _listed({*before, *files}))
    for name, content in files.items():
        _replace(out / name, content)
    for name in before - set(files):
        _remove(out, name)
    _replace(out / MARKER, _listed(files))


def _ours(out: Path) -> set[str]:
    """Return the names of the files that we wrote into `out` before, empty for a folder that is new or empty."""
    if not out.exists():
        return set()
    if not out.is_dir():
        raise FolderNotEmpty(path=out)
    marker = out / MARKER
    if not marker.is_file():
        if {each.name for each in out.iterdir()} - {MARKER + PARTIAL}:
            raise FolderNotEmpty(path=out)
        return set()
    names = marker.read_text(encoding="utf-8").splitlines()
    # A line that is not a name of ours could lead out of the folder: it is not followed.
    return {name for name in names if _OURS.fullmatch(name)}


def _listed(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in sorted(names)).encode()


def _replace(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _remove(out: Path, name: str) -> None:
    path = out / name
    path.unlink(missing_ok=True)
    path.with_name(path.name + PARTIAL).unlink(missing_ok=True)
    if path.parent != out and path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()
