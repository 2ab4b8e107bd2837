"""Pages from sheets: templates, the words of the catalogue, and figures as people read them."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket

from ledger.money import FEN_PER_WAN, plain, yuan
from projects import indicators, types
from projects.credit import proportions
from projects.disclosure import keys, located
from projects.disclosure.layout import TOGETHER, Layout, cut, cut_contracts, lay_out
from projects.disclosure.likes import LEAST, Kind, likes, ticks
from projects.disclosure.posted import NEWEST
from projects.disclosure.shown import PERSONS, Listed, PageSheet, told
from projects.exits import Scheme, Source, Threshold
from projects.indicators import Indicators
from projects.policy.numbers import MARKS, Mark
from projects.sheets.village import ProjectSheet
from projects.tongues import TAGS, TRADITIONAL, Tongue, Words
from projects.types import Types
from projects.units import called, grouped, priced, unit

UNSURE: Mark = "?"
SIGNS = {"<": "below", "<=": "at-most", ">": "above", ">=": "at-least"}
HOTLINE = "12317"
"""扶贫监督举报电话, the national hotline that stands at the foot of notices."""

INDEX, COSTS, FEED, STYLE = "index.html", "costs.html", "feed.xml", "style.css"
LIST, SEARCH, POSTED = "projects.html", "search.html", "notices.html"
NOTICES = 30
"""So many notices stand on one page at most."""
CHINA_DAY = "{}T00:00:00+08:00"
RECENT = 50
"""So many villages stand in the feed at most."""

Lay = Callable[[PageSheet], Layout]


@dataclass(frozen=True)
class Unwritten:
    """A page or a file before it is written; `of` says all that it is made of beside what the whole site shares.

    Two of the same name and the same `of` are the same bytes, so that what stands there need not be made again.
    """

    of: str
    write: Callable[[], bytes]


class _Compiled(FileSystemBytecodeCache):
    """What templates were compiled to: all languages have the same, and to compile takes longer than a village's pages.

    It is kept where Python keeps what it compiled of this module, and is that of this program alone.
    """

    def __init__(self) -> None:
        super().__init__(str(Path(cache_from_source(__file__)).parent))
        self._codes: dict[tuple[str, str], CodeType] = {}

    def get_source_checksum(self, source: str) -> str:
        """Return what compiled code is of: a template, and the program that has it compiled, with its libraries."""
        return keys.digest([keys.program(), source])

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load what was compiled, from memory or from the disk."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            with suppress(OSError):
                super().load_bytecode(bucket)
            self._remember(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, on the disk where Python may write there."""
        self._remember(bucket)
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)

    def _remember(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


class Pages:
    """Writes pages in one language; `demonstration` puts the banner on each of them, `feed` says that there is one.

    `folders` has the folder of each language of the site; each page leads to itself in the others.
    """

    def __init__(
        self,
        tongue: Tongue,
        *,
        demonstration: bool,
        folders: Mapping[Tongue, str] | None = None,
        known: Indicators | None = None,
        scheme: Scheme | None = None,
        kinds: Types | None = None,
        feed: bool = False,
    ) -> None:
        self.tongue = tongue
        self._folders = folders or {tongue: ""}
        self._words = Words(tongue)
        self.say, self.own = self._words.say, self._words.own
        self._names = {each: Words(each).say(f"tongue.{each.lower()}") for each in self._folders}
        self._indicators = indicators.shipped() if known is None else known
        self._environment = Environment(
            loader=PackageLoader("projects.disclosure", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=_COMPILED,
            # Templates do not change while a site is written: nobody looks at their files for each page.
            auto_reload=False,
        )
        lang = self._words.lang
        self._environment.globals |= {
            "t": self.say,
            "event": lambda name: self._word("event", name),
            "kind": lambda name: self.own(types.name_of(kinds or types.shipped(), name, lang)),
            "yuan": yuan,
            "wan": self._wan,
            "share": share,
            "percent": percent,
            "indicator": self._indicator,
            "party": lambda name: self.say("persons") if name == PERSONS else name,
            "hotline": HOTLINE,
            "notice_title": lambda kind: self._words.text(f"paper.title.{kind}"),
            "newest": NEWEST,
            "proportions": lambda shares: proportions([each.paid for each in shares], 1000),
            "grouped": grouped,
            "measured": self._measured,
            "small": lambda unit: self.own(unit.called(lang)),
            "unit_of": lambda small: self.own(unit(small).called(lang)),
            "least": LEAST,
            "moment": CHINA_DAY.format,
            "scheme": self.own(scheme.name(lang)) if scheme else "",
            "cite": self._cite,
            "limit": self._limit,
            "demonstration": demonstration,
            "feed": feed,
            "tag": TAGS[tongue],
            "turned": tongue == TRADITIONAL and len(self._folders) > 1,
            **located.words(self.say),
        }

    @property
    def folder(self) -> str:
        """Return the folder of this language."""
        return self._folders[self.tongue]

    @property
    def script(self) -> str:
        """Return in which characters what was typed stands: as it was typed, or in traditional ones."""
        return TRADITIONAL if self.tongue == TRADITIONAL else "typed"

    def turned(self, sheet: PageSheet) -> PageSheet:
        """Return a village's sheet in the characters of this language."""
        return told(sheet, lambda _field, text: self.own(text)) if self.tongue == TRADITIONAL else sheet

    def county(self, villages: Sequence[Listed], *, data: bool = False, costs: bool = False) -> dict[str, Unwritten]:
        """Return the page of all villages by township; where they are many, one of townships and one of each of these.

        The data of each is as old as the last voucher of the books that it lists. `data` says that open data lie
        beside it, `costs` that there is a page of what units cost.
        """
        townships: dict[str, list[Listed]] = {}
        for each in villages:
            townships.setdefault(each.township, []).append(self.listed(each))
        date = max((each.date for each in villages), default="")
        more = {"date": date, "data": data, "costs": costs}
        # Townships stand in the order of what was typed, and their pages are named by it: so they are in each language.
        named = [(self.own(name), page_of(name), rows) for name, rows in sorted(townships.items())]
        if len(villages) <= TOGETHER:
            marks = located.villages(each for _, _, rows in named for each in rows)
            found = [(name, rows) for name, _, rows in named]
            return {INDEX: self.later("index.html", INDEX, townships=found, located=marks, **more)}
        pages = dict(each for name, page, rows in named for each in self._township(name, page, rows))
        index = self.later("townships.html", INDEX, townships=named, located=located.townships(named), **more)
        return pages | {INDEX: index}

    def _township(self, name: str, page: str, rows: Sequence[Listed]) -> Iterator[tuple[str, Unwritten]]:
        """Yield the pages of a township by name."""
        date = max(each.date for each in rows)
        parts = [rows[start : start + TOGETHER] for start in range(0, len(rows), TOGETHER)]
        names = numbered(page, len(parts))
        for number, part in enumerate(parts, 1):
            marks = located.villages(part)
            facts = {"township": name or self.say("villages"), "rows": part, "located": marks}
            yield (
                names[number - 1],
                self.later("township.html", names[number - 1], names=names, number=number, date=date, **facts),
            )

    def costs(self, ranked: Mapping[Kind, Sequence[int]], date: str) -> Unwritten:
        """Return the page of what units cost, kind by kind: figures to the fen, no project and no village by name."""
        kinds = [((kind, priced(small)), likes(of), ticks(of)) for (kind, small), of in ranked.items()]
        return self.later(COSTS, COSTS, kinds=kinds, date=date)

    def feed(self, villages: Sequence[Listed], *, url: str, author: str, updated: str) -> Unwritten:
        """Return the Atom feed: the villages whose books were written in last."""
        rows = sorted((each for each in villages if each.date), key=lambda each: (each.date, each.book), reverse=True)
        shown = [self.listed(each) for each in rows[:RECENT]]
        return self.later(FEED, FEED, rows=shown, url=url, author=author, updated=updated)

    def book(self, sheet: PageSheet, lay: Lay = lay_out) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of every page of a book, the names within the folder of this language.

        `lay` says how its projects lie on its pages.
        """
        sheet = self.turned(sheet)
        for name, page in self.village(sheet, lay):
            yield f"{sheet.book.code}/{name}", page
        for name, page in self.notices(sheet):
            yield f"{sheet.book.code}/{name}", page
        for project in sheet.projects:
            for name, page in self.project(sheet, project):
                yield f"{sheet.book.code}/{name}", page

    def village(self, sheet: PageSheet, lay: Lay = lay_out) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of the page of a village's book, and of those on which its projects go on."""
        layout = lay(sheet)
        names = layout.names
        for number, name in enumerate(names, 1):
            template = "village.html" if number == 1 else "projects.html"
            facts = {"sheet": sheet, "layout": layout, "rows": layout.parts[number - 1], "names": names}
            at = f"{sheet.book.code}/{name}"
            yield name, self.render(template, at, number=number, date=sheet.listed.date, **facts)

    def notices(self, sheet: PageSheet) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of the pages of all notices of a book, where they are more than its own page has."""
        if len(sheet.notices) <= NEWEST:
            return
        parts = [sheet.notices[start : start + NOTICES] for start in range(0, len(sheet.notices), NOTICES)]
        names = numbered(POSTED, len(parts))
        for number, (name, part) in enumerate(zip(names, parts, strict=True), 1):
            facts = {"sheet": sheet, "rows": part, "names": names, "number": number, "date": sheet.listed.date}
            yield name, self.render(POSTED, f"{sheet.book.code}/{name}", **facts)

    def project(self, village: PageSheet, sheet: ProjectSheet) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of a project's page, and of those on which its lists go on.

        Lists go on where a page would become too heavy for a telephone. They are in the order of the seals, so a
        voucher stays on the page where it first stood.
        """
        lists: dict[str, list[Any]] = {
            "receipts": list(cut(sheet.receipts)),
            "payments": list(cut(sheet.payments)),
            "contracts": list(cut_contracts(sheet.contracts)),
        }
        names = numbered(f"{sheet.project['code']}.html", max(1, *map(len, lists.values())))
        for number, name in enumerate(names):
            rows = {key: found[number] if number < len(found) else [] for key, found in lists.items()}
            whole = {"contracts_whole": len(lists["contracts"]) <= 1}
            facts = {"village": village, "sheet": sheet, "number": number + 1, "names": names, **rows, **whole}
            at = f"{village.book.code}/{name}"
            yield name, self.render("project.html", at, date=village.listed.date, **facts)

    def later(self, template: str, at: str, **facts: object) -> Unwritten:
        """Return a page to be rendered; what it is made of is all that its template is given."""
        return Unwritten(repr((template, at, facts)), partial(self.render, template, at, **facts))

    def render(self, template: str, at: str, **facts: object) -> bytes:
        """Return a page; `at` is its name within the folder of a language, the same in each."""
        home = "../" * at.count("/")
        top = "../" * (self.folder + at).count("/")
        tongues = [
            {"tag": TAGS[each], "name": self._names[each], "page": f"{top}{folder}{at}", "here": each == self.tongue}
            for each, folder in self._folders.items()
        ]
        found = self._environment.get_template(template)
        return found.render(facts, home=home, top=top, tongues=tongues, page_name=at).encode()

    def listed(self, row: Listed) -> Listed:
        """Return the line of a village in the characters of this language."""
        return replace(row, township=self.own(row.township), name=self.own(row.name))

    def _cite(self, source: Source) -> str:
        """Return where a rule stands and how sure that is: what was not read in its source never looks as if it was."""
        cite = " ".join(each for each in (source.document, source.number, source.date) if each)
        return self.say(
            "exit-source",
            cite=self.own(cite),
            mark=self._words.text(f"policy.mark.{MARKS[source.mark or UNSURE]}"),
        )

    def _limit(self, threshold: Threshold) -> str:
        """Return a threshold as villagers read it."""
        if (threshold.sign, threshold.part) == (">=", threshold.whole):
            return self.say("exit-all")
        limit = threshold.plain.removeprefix(threshold.sign).strip()
        return self.say(f"exit-sign.{SIGNS[threshold.sign]}", limit=limit)

    def _word(self, table: str, name: str) -> str:
        """Return the word that the whole application has for an event."""
        key = f"{table}.{name}"
        return self._words.text(key) if self._words.has(key) else self.say("other")

    def _measured(self, text: str) -> str:
        """Return a number with its unit as readers of this language know it: 3.5 公里 is 3.5 km."""
        number, _, unit_name = text.strip().rpartition(" ")
        return f"{number} {called(unit_name, self._words.lang)}" if number else text.strip()

    def _wan(self, fen: int) -> str:
        """Return an amount in 万元 with at most two decimals, empty below 1 万元; it says so if it is rounded."""
        if abs(fen) < FEN_PER_WAN:
            return ""
        rounded = plain((abs(fen) + 5_000) // 10_000).rstrip("0").rstrip(".")
        key = "wan" if fen % 10_000 == 0 else "wan-about"
        return self.say(key, wan=f"-{rounded}" if fen < 0 else rounded)

    def _indicator(self, name: str) -> Mapping[str, Any]:
        """Return what a page says of an indicator; of one whose file is gone, no more than its code."""
        row = self._indicators.get(name)
        if row is None:
            return {"name": name, "of": "", "falling": False, "is_share": True}
        return {
            "name": self.own(row.name(self._words.lang)),
            "of": self.own(row.of(self._words.lang)),
            "falling": row.falling,
            "is_share": row.is_share,
        }


def page_of(township: str, about: str = "township") -> str:
    """Return the name of a township's page: made of its name, so that it stays when another one comes."""
    return f"{about}-{hashlib.sha256(township.encode()).hexdigest()[:8]}.html"


def numbered(page: str, count: int) -> list[str]:
    """Return the names of so many pages, the first as it is, the others with their number."""
    stem = page.removesuffix(".html")
    return [page, *(f"{stem}-{number}.html" for number in range(2, count + 1))]


def share(part: int, whole: int) -> int:
    """Return a part in thousandths of the whole, rounded down, so that 1000 is said of nothing unfinished."""
    return 0 if whole <= 0 else max(0, part) * 1000 // whole


def percent(thousandths: int) -> str:
    """Return thousandths as a percentage with one decimal: 360 is ``36.0%``."""
    return f"{plain(thousandths, 1)}%"
