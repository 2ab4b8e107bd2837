"""The folder of a site: only what we wrote is ever replaced or removed, each file whole and atomically.

The order is what keeps a site whole when a run is cut off: the list of what is ours first names old and new files, then
the pages are written, then those that lead to them, and only then what is no longer needed goes away.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from ledger.store.files import naming
from projects.errors import FolderNotEmpty

MARKER = ".earmark-site"
"""Lists the files of the site, one per line: a folder with it is ours, and so are the files that it names."""

PARTIAL = ".partial"
PIECE = 1 << 16
"""So many bytes are read at once: what is larger takes memory from the system each time, which takes longer."""
_NAME = r"(?:[A-Za-z0-9][A-Za-z0-9-]*/){0,2}[A-Za-z0-9-]+(?:\.proof)?\.(?:html|css|js|json|xml|csv|xlsx|pdf)"
_OURS = re.compile(_NAME, re.ASCII)
_LINES = re.compile(rf"^({_NAME})\r?$", re.ASCII | re.MULTILINE)
Writer = Callable[[IO[bytes]], object]


class Folder:
    """A site in the making; `begin` comes first, then files, then `finish` with the names of all that it has."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.before: set[str] = set()
        self._longer = False
        self.sizes: dict[str, dict[str, int]] = {}
        """The sizes of the files that were there, by folder and name."""

    def look(self, *names: str, folders: Iterable[str] = ()) -> None:
        """Learn what is there; nothing is changed.

        Raises:
            FolderNotEmpty: the folder is not ours, or one of these names, or a page in one of these folders, is
                somebody else's.
        """
        self.before = _ours(self.out)
        found = {name for name in names if (self.out / name).exists()}
        folders = set(folders)
        for folder in folders | {name.rpartition("/")[0] for name in self.before}:
            path = self.out / folder
            if path.is_dir():
                self.sizes[folder], others = _listed(path)
                if folder in folders:
                    found |= {f"{folder}/{name}" for name in (*self.sizes[folder], *others)}
            elif folder in folders and path.exists():
                raise FolderNotEmpty(path=self.out)
        if any(_OURS.fullmatch(name) for name in found - self.before):
            raise FolderNotEmpty(path=self.out)

    def begin(self, names: Iterable[str]) -> None:
        """Take names for ours, beside those that are.

        Raises:
            FolderNotEmpty: a file of somebody else has one of them; nothing was changed.
        """
        new = set(names) - self.before
        assert all(map(_OURS.fullmatch, new)), "names are made of codes, which are plain"
        for path in (self.out / name for name in new):
            if path.exists() or any(each.exists() and not each.is_dir() for each in _within(self.out, path)):
                raise FolderNotEmpty(path=self.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.before |= new
        if not (self.out / MARKER).is_file():
            self._list(self.before)
        elif new:
            # A list of a county is long: what is new is written behind it, and finish puts it in order.
            with naming(self.out / MARKER), (self.out / MARKER).open("a", encoding="utf-8") as file:
                file.write("".join(f"{name}\n" for name in sorted(new)))
            self._longer = True

    def put(self, name: str, content: bytes) -> bool:
        """Write a file, if it is not there with just this content; tell whether it was written."""
        assert name in self.before, "what is written was taken for ours before"
        path = self.out / name
        known = self.sizes.get(name.rpartition("/")[0], {}).get(path.name)
        if known == len(content) and path.read_bytes() == content:
            return False
        replace_file(path, lambda file: file.write(content))
        return True

    def holds(self, name: str, digest: str) -> bool:
        """Tell whether a file was there with just the content of this digest."""
        folder, _, own = name.rpartition("/")
        return own in self.sizes.get(folder, {}) and digest_of((self.out / name).read_bytes()) == digest

    def write(self, name: str, writer: Writer) -> None:
        """Write a file piece by piece."""
        assert name in self.before, "what is written was taken for ours before"
        replace_file(self.out / name, writer)

    def finish(self, names: Iterable[str]) -> None:
        """Take away what is no longer needed, and list what is left."""
        kept = set(names)
        gone = self.before - kept
        for name in gone:
            _remove(self.out, name)
        if gone or self._longer:
            # Pages are not waited for one by one; before the list says that all is there, the disk has it.
            os.sync()
            self._list(kept)
        self.before = kept

    def _list(self, names: Iterable[str]) -> None:
        text = "".join(f"{name}\n" for name in sorted(names)).encode()
        replace_file(self.out / MARKER, lambda file: file.write(text))


def digest_of(content: bytes) -> str:
    """Return what the content of a file is known by."""
    return hashlib.sha256(content).hexdigest()


def replace_file(path: Path, writer: Writer) -> None:
    """Write a file whole: it is the old one or the new one at any moment; one with the same content stays untouched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    try:
        with naming(path), partial.open("wb") as file:
            writer(file)
    except BaseException:
        # A full disk needs the room of what could not be finished.
        partial.unlink(missing_ok=True)
        raise
    if path.is_file() and path.stat().st_size == partial.stat().st_size and _same(path, partial):
        partial.unlink()
    else:
        partial.replace(path)


def _listed(path: Path) -> tuple[dict[str, int], list[str]]:
    """Return the sizes of the files of a folder by name, and the names of what else is there: a county has many."""
    sizes, others = {}, []
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in os.listdir(folder):  # noqa: PTH208 - a Path is no open folder
            try:
                found = os.stat(name, dir_fd=folder)
            except OSError:
                others.append(name)  # a link that leads nowhere
                continue
            if stat.S_ISREG(found.st_mode):
                sizes[name] = found.st_size
            else:
                others.append(name)
    finally:
        os.close(folder)
    return sizes, others


def _same(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        while True:
            piece = first.read(PIECE)
            if piece != second.read(PIECE):
                return False
            if not piece:
                return True


def _within(out: Path, path: Path) -> Iterable[Path]:
    """Yield the folders between the site's and a file."""
    for each in path.parents:
        if each == out:
            return
        yield each


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
    # A line that is not a name of ours could lead out of the folder: it is not followed. A county has many lines.
    return set(_LINES.findall(marker.read_text(encoding="utf-8")))


def _remove(out: Path, name: str) -> None:
    path = out / name
    path.unlink(missing_ok=True)
    path.with_name(path.name + PARTIAL).unlink(missing_ok=True)
    for folder in _within(out, path):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
