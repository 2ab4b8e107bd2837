"""A notice as a page: plain semantic HTML in one file, with its style and a code that leads to its proof."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ledger import messages, signing
from ledger.messages import Lang
from projects.notices.content import Content
from projects.notices.names import CHECKER, PROOF, stem
from projects.typeset.square import square

ALLOWED = frozenset(
    "html head meta title style body main aside footer h1 p dl dt dd div "  # noqa: SIM905 - one word after the other
    "table caption thead tbody tr th td svg path a".split()
)
SILENT = frozenset({"title", "style"})
VOID = frozenset({"meta"})
PROOF_LINES = ("place", "root", "how")
LINKS = ("proof", "check")
"""To what lies beside the page, wherever it is taken: its proof, and the page that checks it."""
AMOUNT = re.compile(r"-?[0-9][0-9,]*\.[0-9]{2}|")


def render(content: Content, proof: Mapping[str, Any] | None = None) -> str:
    """Return the page of a notice; the same notice and proof give the same bytes.

    Without a proof it is one to look at before it is published, and says so where the proof would stand.
    """
    code = square(code_text(proof)) if proof else None
    return _template().render(
        content=content,
        is_amount=AMOUNT.fullmatch,
        html_lang="zh-CN" if content.lang == "zh" else "en",
        style=style(),
        code=code.svg_inline(omitsize=True, svgclass=None, lineclass=None, border=2) if code else "",
        proof_words=Page.proof_words(content, proof) if proof else [unpublished(content)],
        links=Page.links(content, proof) if proof else [],
    )


@cache
def _template() -> Template:
    """Return the template of a notice, compiled once."""
    environment = Environment(
        loader=PackageLoader("projects.notices", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("notice.html")


@cache
def style() -> str:
    """Return the style of a notice."""
    return files("projects.notices").joinpath("templates", "notice.css").read_text(encoding="utf-8")


def code_text(proof: Mapping[str, Any]) -> str:
    """Return what the square code holds: the address of the proof, or the checkpoint itself where there is none."""
    return str(proof["url"]) or str(proof["checkpoint"])


def unpublished(content: Content) -> str:
    """Return what stands on a notice that is not published yet."""
    return messages.text("projects", "paper.unpublished", cast("Lang", content.lang))


class Page:
    """What can be read off a page."""

    @staticmethod
    def proof_words(content: Content, proof: Mapping[str, Any]) -> list[str]:
        """Return the lines below a notice that tell where it stands in the log."""
        lines = signing.read_note(str(proof["checkpoint"])).text.split("\n")
        lang = cast("Lang", content.lang)
        facts = {"log": lines[0], "size": lines[1], "root": lines[2], "place": f"F{proof['notice']['position']}"}
        said = [messages.text("projects", f"paper.proof-{each}", lang, **facts) for each in PROOF_LINES]
        return [*said, str(proof["url"])] if proof["url"] else said

    @staticmethod
    def links(content: Content, proof: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return where the links below a notice lead, and what they say."""
        begins = stem(content.book, f"F{proof['notice']['position']}", content.kind)
        said = (messages.text("projects", f"paper.to-{each}", cast("Lang", content.lang)) for each in LINKS)
        return list(zip((begins + PROOF, CHECKER), said, strict=True))

    @staticmethod
    def words(page: str) -> list[str] | None:
        """Return the visible texts of a page in order, None where something on it may show more than its text."""
        reader = _Reader()
        reader.feed(page)
        reader.close()
        return None if reader.strange or reader.style != style() else reader.found


class _Reader(HTMLParser):
    """Reads visible texts; an element or attribute that a notice does not have is strange."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.style = ""
        self.strange = False
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {"lang", "charset", "name", "content", "class", "scope", "viewbox", "d", "transform", "stroke", "fill"}
        known |= {"http-equiv", "colspan", "xmlns", "aria-hidden", "data-label", "href"}
        if tag not in ALLOWED or any(name not in known for name, _ in attrs):
            self.strange = True
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open[-1:] == [tag]:
            self._open.pop()
        elif tag != "path":
            self.strange = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        within = self._open[-1] if self._open else ""
        if within == "style":
            self.style += data
        elif within not in SILENT and data.strip():
            self.found.append(data.strip())

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - the parser gives it
        self.strange = True
