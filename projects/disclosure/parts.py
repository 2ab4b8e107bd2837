"""What each village adds to a site, kept beside it, so that the next run reads only the villages that have changed.

A kept part holds nothing that is not in the site: texts of the open data, and what the pages of the county say of the
village. It is a line of JSON, and behind it the texts, one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from projects.disclosure.folder import replace_file

FOLDER = ".earmark-parts"


@dataclass
class Part:
    """What a village adds: files by name with their sizes, facts for the county, texts for the open data.

    `content` has the files where the village was read in this run, and is empty where nothing has changed.
    """

    key: str
    sizes: Mapping[str, int]
    facts: Mapping[str, Any]
    content: Mapping[str, bytes] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    _path: Path | None = None
    _places: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def text(self, name: str) -> bytes:
        """Return a text as it is written, empty if the village has none of this name."""
        if self._path is None:
            return self.texts.get(name, "").encode()
        start, size = self._places.get(name, (0, 0))
        if not size:
            return b""
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read(size)


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


def there(part: Part, listed: Mapping[str, Mapping[str, int]]) -> bool:
    """Tell whether the files of a part are there in their sizes; `listed` has those of each folder."""
    placed = ((name.rpartition("/"), size) for name, size in part.sizes.items())
    return all(listed.get(folder, {}).get(name) == size for (folder, _, name), size in placed)


def forget(out: Path, villages: set[str]) -> None:
    """Take away what was kept of villages that are no more."""
    folder = out / FOLDER
    if folder.is_dir():
        for path in folder.iterdir():
            if path.name not in villages:
                path.unlink()
