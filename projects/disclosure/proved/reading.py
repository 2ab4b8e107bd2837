"""The words of a page that its proof is about, each with where it stands; and what on the page could hide or add some.

A proved block is marked ``data-proof``, a part that is not proved ``data-stated``. In a block only elements and
attributes may be that pages have; a label that a narrow screen shows before a cell is a word, and so is a bar's length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})
TAGS = frozenset(
    "section h1 h2 h3 p ul ol li span strong small svg rect "  # noqa: SIM905 - one word after the other
    "table caption thead tbody tfoot tr th td time a code pre".split()
)
ATTRIBUTES = frozenset(
    "data-proof data-page data-label data-proof-file data-stated class scope href rowspan "  # noqa: SIM905 - one word after the other
    "viewbox preserveaspectratio aria-hidden width height".split()
)
FORBIDDEN = frozenset("script style iframe object embed form base frame frameset template".split())  # noqa: SIM905
"""What no page of a site has: it could show other words than those that stand there."""
AMOUNT = re.compile(
    r"-?[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}(?![0-9%])(?= ?(?:元|yuan))|^-?[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}$"
)


Block = tuple[str, list[tuple[str, str]]]
"""A block's name and its words, each with where it stands."""


@dataclass
class Read:
    """A page as it was read: its name and language, the blocks with their words, headings of what is only stated.

    `outside` are amounts that stand in no block and in no part that is marked as stated. `proof` is where the page says
    that its proof lies.
    """

    page: str = ""
    lang: str = ""
    proof: str = ""
    note: str = ""
    blocks: list[Block] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    strange: str = ""


def read_page(page: str) -> Read:
    """Return what a page says."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Read()
        self._open: list[tuple[str, str]] = []
        self._heading = self._row = self._label = ""

    @property
    def _within(self) -> list[str]:
        """Return the marks of what is open: a block's name, ``stated``, or both."""
        return [mark for _, mark in self._open if mark]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in FORBIDDEN or "style" in said or "hidden" in said or any(name.startswith("on") for name in said):
            self._stray(tag)
        mark = said.get("data-proof", "") or ("stated" if "data-stated" in said else "")
        self._mark(tag, mark)
        self._note(tag, said)
        if tag not in VOID:
            self._open.append((tag, mark))
        if self._within and self._within != ["stated"]:
            self._element(tag, said)

    def _mark(self, tag: str, mark: str) -> None:
        """Begin a block; none begins within another, or within what is only stated."""
        if mark and mark != "stated" and self._within:
            self._stray(tag)
        elif mark and mark != "stated":
            self.found.blocks.append((mark, []))
            self._heading = self._row = self._label = ""

    def _note(self, tag: str, said: Mapping[str, str]) -> None:
        """Keep what the page says of itself."""
        if tag == "html":
            self.found.lang = said.get("lang", "")
        self.found.page = self.found.page or said.get("data-page", "")
        if "data-proof-file" in said:
            self.found.proof = self.found.proof or said.get("href", "")

    def _element(self, tag: str, said: Mapping[str, str]) -> None:
        """Read what an element of a block shows besides its text."""
        if tag not in TAGS or not set(said) <= ATTRIBUTES:
            self._stray(tag)
        if tag == "tr":
            self._row = ""
        if tag in {"td", "th", "li"}:
            self._label = said.get("data-label", "")
            if self._label:
                self._say(f"@{self._label}")
        if tag == "rect" and said.get("class") == "part":
            self._say(f"={said.get('width', '')}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._open.pop()
        else:
            self._stray(tag)

    def handle_data(self, data: str) -> None:
        text = data.strip()
        if not text:
            return
        within = self._open[-1][0] if self._open else ""
        if self._in_block():
            if within in {"h2", "h3", "caption"}:
                self._heading = text
            elif within == "th" and not self._row:
                self._row = text
            if within == "pre":
                self.found.note = data
            self._say(text)
        elif self._within == ["stated"]:
            if within == "h2":
                self.found.stated.append(text)
        elif within != "title":
            self.found.outside += AMOUNT.findall(text)

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - the parser gives it
        if self._in_block():
            self._stray("!--")

    def _in_block(self) -> bool:
        return bool(self._within) and "stated" not in self._within

    def _stray(self, tag: str) -> None:
        self.found.strange = self.found.strange or tag

    def _say(self, text: str) -> None:
        name, words = self.found.blocks[-1]
        where = " · ".join(each for each in (self._heading, self._row, self._label) if each)
        words.append((where or name, text))
