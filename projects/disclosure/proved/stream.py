"""A page as a stream: every start of an element with its attributes, every end, every text; what is only stated apart.

What a reader sees is in it, and what could change that: so a page is compared as a whole, and not for what looks like
an amount. A part that is not proved stands apart, with its place in the stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files

from projects.disclosure.pages import STYLE
from projects.disclosure.proved.reading import VOID

Token = tuple[str, ...]
"""``<`` with a tag and its attributes in order, ``>`` with a tag, ``=`` with a text, ``!`` with anything else."""
STATED = "data-stated"
PARTS = {
    "facts": ("", "glance"),
    "small-map": ("", "glance"),
    "hidden": ("", "glance"),
    "brought": ("brought", "receipts"),
    "own-notices": ("notice.title", "receipts"),
    "map": ("map.title", "words"),
    "notices": ("notice.title", "words"),
    "indicators": ("indicators", "words"),
    "exit": ("exit", "words"),
    "place": ("", "small"),
}
"""The parts that are stated, in their order: the key of their heading, and before what they stand."""
TAGS = frozenset(
    "section h2 h3 p table caption thead tbody tfoot tr th td small strong span a time ol ul li dl dt dd div "  # noqa: SIM905
    "figure figcaption svg title desc defs marker path rect circle text".split()
)
ATTRIBUTES = frozenset(
    "class scope colspan rowspan data-label data-stated href id role aria-hidden aria-labelledby "  # noqa: SIM905
    "viewbox preserveaspectratio width height x y cx cy r d markerunits markerwidth markerheight "
    "marker-start marker-mid".split()
)
LINK = re.compile(
    r"(?:\.\./|[A-Za-z0-9-]+/)?[A-Za-z0-9-]+\.html|"
    r"(?:\.\./){1,2}[A-Za-z0-9-]+/notices/[A-Za-z0-9-]+\.(?:html|pdf|xlsx|proof\.json)"
)
"""Where links of a stated part lead: a page beside, or a file of a notice."""
_MARKER = re.compile(r"url\(#mark-[a-z]+\)")
_STATES = {"planned", "underway", "accepted", "point", "line", "polygon"}


@dataclass
class Part:
    """A part that is stated: its name, the number of tokens before it, and its own."""

    name: str
    at: int
    tokens: list[Token] = field(default_factory=list)


class Stream:
    """The tokens of a page, and its stated parts in their order."""

    def __init__(self, page: str) -> None:
        reader = _Reader()
        reader.feed(page)
        reader.close()
        self.tokens, self.parts = reader.tokens, reader.parts


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[Token] = []
        self.parts: list[Part] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = [(name, value or "") for name, value in attrs]
        if not self._depth and STATED in dict(said):
            self.parts.append(Part(dict(said)[STATED], len(self.tokens)))
            self._depth = 1
        elif self._depth and tag not in VOID:
            self._depth += 1
        self._add(("<", tag, *(f"{name}={value}" for name, value in sorted(said))))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._add((">", tag))
        if self._depth:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._add(("=", data.strip()))

    def handle_decl(self, decl: str) -> None:
        self._add(("!", decl.lower()))

    def handle_comment(self, data: str) -> None:
        self._add(("!", f"<!--{data}-->"))

    def handle_pi(self, data: str) -> None:
        self._add(("!", data))

    def unknown_decl(self, data: str) -> None:
        self._add(("!", data))

    def _add(self, token: Token) -> None:
        (self.parts[-1].tokens if self._depth else self.tokens).append(token)


def differs(page: Stream, made: Stream) -> tuple[str, str] | None:
    """Return what a page has and what it should have where the two first differ, None where they are the same."""
    for index in range(max(len(page.tokens), len(made.tokens))):
        found = page.tokens[index] if index < len(page.tokens) else ()
        wanted = made.tokens[index] if index < len(made.tokens) else ()
        if found != wanted:
            return shown(found), shown(wanted)
    return None


def shown(token: Token) -> str:
    """Return a token as it is told to people."""
    if not token:
        return ""
    return {"<": f"<{' '.join(token[1:])}>", ">": f"</{token[-1]}>"}.get(token[0], token[-1])


def misplaced(page: Stream, headings: Mapping[str, str], parts: Mapping[str, tuple[str, str]] = PARTS) -> Iterator[str]:
    """Yield what of the stated parts has no place on a page: a part, or something in one. `headings` are by part."""
    order = list(parts)
    last = (0, -1)
    for part in page.parts:
        if part.name not in parts:
            yield part.name or STATED
            continue
        here = (part.at, order.index(part.name))
        follows = page.tokens[part.at] if part.at < len(page.tokens) else ()
        if here <= last or not _before(follows, parts[part.name][1]):
            yield part.name
        last = here
        yield from _strange(part, headings.get(part.name, ""))


def _before(token: Token, marks: str) -> bool:
    """Tell whether a token is the end of an element of one of these names, or begins one that is marked so."""
    named = {f"{name}={mark}" for mark in marks.split() for name in ("data-proof", "class")}
    return (token[:1] == (">",) and token[1] in marks.split()) or (
        token[:1] == ("<",) and not named.isdisjoint(token[2:])
    )


def _strange(part: Part, heading: str) -> Iterator[str]:
    """Yield what no stated part has: an element, an attribute, a class, a way out of the site, another heading."""
    within = ""
    for token in part.tokens:
        if token[0] == "!":
            yield shown(token)
        elif token[0] == "<":
            within = token[1]
            said = [each.partition("=")[::2] for each in token[2:]]
            if token[1] not in TAGS or any(not _fits(name, value) for name, value in said):
                yield shown(token)
        elif token[0] == "=" and within == "h2" and not (heading and token[1].startswith(heading)):
            yield token[1]


def _fits(name: str, value: str) -> bool:
    if name == "class":
        return set(value.split()) <= classes()
    if name == "href":
        return bool(LINK.fullmatch(value))
    if name in {"marker-start", "marker-mid"}:
        return bool(_MARKER.fullmatch(value))
    return name in ATTRIBUTES


@cache
def style() -> bytes:
    """Return the style sheet of the pages."""
    return files("projects.disclosure").joinpath("static", STYLE).read_bytes()


@cache
def classes() -> frozenset[str]:
    """Return the classes that the templates have."""
    found: set[str] = set()
    for each in files("projects.disclosure").joinpath("templates").iterdir():
        for names in re.findall(r'class="([^"]*)"', each.read_text(encoding="utf-8")):
            found |= set(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", names).split())
    return frozenset(found | _STATES)
