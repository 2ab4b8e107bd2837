"""What each village adds to a site, kept beside it, so that the next run reads only the villages that have changed.

A kept part holds nothing that is not in the site: texts of the open data, and what the pages of the county say of the
village. It is a line of JSON, and behind it the texts, one after the other.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from projects.disclosure.folder import PIECE, replace_file

FOLDER = ".earmark-parts"
COUNTY = ".county"
"""Beside the parts, named as no village is: of what each page of the county was made, and a digest of its bytes."""
Sizes = Mapping[str, Mapping[str, int]]
"""The sizes of files by folder and name: a county has many, and those of a whole folder are compared at once."""


@dataclass
class Part:
    """What a village adds: the sizes of its files, facts for the county, texts for the open data.

    `content` has the files where the village was read in this run, and is empty where nothing has changed.
    """

    key: str
    sizes: Sizes
    facts: Mapping[str, Any]
    content: Mapping[str, bytes] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    _path: Path | None = None
    _places: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def names(self) -> Iterator[str]:
        """Yield the names of its files."""
        return (f"{folder}/{name}" for folder, of in self.sizes.items() for name in of)

    def size(self, name: str) -> int:
        """Return how many bytes a text has."""
        return len(self.text(name)) if self._path is None else self._places.get(name, (0, 0))[1]

    def text(self, name: str) -> bytes:
        """Return a text as it is written, empty if the village has none of this name."""
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a text piece by piece, nothing if the village has none of this name."""
        if self._path is None:
            yield from filter(None, [self.texts.get(name, "").encode()])
            return
        start, size = self._places.get(name, (0, 0))
        if not size:
            return
        file = os.open(self._path, os.O_RDONLY)
        try:
            for at in range(start, start + size, PIECE):
                yield os.pread(file, min(PIECE, start + size - at), at)
        finally:
            os.close(file)


def kept(out: Path, village: str) -> Part | None:
    """Return what was kept of a village, None where there is nothing or it cannot be read."""
    path = out / FOLDER / village
    try:
        with path.open("rb") as file:
            line = file.readline()
            said = json.loads(line)
            start, places = len(line), {}
            for name, size in said["texts"]:
                places[name] = start, size
                start += size
            if file.seek(0, 2) != start:
                return None
        return Part(said["key"], said["sizes"], said["facts"], _path=path, _places=places)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(out: Path, village: str, part: Part) -> Part:
    """Keep a part for the next run, and return it as it is read back: its texts on the disk, not in memory."""
    texts = {name: text.encode() for name, text in part.texts.items()}
    sizes = [(name, len(text)) for name, text in texts.items()]
    head = {"key": part.key, "sizes": part.sizes, "facts": part.facts, "texts": sizes}
    line = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    replace_file(out / FOLDER / village, lambda file: file.writelines([line, *texts.values()]))
    found = kept(out, village)
    assert found is not None, "it was written just now"
    return found


def kept_pages(out: Path) -> dict[str, tuple[str, str]]:
    """Return what was kept of the pages of the county, nothing where it cannot be read."""
    try:
        said = json.loads((out / FOLDER / COUNTY).read_bytes())
        return {str(name): (str(of), str(digest)) for name, (of, digest) in said.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def keep_pages(out: Path, pages: Mapping[str, tuple[str, str]]) -> None:
    """Keep of what the pages of the county were made, for the next run."""
    replace_file(out / FOLDER / COUNTY, lambda file: file.write(json.dumps(pages, separators=(",", ":")).encode()))


def by_folder(sizes: Iterable[tuple[str, int]]) -> Sizes:
    """Return the sizes of files by folder."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for path, size in sizes:
        folder, _, name = path.rpartition("/")
        found[folder][name] = size
    return dict(found)


def there(part: Part, listed: Sizes) -> bool:
    """Tell whether the files of a part are there in their sizes; `listed` has those of each folder."""
    return all(of.items() <= listed.get(folder, {}).items() for folder, of in part.sizes.items())


def forget(out: Path, villages: set[str]) -> None:
    """Take away what was kept of villages that are no more."""
    folder = out / FOLDER
    if folder.is_dir():
        for path in folder.iterdir():
            if path.name not in villages | {COUNTY}:
                path.unlink()
