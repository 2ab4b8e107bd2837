"""Forms that are not finished: what was typed is kept for who typed it, in files of their own beside the record.

Nothing of it comes into the record, its logs, the books or a backup; why, says
`docs/decisions/0040-the-form-of-an-event.md`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ledger.store.workspace import Clock

FOLDER = "unfinished"
KEPT = timedelta(days=30)
MOST = 20
"""So many forms of one person are kept; of more the oldest goes."""
LARGEST = 64_000
"""A form of so many bytes is kept; one bill of quantities of a thousand items is less."""
ALWAYS = frozenset({"date"})
"""What is filled in before anybody types."""
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Unfinished:
    """A form as far as it is filled in; `papers` are the tokens of what was handed in with it, `at` is when."""

    book: str
    verb: str
    key: str
    typed: Mapping[str, str]
    papers: Sequence[str]
    at: str


class Forms:
    """The unfinished forms of one workspace; a folder for each person, a file for each form, their owner's only."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder / FOLDER
        self._clock = clock
        self._done: deque[tuple[str, str]] = deque(maxlen=1000)

    def keep(
        self, user: str, book: str, verb: str, key: str, typed: Mapping[str, str], papers: Sequence[str] = ()
    ) -> str:
        """Keep what was typed and return since when it is kept, "" where there is nothing to keep or too much of it.

        Each is written whole, and the disk is not waited for: a power cut may cost what was typed last.
        What comes late of a form that became a draft meanwhile is not kept.
        """
        said = {name: text for name, text in typed.items() if text}
        if not _KEY.fullmatch(key) or (user, key) in self._done:
            return ""
        if not said.keys() - ALWAYS and not papers:
            self._path(user, key).unlink(missing_ok=True)
            return ""
        at = self._clock().isoformat(timespec="seconds")
        content = json.dumps(asdict(Unfinished(book, verb, key, said, list(papers), at)), ensure_ascii=False).encode()
        if len(content) > LARGEST:
            return ""
        target = self._path(user, key)
        fresh = not target.exists()
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = target.with_name(f"{secrets.token_hex(8)}.partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(content)
        try:
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        if fresh:
            for _, path in self._of(user)[MOST:]:
                path.unlink(missing_ok=True)
        return at

    def of(self, user: str, book: str) -> Sequence[Unfinished]:
        """Return a person's unfinished forms of a book, the newest first."""
        return [form for form, _ in self._of(user) if form.book == book]

    def one(self, user: str, book: str, key: str) -> Unfinished | None:
        """Return one of a person's unfinished forms, None where there is none."""
        return next((each for each in self.of(user, book) if each.key == key), None)

    def drop(self, user: str, key: str, *, done: bool = False) -> None:
        """Throw one away; one that is `done` became a draft, and does not come back."""
        if done:
            self._done.append((user, key))
        if _KEY.fullmatch(key):
            self._path(user, key).unlink(missing_ok=True)

    def papers(self) -> Iterator[str]:
        """Yield the tokens of the papers that go with somebody's form."""
        for _, form in self._all():
            yield from form.papers if form else ()

    def forget(self, name: str) -> int:
        """Throw away everybody's forms in which a name stands, and return how many: the person was erased."""
        self.tidy()
        gone = [path for path, form in self._all() if form and any(name in text for text in form.typed.values())]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def tidy(self) -> int:
        """Throw away everybody's forms that are too old, and what cannot be read; return how many."""
        gone = [path for path, form in self._all() if form is None]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _all(self) -> Iterator[tuple[Path, Unfinished | None]]:
        for path in self._folder.glob("*/*.json"):
            yield path, self._read(path)

    def _of(self, user: str) -> list[tuple[Unfinished, Path]]:
        """Return a person's forms that are not too old, the newest first."""
        found = [(form, path) for path in self._path(user, "").parent.glob("*.json") if (form := self._read(path))]
        return sorted(found, key=lambda each: (each[0].at, each[0].key), reverse=True)

    def _read(self, path: Path) -> Unfinished | None:
        """Return a form, None where it is too old or half written."""
        try:
            form = Unfinished(**json.loads(path.read_bytes()))
            kept = self._clock() - datetime.fromisoformat(form.at) <= KEPT
        except (OSError, ValueError, TypeError):
            return None
        return form if kept else None

    def _path(self, user: str, key: str) -> Path:
        return self._folder / hashlib.sha256(user.encode()).hexdigest()[:32] / f"{key}.json"
