"""The files of a notice: page, proof, paper for the wall and spreadsheet; and what is not published yet, to look at.

The command line writes them, the desk hands them out: the same notice gives the same bytes at both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ledger import facts, keyring
from ledger.facts import Fact
from projects.errors import NoticeUnsigned
from projects.notices.content import Content, read
from projects.notices.names import PAGE, PAPER, PROOF, SHEET, stem
from projects.notices.page import render
from projects.notices.proof import covering, dump, prove
from projects.notices.publish import KIND
from projects.typeset.press import Size


@dataclass(frozen=True)
class Published:
    """A published notice with its proof."""

    fact: Fact
    content: Content
    proof: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return how its files begin."""
        return _name(self.fact, self.content)

    def file(self, ending: str, *, size: Size | None = None) -> bytes:
        """Return one of its files, made as it is asked for; `size` is that of the paper, None where it is to fit."""
        from projects.notices.sheet import sheet
        from projects.notices.wall import wall

        if ending == PAGE:
            return render(self.content, self.proof).encode()
        if ending == PROOF:
            return dump(self.proof).encode()
        return wall(self.content, self.proof, size=size).pdf if ending == PAPER else sheet(self.content, self.proof)


def with_files(notices: Iterable[Published]) -> Iterator[tuple[Published, dict[str, bytes]]]:
    """Yield notices, in their order, with their files by ending.

    The paper of one is set beside the other files and the next notice: the press does not need the interpreter.

    Raises:
        GlyphMissing: the fonts lack a character that one has.
    """
    with ThreadPoolExecutor(1) as press:
        before: tuple[Published, dict[str, bytes], Future[bytes]] | None = None
        for each in notices:
            # The page first: it draws the square code, which the paper has too.
            page = each.file(PAGE)
            paper = press.submit(each.file, PAPER)
            others = {PAGE: page, PROOF: each.file(PROOF), SHEET: each.file(SHEET)}
            if before:
                yield _whole(*before)
            before = each, others, paper
        if before:
            yield _whole(*before)


def _whole(notice: Published, others: dict[str, bytes], paper: Future[bytes]) -> tuple[Published, dict[str, bytes]]:
    return notice, others | {PAPER: paper.result()}


def find(connection: Connection, folder: Path, book: str, label: str, *, url: str = "") -> Published:
    """Return a published notice by its label; with the address of a site the square code leads to its page there.

    Raises:
        FactUnknown: the log has no such fact.
        NoticeUnsigned: it is no notice, or no checkpoint covers it yet.
    """
    fact = need_notice(connection, book, label)
    if not covering(connection, book, fact.position):
        raise NoticeUnsigned(fact=fact.label, book=book)
    content = read(book, fact.data)
    address = f"{url.rstrip('/')}/{_name(fact, content)}{PAGE}" if url else ""
    ring = keyring.load(connection, folder)
    return Published(fact, content, prove(connection, ring, fact, content, url=address))


def need_notice(connection: Connection, book: str, label: str) -> Fact:
    """Return the fact of a published notice.

    Raises:
        FactUnknown: the log has no such fact.
        NoticeUnsigned: it is no notice.
    """
    fact = facts.need(connection, book, label)
    if fact.kind != KIND:
        raise NoticeUnsigned(about="kind", fact=label, book=book)
    return fact


def preview(content: Content, ending: str, *, size: Size | None = None) -> bytes:
    """Return a page or a paper as it would be published: it says of itself that it is not, and has no code."""
    from projects.notices.wall import wall

    return render(content).encode() if ending == PAGE else wall(content, size=size).pdf


def _name(fact: Fact, content: Content) -> str:
    return stem(fact.log, fact.label, content.kind)
