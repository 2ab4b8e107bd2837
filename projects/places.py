"""Places by code: hamlets of villages, villages of townships and counties; a hamlet that was merged into another.

A hamlet (村民小组、自然村、屯) is named within its village, and written ``VILLAGE/NAME``. What a village belongs to
follows from its 12-digit division code, six digits for the county and nine for the township, or from the township that
the register names. Hamlets, mergers and division codes are facts of the village's book (`projects.life.villages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from ledger import facts
from ledger.errors import Unknown

DIVISIONS = {2, 4, 6, 9}
"""So many digits of a division code name a province, a city, a county, a township."""
LONGEST_DIVISION = 12


@dataclass(frozen=True)
class Merger:
    """From a day on a hamlet is a part of another one of its village."""

    hamlet: str
    into: str
    on: str
    label: str


@dataclass(frozen=True)
class Places:
    """All places, and which hamlet was merged into which; `hamlets` are the villages of hamlets by their code."""

    villages: Mapping[str, Mapping[str, str]]
    divisions: Mapping[str, str]
    hamlets: Mapping[str, str]
    mergers: tuple[Merger, ...]
    _of_village: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Put hamlets to their villages."""
        for code, village in self.hamlets.items():
            self._of_village.setdefault(village, []).append(code)

    def hamlets_of(self, village: str, on: str) -> list[str]:
        """Return the hamlets of a village that stand on a day: not those merged into another by then."""
        gone = {each.hamlet for each in self.mergers if each.on <= on}
        return [each for each in self._of_village.get(village, []) if each not in gone]

    def every_hamlet_of(self, village: str) -> list[str]:
        """Return the hamlets that a village ever had."""
        return self._of_village.get(village, [])

    def merged_into(self, hamlet: str, on: str) -> list[Merger]:
        """Return what was merged into a hamlet until a day."""
        return [each for each in self.mergers if each.into == hamlet and each.on <= on]

    def merged(self, hamlet: str) -> Merger | None:
        """Return into what a hamlet was merged, None if it stands."""
        return next((each for each in self.mergers if each.hamlet == hamlet), None)

    def villages_of(self, place: str) -> list[str]:
        """Return the villages of a place: a village, a township by code or name, a county, the whole office ("").

        Raises:
            Unknown: there is no such place.
        """
        if place in self.villages:
            return [place]
        named = [each for each, row in self.villages.items() if place in {"", row["township"]}]
        if not named and place.isascii() and place.isdigit() and len(place) in DIVISIONS:
            named = [each for each in self.villages if self.divisions.get(each, "").startswith(place)]
        if not named:
            raise Unknown(about="place", text=place)
        return named

    def village_of(self, place: str) -> str:
        """Return the village that a village or hamlet is, or belongs to.

        Raises:
            Unknown: it is neither.
        """
        if place in self.villages:
            return place
        if place in self.hamlets:
            return self.hamlets[place]
        raise Unknown(about="place", text=place)


def hamlet_code(village: str, name: str) -> str:
    """Return how a hamlet is written as a place."""
    return f"{village}/{name}"


def places(connection: Connection) -> Places:
    """Return all places as they are known now."""
    query = text("SELECT code, name, township FROM village ORDER BY code")
    villages = {row["code"]: dict(row) for row in connection.execute(query).mappings()}
    divisions = {code: code for code in villages if code.isdigit() and len(code) == LONGEST_DIVISION}
    hamlets: dict[str, str] = {}
    mergers: list[Merger] = []
    for (book,) in connection.execute(text("SELECT code FROM book ORDER BY code")):
        for each in facts.facts(connection, book, "division", "hamlet", "hamlet-merger"):
            village, name = each.subject, hamlet_code(each.subject, str(each.data.get("hamlet", "")))
            if each.kind == "division":
                divisions[village] = str(each.data.get("division", ""))
            elif each.kind == "hamlet":
                hamlets[name] = village
            else:
                mergers.append(Merger(name, hamlet_code(village, str(each.data.get("into", ""))), each.on, each.label))
    return Places(villages, divisions, hamlets, tuple(mergers))
