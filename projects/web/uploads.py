"""Papers handed in at the desk: photos, PDFs and OFDs, judged by what they are and not by what they are called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import puremagic
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from ledger.errors import DocumentUnreadable
from ledger.facts import Paper
from projects.desk import Desk
from projects.errors import PaperRefused
from projects.ofd import BEGINS, is_ofd
from projects.web.office import office

OFD = "application/ofd"
KINDS = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".ofd": (OFD, BEGINS),
}
"""What is taken: by the end of its name what it has to be, and with which bytes such a file begins."""
MOST = 20
"""So many papers a form carries at most."""
LONGEST = 120
_INNER = re.compile(r"[A-Za-z][A-Za-z0-9]{1,4}")
"""What looks like a kind of file in the middle of a name."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Taken:
    """A paper that lies in the workspace already; `token` is how the form names it, and nobody can make one up."""

    name: str
    kept: str
    token: str

    @property
    def file(self) -> str:
        """Return the name under which it is kept."""
        sha256, suffix, _ = self.kept.split("/")
        return f"{sha256}{suffix}"

    @property
    def paper(self) -> Paper:
        """Return it as a voucher names it."""
        sha256, suffix, size = self.kept.split("/")
        return sha256, suffix, int(size)

    @property
    def size(self) -> int:
        """Return how many bytes it has."""
        return int(self.kept.split("/")[2])


def take(desk: Desk, secret: str, files: Sequence[FileStorage], tokens: Sequence[str]) -> list[Taken]:
    """Keep what a form brings, after what it has brought before; the same paper twice is one.

    Raises:
        PaperRefused: one is none of the kinds that are taken, or called something else, or there are too many, in this
            form or of those that this person has handed in and nothing uses.
        DocumentUnreadable: one is empty or too large.
    """
    seal = _seal(desk, secret)
    found = [_again(desk, seal, token) for token in tokens if token]
    for each in files:
        if each.filename:
            with closing(each):
                kept = _keep(desk, each)
            found.append(Taken(each.filename, kept, str(seal.dumps([each.filename, kept]))))
    unique = list({each.file: each for each in found}.values())
    if len(unique) > MOST:
        raise PaperRefused(about="many", name=unique[-1].name, most=MOST)
    return unique


def again(desk: Desk, secret: str, tokens: Sequence[str]) -> list[Taken]:
    """Return the papers of a form that was laid aside, those that lie in the workspace still."""
    found = []
    for token in tokens:
        with suppress(PaperRefused):
            found += take(desk, secret, [], [token])
    return found


def kept(desk: Desk, secret: str, papers: Sequence[Paper], called: str) -> list[Taken]:
    """Return the papers that a draft of one's own has, each by its place: who handed it in called it otherwise."""
    seal = _seal(desk, secret)
    found = []
    for place, (sha256, suffix, size) in enumerate(papers, 1):
        name, at = f"{called} {place}{suffix}", f"{sha256}/{suffix}/{size}"
        found.append(Taken(name, at, str(seal.dumps([name, at]))))
    return found


def paths(desk: Desk, taken: Sequence[Taken]) -> list[Path]:
    """Return where papers lie."""
    return [desk.workspace.documents / each.file for each in taken]


def _seal(desk: Desk, secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"paper {desk.user} {desk.book}")


def _again(desk: Desk, seal: URLSafeSerializer, token: str) -> Taken:
    try:
        name, kept = seal.loads(token)
    except (BadData, ValueError, TypeError):
        raise PaperRefused(about="lost", name="") from None
    taken = Taken(str(name), str(kept), token)
    if not (desk.workspace.documents / taken.file).is_file():
        raise PaperRefused(about="lost", name="")
    return taken


def _keep(desk: Desk, handed: FileStorage) -> str:
    shown, suffix = named(handed, KINDS)
    content = content_of(desk, handed, shown)
    kind, first = KINDS[suffix]
    if not content.startswith(first) or _kind_of(content) != kind:
        raise PaperRefused(about="content", name=shown, suffix=suffix)
    unused, file = office().unused, f"{hashlib.sha256(content).hexdigest()}{suffix}"
    unused.sweep()
    unused.need_room(desk.user, file, len(content), shown)
    kept = desk.keep_content(content, suffix)
    unused.note(desk.user, file)
    return kept


def content_of(desk: Desk, handed: FileStorage, shown: str) -> bytes:
    """Return what was handed in, no more of it than the settings allow.

    Raises:
        DocumentUnreadable: it is empty or too large.
    """
    limit = desk.workspace.settings.document_limit_mb
    content = handed.stream.read(limit * 1_000_000 + 1)
    if not content:
        raise DocumentUnreadable(about="empty", path=shown)
    if len(content) > limit * 1_000_000:
        raise DocumentUnreadable(about="large", path=shown, limit=limit)
    return content


def named(handed: FileStorage, kinds: Collection[str], *, about: str = "") -> tuple[str, str]:
    """Return the name as it is shown, and its end: it is nothing but a name, and has one end only, of these kinds.

    Raises:
        PaperRefused: it is not; `about` says which kinds are taken.
    """
    name = handed.filename or ""
    shown = _UNSEEN.sub("?", name)[:LONGEST]
    if len(name) > LONGEST or _UNSEEN.search(name) or re.search(r"[/\\:<>|\"]|^\.", name):
        raise PaperRefused(about="name", name=shown)
    *inner, last = name.split(".")
    suffix = f".{last.lower()}"
    if not inner or suffix not in kinds:
        raise PaperRefused(about=about, name=shown)
    if any(_INNER.fullmatch(each) for each in inner[1:]):
        raise PaperRefused(about="double", name=shown)
    return shown, suffix


def _kind_of(content: bytes) -> str:
    """Return what a file is by its content, "" where nobody knows."""
    if content.startswith(BEGINS):
        return OFD if is_ofd(content) else ""
    try:
        return str(puremagic.magic_string(content)[0].mime_type)
    except (puremagic.PureError, ValueError, IndexError):
        return ""
