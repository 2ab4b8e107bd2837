"""Checking a page with nothing but the page and its proof: no record, no office, no network.

What is shown: the figures, lists and contracts of the page are those that the leaves make, which the office signed; the
vouchers are numbered without a gap. What is not: what the report names as stated, and the office's word for what is
withheld. The pages are made again from the leaves, by the same templates, and compared word by word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from itertools import zip_longest
from typing import Any

from ledger.errors import NoteUnfit
from projects.disclosure.pages import Pages
from projects.disclosure.proved.opened import Opened, open_proof
from projects.disclosure.proved.reading import Block, Read, read_page
from projects.disclosure.proved.report import Report
from projects.disclosure.proved.sheet import layout_of, parts_of, sheet_of, unsigned_parts
from projects.disclosure.proved.stream import PARTS, Stream, differs, misplaced
from projects.disclosure.proved.stream import style as shipped_style
from projects.disclosure.shown import Listed, PageSheet
from projects.notices.given import Keys
from projects.tongues import TAGS, Tongue, Words

_FOLDER = re.compile(r"(?:[A-Za-z-]+/)?")
_TONGUES: Mapping[str, Tongue] = {tag: tongue for tongue, tag in TAGS.items()}


class Proved:
    """A proof with the pages that it makes, for many pages of one book.

    `trusted` are the office's keys where they are known from elsewhere.
    """

    def __init__(self, proof_text: str, *, trusted: Keys = ()) -> None:
        self._report = Report()
        self._opened: Opened | None = None
        self._sheet: PageSheet | None = None
        self._made: dict[str, dict[str, bytes]] = {}
        self._parsed: dict[tuple[str, str], tuple[Read, Stream]] = {}
        try:
            self._opened = open_proof(self._report, proof_text, trusted)
            _site(self._opened.stated["site"])
            self._sheet = sheet_of(self._opened)
            layout_of(self._opened, self._sheet)
        except NoteUnfit:
            self._report.find("signature")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._report.find("form")

    @property
    def opened(self) -> bool:
        """Tell whether the proof could be opened; what is wrong with its leaves is told by every check."""
        return self._sheet is not None

    @property
    def book(self) -> str:
        """Return the code of the book, empty where the proof could not be opened."""
        return self._opened.book if self._opened else ""

    @property
    def places(self) -> tuple[tuple[Tongue, str], ...]:
        """Return the languages of the site with the folder of each, as the proof states them; of an opened proof."""
        assert self._opened, "only an opened proof is asked"
        return _site(self._opened.stated["site"])[0]

    @property
    def sheet(self) -> PageSheet:
        """Return the sheet of which the proof makes pages; of an opened proof."""
        assert self._sheet, "only an opened proof is asked"
        return self._sheet

    @property
    def listed(self) -> Listed:
        """Return the line of the book on the page of all villages; of an opened proof."""
        return self.sheet.listed

    def pages(self, tongue: Tongue) -> Pages:
        """Return what writes pages in a language; of an opened proof."""
        assert self._opened, "only an opened proof is asked"
        return _pages(tongue, *_site(self._opened.stated["site"]))

    def made(self, tongue: Tongue) -> Mapping[str, bytes]:
        """Return the pages of the book in a language by their names, as the proof makes them; of an opened proof."""
        return self._made_in(TAGS[tongue], tongue)

    def check(self, page: str | None, style: bytes | None = None, *, at: tuple[Tongue, str] | None = None) -> Report:
        """Return what is found of a page; of the proof alone where there is none.

        `style` is the style sheet of the page where it is at hand: another one could hide what stands on it. `at` is
        the language and the name of the page that has to be in this place.
        """
        report = Report(**{**vars(self._report), "problems": list(self._report.problems)})
        if page is None or self._opened is None or self._sheet is None:
            return report
        read = read_page(page)
        report.page, report.stated = read.page, read.stated
        report.part = parts_of(self._opened, self._opened.withheld, self._projects(read))
        report.unsigned = unsigned_parts(self._opened, self._projects(read))
        if at and (read.lang, read.page) != (TAGS[at[0]], at[1]):
            report.find("place", found=f"{read.page} {read.lang}".strip(), expected=f"{at[1]} {TAGS[at[0]]}")
            return report
        if read.page and "/" not in read.page:
            report.find("county", page=read.page)
            return report
        _compare_notes(report, read, self._opened)
        made = self._made_page(read)
        if made is None:
            report.find("page", page=read.page, book=self._opened.book)
            return report
        _compare(report, read, made[0])
        _compare_all(report, page, made[1], Words(_TONGUES[read.lang]))
        report.styled = style is not None
        if style is not None and style != shipped_style():
            report.find("style")
        return report

    def _projects(self, read: Read) -> set[str]:
        """Return the projects that a page is about: the one of its name, or all."""
        every = {str(code) for code, *_ in self._opened.stated["projects"]} if self._opened else set()
        named = read.page.rpartition("/")[2].removesuffix(".html").partition("-")[0]
        return {named} if named in every else every

    def _made_page(self, read: Read) -> tuple[Read, Stream] | None:
        """Return the page as the proof makes it, None where the book has none of this name."""
        tongue = _TONGUES.get(read.lang)
        if tongue is None or self._opened is None or self._sheet is None:
            return None
        page = self._made_in(read.lang, tongue).get(read.page)
        if page is not None and (read.lang, read.page) not in self._parsed:
            self._parsed[read.lang, read.page] = read_page(page.decode()), Stream(page.decode())
        return self._parsed.get((read.lang, read.page))

    def _made_in(self, lang: str, tongue: Tongue) -> Mapping[str, bytes]:
        if lang not in self._made and self._opened and self._sheet:
            try:
                self._made[lang] = dict(self.pages(tongue).book(self._sheet, partial(layout_of, self._opened)))
            except (ValueError, KeyError, TypeError, AttributeError):
                self._made[lang] = {}
        return self._made.get(lang, {})


@cache
def _pages(tongue: Tongue, places: tuple[tuple[Tongue, str], ...], demonstration: bool, feed: bool) -> Pages:
    return Pages(tongue, folders=dict(places), demonstration=demonstration, feed=feed)


def _site(told: Mapping[str, Any]) -> tuple[tuple[tuple[Tongue, str], ...], bool, bool]:
    """Return what is stated of the site: the folders of its languages, whether it has a banner and a feed.

    Raises:
        ValueError, KeyError, TypeError: no language is told or one that is not known, or a folder leads elsewhere.
    """
    places = tuple((_TONGUES[TAGS[tongue]], str(folder)) for tongue, folder in told["places"])
    if not places or not all(_FOLDER.fullmatch(folder) for _, folder in places):
        raise ValueError(places)
    return places, told["demonstration"] is True, told["feed"] is True


def _compare_all(report: Report, page: str, wanted: Stream, words: Words) -> None:
    """Compare all of a page with the one that was made; the parts that are only stated have their places."""
    found = Stream(page)
    other = differs(found, wanted)
    if other and not report.problems:
        report.find("frame", found=other[0], expected=other[1])
    headings = {name: words.say(key, scheme="") for name, (key, _) in PARTS.items() if key}
    for strange in [] if other else misplaced(found, headings):
        report.find("stated", found=strange)


def _compare_notes(report: Report, read: Read, opened: Opened) -> None:
    """Make sure that page and proof are under the same checkpoint."""
    if read.note.strip() == opened.note.strip():
        return
    origin, size, *_ = [*read.note.strip().split("\n"), "", ""]
    if origin != opened.checkpoint.origin:
        report.find("other-book", found=origin, expected=opened.checkpoint.origin)
    else:
        report.find("checkpoint", found=size, expected=opened.checkpoint.size)


def _compare(report: Report, read: Read, expected: Read) -> None:
    """Compare every word of the proved blocks with what the leaves make."""
    if read.strange:
        report.find("markup", tag=read.strange)
    for amount in read.outside:
        report.find("outside", found=amount)
    for block, wanted in zip_longest(read.blocks, expected.blocks):
        if block is None or wanted is None or block[0] != wanted[0]:
            report.find("block", where=_heading(wanted or block))
            return
    for (name, words), (_, right) in zip(read.blocks, expected.blocks, strict=True):
        if name == "title" and words:
            report.title = words[0][1]
        report.words += len(right)
        _compare_words(report, words, right)


def _heading(block: Block | None) -> str:
    """Return what a block is called: its first word, which is its heading."""
    return block[1][0][1].lstrip("@=") if block and block[1] else ""


def _compare_words(report: Report, words: list[tuple[str, str]], wanted: list[tuple[str, str]]) -> None:
    for index, (where, said) in enumerate(wanted):
        shown = words[index][1] if index < len(words) else ""
        if shown != said:
            report.find("word", where=where, found=shown.lstrip("@="), expected=said.lstrip("@="))
            return
    if len(words) > len(wanted):
        where, said = words[len(wanted)]
        report.find("more", where=where, found=said)
