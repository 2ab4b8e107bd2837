"""考核: what villages, units and persons made of the projects they answer for: on time, on budget, accepted, idle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, text

from ledger import register
from projects import registry
from projects.life import reviews
from projects.life.scene import Scene
from projects.types import Types

IDLE = timedelta(days=365)
"""Money that did not move for so long, and is neither owed nor held back, lies idle."""
GROUPS = ("village", "unit", "person")


@dataclass(frozen=True)
class Card:
    """How a project stands on a day, for those who answer for it; amounts in fen.

    `due` is whether its planned finish has come, approved adjustments counted; `late` by how many days it was accepted
    after that, or is still not accepted. `on_budget` is whether no channel was certified beyond its plan.
    """

    book: str
    village: str
    project: str
    unit: str
    person: str
    due: bool
    accepted: str
    late: int
    on_budget: bool
    idle: int
    satisfaction: str


@dataclass(frozen=True)
class Score:
    """Who is looked at, over how many projects: those due, accepted, accepted in time, within budget; idle fen."""

    of: str
    projects: int
    due: int
    accepted: int
    on_time: int
    on_budget: int
    late_days: int
    idle: int


def cards(connection: Connection, on: date, types: Types, *, year: int | None = None) -> Iterator[Card]:
    """Yield a card for every project of every book, or for those that were to be finished in a year."""
    for book in register.list_books(connection):
        still = _still(connection, book.code, on)
        for row in registry.list_projects(connection, book.code):
            scene = Scene(connection, book.code, row["code"], on, types)
            finish = scene.detail["planned-finish"]
            if year is None or finish.startswith(f"{year:04}-"):
                yield _card(scene, book.village, finish, still.get(row["code"], set()))


def scores(found: list[Card], by: str) -> list[Score]:
    """Return the cards summed up for each village, unit or person, those who answer for nothing named last."""
    who: Mapping[str, Callable[[Card], str]] = {
        "village": lambda card: card.village,
        "unit": lambda card: card.unit,
        "person": lambda card: card.person,
    }
    of: dict[str, list[Card]] = {}
    for card in found:
        of.setdefault(who[by](card), []).append(card)
    return [
        Score(
            of=name,
            projects=len(cards_),
            due=sum(card.due for card in cards_),
            accepted=sum(bool(card.accepted) for card in cards_),
            on_time=sum(bool(card.accepted) and not card.late for card in cards_),
            on_budget=sum(bool(card.accepted) and card.on_budget for card in cards_),
            late_days=sum(card.late for card in cards_),
            idle=sum(card.idle for card in cards_),
        )
        for name, cards_ in sorted(of.items(), key=lambda item: (not item[0], item[0]))
    ]


def _card(scene: Scene, village: str, finish: str, still: set[str]) -> Card:
    accepted = next((each.date for each in scene.vouchers("acceptance")), "")
    until = date.fromisoformat(accepted) if accepted else scene.on
    late = max(0, (until - date.fromisoformat(finish)).days) if finish else 0
    review = scene.told.last(reviews.KIND)
    # What is owed and what is held back has to be there.
    free = {channel: each.cash - each.owed - each.retention for channel, each in scene.money.items()}
    return Card(
        book=scene.book,
        village=village,
        project=scene.project,
        unit=scene.detail["responsible"],
        person=scene.detail.get("contact", ""),
        due=bool(finish) and finish <= scene.on.isoformat(),
        accepted=accepted,
        late=late,
        on_budget=all(each.certified <= each.planned for each in scene.money.values()),
        idle=sum(max(0, fen) for channel, fen in free.items() if channel in still),
        satisfaction=str(review.data.get("satisfaction", "")) if review else "",
    )


def _still(connection: Connection, book: str, on: date) -> dict[str, set[str]]:
    """Return by project the channels whose cash did not move for a year."""
    found: dict[str, set[str]] = {}
    for project, channel in connection.execute(_CASH, {"book": book, "since": (on - IDLE).isoformat()}):
        found.setdefault(project, set()).add(channel)
    return found


_CASH = text(
    "SELECT a.project, p.commodity FROM posting p "
    "JOIN account a ON a.book = p.book AND a.name = p.account AND a.role IN ('bank', 'cash') "
    "JOIN voucher v ON v.book = p.book AND v.seq = p.seq WHERE p.book = :book "
    "GROUP BY a.project, p.commodity HAVING max(v.date) < :since"
)
