"""Pages from sheets: templates, the words of the catalogue, and figures as people read them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import escape

from ledger import messages
from ledger.messages import Lang
from ledger.money import FEN_PER_WAN, plain, yuan
from projects import indicators, types
from projects.credit import proportions
from projects.disclosure import located
from projects.disclosure.likes import LEAST, Kind, likes, ticks
from projects.disclosure.movements import Movement
from projects.disclosure.sheets import Listed, ProjectSheet, VillageSheet
from projects.disclosure.shown import PERSONS
from projects.exits import Scheme, Source, Threshold
from projects.indicators import Indicators
from projects.policy.numbers import MARKS, Mark
from projects.types import Types
from projects.units import grouped, priced, unit

UNSURE: Mark = "?"
SIGNS = {"<": "below", "<=": "at-most", ">": "above", ">=": "at-least"}
HOTLINE = "12317"
"""扶贫监督举报电话, the national hotline that stands at the foot of notices."""

ROOM = 16_000
"""Bytes of a page that a list may fill: with both lists and everything above them it stays below 50 KB."""

INDEX, COSTS, FEED = "index.html", "costs.html", "feed.xml"
CHINA_DAY = "{}T00:00:00+08:00"
TOGETHER = 100
"""So many villages stand on one page at most; it stays below 50 KB."""
RECENT = 50
"""So many villages stand in the feed at most."""
ROW = 240
PART = 110
"""Bytes of a voucher in a list, without the payee, and of each of its channels."""


class Pages:
    """Writes pages in one language; `demonstration` puts the banner on each of them, `feed` says that there is one."""

    def __init__(
        self,
        lang: Lang,
        *,
        demonstration: bool,
        known: Indicators | None = None,
        scheme: Scheme | None = None,
        kinds: Types | None = None,
        feed: bool = False,
    ) -> None:
        self._lang = lang
        self._indicators = indicators.shipped() if known is None else known
        self._environment = Environment(
            loader=PackageLoader("projects.disclosure", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "t": self._say,
            "event": lambda name: self._word("event", name),
            "kind": lambda name: types.name_of(kinds or types.shipped(), name, lang),
            "yuan": yuan,
            "wan": self._wan,
            "share": share,
            "percent": percent,
            "indicator": self._indicator,
            "party": lambda name: self._say("persons") if name == PERSONS else name,
            "hotline": HOTLINE,
            "proportions": lambda shares: proportions([each.paid for each in shares], 1000),
            "grouped": grouped,
            "small": lambda unit: unit.called(lang),
            "unit_of": lambda small: unit(small).called(lang),
            "least": LEAST,
            "scheme": scheme.name(lang) if scheme else "",
            "cite": self._cite,
            "limit": self._limit,
            "demonstration": demonstration,
            "feed": feed,
            **located.words(self._say),
        }

    def county(self, villages: Sequence[Listed], *, data: bool = False, costs: bool = False) -> dict[str, bytes]:
        """Return the page of all villages by township; where they are many, one of townships and one of each of these.

        Its data is as old as the last voucher of any book. `data` says that open data lie beside it, `costs` that
        there is a page of what units cost.
        """
        townships: dict[str, list[Listed]] = {}
        for each in villages:
            townships.setdefault(each.township, []).append(each)
        date = max((each.date for each in villages), default="")
        more = {"root": "", "date": date, "data": data, "costs": costs}
        if len(villages) <= TOGETHER:
            rows = located.villages(villages)
            return {INDEX: self._render("index.html", townships=sorted(townships.items()), located=rows, **more)}
        named = [(name, _page_of(name), rows) for name, rows in sorted(townships.items())]
        pages = {
            page: self._render(
                "township.html",
                root="",
                township=name or self._say("villages"),
                rows=rows,
                date=date,
                located=located.villages(rows),
            )
            for name, page, rows in named
        }
        index = self._render("townships.html", townships=named, located=located.townships(named), **more)
        return pages | {INDEX: index}

    def costs(self, ranked: Mapping[Kind, Sequence[int]], date: str) -> bytes:
        """Return the page of what units cost, kind by kind: figures to the fen, no project and no village by name."""
        kinds = [((kind, priced(small)), likes(of), ticks(of)) for (kind, small), of in ranked.items()]
        return self._render(COSTS, root="", kinds=kinds, date=date)

    def feed(self, villages: Sequence[Listed], *, url: str, author: str, updated: str) -> bytes:
        """Return the Atom feed: the villages whose books were written in last."""
        rows = sorted((each for each in villages if each.date), key=lambda each: (each.date, each.book), reverse=True)
        return self._render(
            FEED,
            root="",
            rows=rows[:RECENT],
            url=url,
            author=author,
            updated=updated,
            moment="{}T00:00:00+08:00".format,
        )

    def village(self, sheet: VillageSheet) -> bytes:
        """Return the page of a village's book."""
        return self._render("village.html", root="../", sheet=sheet, date=sheet.listed.date)

    def project(self, village: VillageSheet, sheet: ProjectSheet) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of a project's page, and of those on which its lists go on.

        Lists go on where a page would become too heavy for a telephone. They are in the order of the seals, so a
        voucher stays on the page where it first stood.
        """
        receipts, payments = list(cut(sheet.receipts)), list(cut(sheet.payments))
        code = sheet.project["code"]
        names = [
            f"{code}.html" if number == 0 else f"{code}-{number + 1}.html"
            for number in range(max(1, len(receipts), len(payments)))
        ]
        for number, name in enumerate(names):
            yield (
                name,
                self._render(
                    "project.html",
                    root="../",
                    village=village,
                    sheet=sheet,
                    receipts=receipts[number] if number < len(receipts) else [],
                    payments=payments[number] if number < len(payments) else [],
                    number=number + 1,
                    names=names,
                    date=village.listed.date,
                ),
            )

    def _render(self, template: str, **facts: object) -> bytes:
        return self._environment.get_template(template).render(facts).encode()

    def _say(self, key: str, /, **facts: object) -> str:
        return messages.text("projects", f"disclosure.{key}", self._lang, **facts)

    def _cite(self, source: Source) -> str:
        """Return where a rule stands and how sure that is: what was not read in its source never looks as if it was."""
        cite = " ".join(each for each in (source.document, source.number, source.date) if each)
        return self._say(
            "exit-source",
            cite=cite,
            mark=messages.text("projects", f"policy.mark.{MARKS[source.mark or UNSURE]}", self._lang),
        )

    def _limit(self, threshold: Threshold) -> str:
        """Return a threshold as villagers read it."""
        if (threshold.sign, threshold.part) == (">=", threshold.whole):
            return self._say("exit-all")
        limit = threshold.plain.removeprefix(threshold.sign).strip()
        return self._say(f"exit-sign.{SIGNS[threshold.sign]}", limit=limit)

    def _word(self, table: str, name: str) -> str:
        """Return the word that the whole application has for an event."""
        key = f"{table}.{name}"
        known = messages.has("projects", key, self._lang)
        return messages.text("projects", key, self._lang) if known else self._say("other")

    def _wan(self, fen: int) -> str:
        """Return an amount in 万元 with at most two decimals, empty below 1 万元; it says so if it is rounded."""
        if abs(fen) < FEN_PER_WAN:
            return ""
        rounded = plain((abs(fen) + 5_000) // 10_000).rstrip("0").rstrip(".")
        key = "wan" if fen % 10_000 == 0 else "wan-about"
        return self._say(key, wan=f"-{rounded}" if fen < 0 else rounded)

    def _indicator(self, name: str) -> Mapping[str, Any]:
        """Return what a page says of an indicator; of one whose file is gone, no more than its code."""
        row = self._indicators.get(name)
        if row is None:
            return {"name": name, "of": "", "falling": False, "is_share": True}
        return {
            "name": row.name(self._lang),
            "of": row.of(self._lang),
            "falling": row.falling,
            "is_share": row.is_share,
        }


def _page_of(township: str) -> str:
    """Return the name of a township's page: made of its name, so that it stays when another one comes."""
    return f"township-{hashlib.sha256(township.encode()).hexdigest()[:8]}.html"


def cut(movements: Sequence[Movement]) -> Iterator[list[Movement]]:
    """Yield a list in pieces that each fit the room that a page has for it."""
    piece: list[Movement] = []
    size = 0
    for movement in movements:
        weight = ROW + PART * len(movement.parts) + len(str(escape(movement.voucher.payee)).encode())
        if piece and size + weight > ROOM:
            yield piece
            piece, size = [], 0
        piece.append(movement)
        size += weight
    if piece:
        yield piece


def share(part: int, whole: int) -> int:
    """Return a part in thousandths of the whole, rounded down, so that 1000 is said of nothing unfinished."""
    return 0 if whole <= 0 else max(0, part) * 1000 // whole


def percent(thousandths: int) -> str:
    """Return thousandths as a percentage with one decimal: 360 is ``36.0%``."""
    return f"{plain(thousandths, 1)}%"
