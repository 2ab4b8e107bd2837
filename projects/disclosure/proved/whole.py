"""The check of a folder: all pages that its proofs make are there and right, and what no proof covers is named.

A page does not say of itself whether it is to be checked: whoever changes a figure would take that away, too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from projects.disclosure.pages import STYLE
from projects.disclosure.proved.check import Proved
from projects.disclosure.proved.county import PAGE, County, check_county, known_of
from projects.disclosure.proved.data import FILES, Data, check_data
from projects.disclosure.proved.proof import NAME
from projects.disclosure.proved.reading import read_page
from projects.disclosure.proved.report import Problem, Report
from projects.notices.check import check as check_notice
from projects.notices.given import Keys
from projects.notices.names import CHECKER
from projects.notices.names import PAGE as NOTICE
from projects.notices.names import PROOF as NOTICE_PROOF
from projects.tongues import TONGUES, Tongue

LINKED_STYLE = re.compile(r'<link rel="stylesheet" href="((?:\.\./)*style\.css)">')
_POSTED = re.compile(r"notices(?:-[0-9]+)?\.html")

Read = Callable[[Path], str]


@dataclass
class Whole:
    """What was found in a folder.

    `pages` are those of villages with their reports, `county` those of all villages by language's folder, `notices`
    and `checkers` further pages with what is wrong with each, `data` files of open data with what was found in each,
    `proofs` proofs that are wrong themselves. `unproved` are
    pages that no proof covers, `absent` pages that a proof makes and that are not there. `keys` has by key whose logs
    it signed, `foreign` by proof how many of its earlier checkpoints another key has signed.
    """

    pages: list[tuple[Path, Report]] = field(default_factory=list)
    county: list[tuple[Path, County]] = field(default_factory=list)
    notices: list[tuple[Path, list[Problem]]] = field(default_factory=list)
    checkers: list[tuple[Path, list[Problem]]] = field(default_factory=list)
    data: list[tuple[Path, Data]] = field(default_factory=list)
    proofs: list[tuple[Path, list[Problem]]] = field(default_factory=list)
    absent: list[Path] = field(default_factory=list)
    unproved: list[Path] = field(default_factory=list)
    keys: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    foreign: dict[Path, int] = field(default_factory=dict)
    books: int = 0

    @property
    def looked_at(self) -> int:
        """Return how many pages and files were compared, or should be there."""
        county = sum(len(each.problems) for _, each in self.county)
        others: tuple[Sized, ...] = (self.pages, self.notices, self.checkers, self.data, self.absent)
        return county + sum(map(len, others))

    def problems(self) -> Iterator[tuple[Path, Problem]]:
        """Yield what is wrong, each with the file that it is in."""
        for path, problems in self.proofs:
            yield from ((path, each) for each in problems)
        for path, report in self.pages:
            yield from ((path, each) for each in report.problems)
        for folder, county in self.county:
            yield from ((folder / name, each) for name, of in county.problems.items() for each in of)
        for path, problems in (*self.notices, *self.checkers):
            yield from ((path, each) for each in problems)
        for path, data in self.data:
            yield from ((path, each) for each in data.problems)
        for path in self.absent:
            yield path, ("absent", {})


class Site:
    """A site as its proofs know it: the books that lie in one folder, with the languages that they say it has."""

    def __init__(self, root: Path, books: dict[str, Proved]) -> None:
        self.root, self.books = root, books

    @cached_property
    def places(self) -> dict[Tongue, str]:
        """Return the folder of each language, as the first of the proofs states it."""
        return dict(next(iter(self.books.values())).places)

    def keys(self) -> dict[str, set[str]]:
        """Return by key the logs whose checkpoints it has signed."""
        found: dict[str, set[str]] = defaultdict(set)
        for proved in self.books.values():
            report = proved.check(None)
            found[report.vkey].add(report.origin)
        return found

    def made(self) -> Iterator[tuple[Path, Proved, Tongue, str]]:
        """Yield the pages of villages that there have to be: each with its proof, its language and its name."""
        for proved in self.books.values():
            for tongue, place in proved.places:
                for name in proved.made(tongue):
                    yield self.root / place / name, proved, tongue, name

    def county(self, tongue: Tongue, read: Read) -> County:
        """Return what is found on the pages of all villages in a language."""
        folder = self.root / self.places[tongue]
        found = {each.name: read(each) for each in sorted(folder.glob("*.html")) if PAGE.fullmatch(each.name)}
        any_book = next(iter(self.books.values()))
        return check_county(any_book.pages(tongue), found, known_of([each.listed for each in self.books.values()]))

    def data(self, read: Read) -> Iterator[tuple[Path, Data]]:
        """Yield the files of open data that tell of money, with what is found in each."""
        sheets = {book: proved.sheet for book, proved in self.books.items()}
        for name in FILES:
            path = self.root / name
            if path.is_file():
                yield path, check_data(name, read(path), sheets)


def sites(proofs: dict[Path, Proved]) -> list[Site]:
    """Return the sites that proofs belong to: a proof lies in the folder of its book, the style sheet above it."""
    roots: dict[Path, dict[str, Proved]] = defaultdict(dict)
    for path, proved in sorted(proofs.items()):
        if proved.opened and path.parent.name == proved.book and (path.parent.parent / STYLE).is_file():
            roots[path.parent.parent][proved.book] = proved
    return [Site(root, books) for root, books in roots.items()]


def said_wrong(site: Site) -> list[Problem]:
    """Return what is wrong with the proofs of a site themselves."""
    return [problem for proved in site.books.values() for problem in proved.check(None).problems]


def site_of(page: Path, read: Read, *, trusted: Keys = ()) -> Site | None:
    """Return the site in which a page of all villages lies, None where there is none with a proof."""
    named = LINKED_STYLE.search(read(page))
    if named is None or not PAGE.fullmatch(page.name):
        return None
    root = (page.parent / named[1]).resolve().parent
    proofs = {each: Proved(read(each), trusted=trusted) for each in sorted(root.glob(f"*/{NAME}"))}
    of = next((each for each in sites(proofs) if each.root == root), None)
    told = {(root / place).resolve() for place in of.places.values()} if of else set()
    return of if page.parent.resolve() in told else None


def style_of(page: Path, read: Read) -> bytes | None:
    """Return the style sheet of a page where it lies in the site, or beside the page; None where it is not at hand."""
    named = LINKED_STYLE.search(read(page))
    there = [page.parent / named[1], page.with_name(STYLE)] if named else []
    return next((each.read_bytes() for each in there if each.is_file()), None)


def notice_proof_of(page: Path) -> Path:
    """Return where the proof of a notice lies: beside its page, under the same name."""
    return page.with_name(page.name.removesuffix(NOTICE) + NOTICE_PROOF)


def check_folder(folder: Path, read: Read, proof_of: Callable[[Path, str], Path], *, trusted: Keys) -> Whole:
    """Check everything in a folder that a proof covers; `proof_of` says where the proof lies that a page names.

    Raises:
        Refusal: a page names a proof that is not there.
    """
    folder = folder.resolve()
    whole = Whole()
    proofs = {each: Proved(read(each), trusted=trusted) for each in sorted(folder.rglob(NAME))}
    for each in (each for each in sorted(folder.rglob("*.html")) if each not in proofs):
        if (of := read_page(read(each)).proof) and (path := proof_of(each, of)) not in proofs:
            proofs[path] = Proved(read(path), trusted=trusted)
    done: set[Path] = set()
    for path, proved in proofs.items():
        report = proved.check(None)
        whole.keys[report.vkey].add(report.origin)
        whole.foreign[path] = report.foreign
        if report.problems:
            whole.proofs.append((path, report.problems))
    for site in sites(proofs):
        done |= set(_site(whole, folder, site, read))
        if site.root.is_relative_to(folder):
            whole.data += site.data(read)
    for page in sorted(folder.rglob("*.html")):
        if page not in done:
            _other(whole, page, read, proof_of, proofs, trusted)
    whole.books = len(proofs)
    return whole


def _site(whole: Whole, folder: Path, site: Site, read: Read) -> Iterator[Path]:
    """Check the pages that a site's proofs make, and yield those that are looked at."""
    for path, proved, tongue, name in site.made():
        if not path.is_relative_to(folder):
            continue
        yield path
        if path.is_file():
            whole.pages.append((path, proved.check(read(path), style_of(path, read), at=(tongue, name))))
        else:
            whole.absent.append(path)
    for tongue, place in site.places.items():
        there = site.root / place
        if not there.is_relative_to(folder):
            continue
        county = site.county(tongue, read)
        whole.county.append((there, county))
        yield from (there / name for name in county.problems)
        checker = there / CHECKER
        if checker.is_file():
            whole.checkers.append((checker, _is_checker(read(checker), tongue)))
            yield checker


