"""季度评估: each quarter every running project is looked at: progress, money, satisfaction; and a verdict follows."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from ledger import money
from ledger.errors import Phrase
from projects.errors import ReviewUnfit
from projects.life.requests import Review, said
from projects.life.scene import Scene
from projects.life.telling import Telling

KIND = "review"
"""The kind of the fact."""
_QUARTER = re.compile(r"([0-9]{4})-?[Qq]([1-4])")


def review(scene: Scene, ask: Review) -> Telling:
    """Record how a project stood at the end of a quarter; its money is taken from the ledger.

    Raises:
        ReviewUnfit: the quarter is none, is not over, or was reviewed; mending without a day, leaving without a reason.
    """
    found = _QUARTER.fullmatch(ask.quarter.strip())
    if found is None:
        raise ReviewUnfit(about="quarter", text=ask.quarter)
    quarter = f"{found[1]}Q{found[2]}"
    if ask.date <= last_day(quarter):
        raise ReviewUnfit(about="early", quarter=quarter, on=last_day(quarter).isoformat())
    for each in scene.told.all("review", quarter=quarter):
        raise ReviewUnfit(about="twice", quarter=quarter, fact=each.label, project=ask.project)
    if ask.verdict == "mend" and (ask.mend_by is None or ask.mend_by < ask.date):
        raise ReviewUnfit(about="mend")
    if ask.verdict != "go-on" and not ask.reason:
        raise ReviewUnfit(about="reason", verdict=Phrase("projects", f"verdict.{ask.verdict}"))
    if ask.progress is None:
        raise ReviewUnfit(about="progress")
    names = ("verdict", "mend_by", "reason")
    shares = {"progress": f"{ask.progress.normalize():f}%"}
    if ask.satisfaction is not None:
        shares["satisfaction"] = f"{ask.satisfaction.normalize():f}%"
    return Telling(KIND, ask.project, said(ask, *names) | {"quarter": quarter} | shares | {"money": money_of(scene)})


def last_day(quarter: str) -> date:
    """Return the last day of a quarter such as ``2024Q3``."""
    year, number = int(quarter[:4]), int(quarter[5])
    return date(year, number * 3, 31 if number in {1, 4} else 30)


def money_of(scene: Scene) -> dict[str, Any]:
    """Return what the ledger says of a project's money, in yuan."""
    sums = scene.sums
    names = ("planned", "allotted", "received", "certified", "paid", "cash")
    return {name: money.plain(getattr(sums, name)) for name in names}