def _is_checker(page: str, *tongues: Tongue) -> list[Problem]:
    """Return what is wrong with a page that checks: it is not the program's in one of these languages."""
    from projects.disclosure.proved.verifier import verifier

    return [] if page in map(verifier, tongues) else [("checker", {})]


def _other(
    whole: Whole,
    page: Path,
    read: Read,
    proof_of: Callable[[Path, str], Path],
    proofs: dict[Path, Proved],
    trusted: Keys,
) -> None:
    """Check a page that no proof of a site makes: a notice, what checks it, a page saved apart, one without a proof."""
    if page.name == CHECKER:
        whole.checkers.append((page, _is_checker(read(page), *TONGUES)))
        return
    beside = notice_proof_of(page)
    said = read_page(read(page))
    if beside.is_file():
        report = check_notice(read(beside), read(page), trusted=trusted)
        whole.keys[report.vkey].add(report.origin)
        whole.foreign[beside] = report.foreign
        whole.notices.append((page, [(f"notice-{code}", facts) for code, facts in report.problems]))
    elif said.proof:
        proved = proofs[proof_of(page, said.proof)]
        whole.pages.append((page, proved.check(read(page), style_of(page, read))))
    elif page.with_name(NAME) in proofs and not _POSTED.fullmatch(page.name):
        book = proofs[page.with_name(NAME)].book
        whole.proofs.append((page, [("page", {"page": page.name, "book": book})]))
    else:
        whole.unproved.append(page)
