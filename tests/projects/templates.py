"""What shows each entry template: read from `tests/data/templates.txt`, beside the chart's own word of what it draws on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ledger import chart

DATA = Path(__file__).parents[1] / "data"
NEVER = "– "
"""What stands before the reason why no clerk can draw an account below its floor by this event."""
CHART = chart.load()


@dataclass
class Shown:
    """The case that makes a template's entry, and by role the case that is refused there, or why none can be."""

    entry: str = ""
    floors: dict[str, str] = field(default_factory=dict)


def shown() -> dict[str, Shown]:
    """Return what is written of each template."""
    found: dict[str, Shown] = {}
    template = ""
    for line in (DATA / "templates.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            template = line.strip()
            assert template not in found, f"{template} stands there twice"
            found[template] = Shown()
            continue
        name, _, case = line.strip().partition(": ")
        if name == "entry":
            found[template].entry = case
        else:
            found[template].floors[name] = case
    return found


def drawn_on(template: str) -> dict[str, int]:
    """Return the roles with a floor that a template draws on, with the sign of its line; `fund` is any fund."""
    found = {}
    for sign, role, _ in CHART.events[template]:
        # Every fund is a credit account with a floor.
        normal, floor = (-1, True) if role == "fund" else (CHART.roles[role].normal, CHART.roles[role].floor)
        if floor and sign * normal < 0:
            found[role] = sign
    return found


def refused_at(case: str) -> set[str]:
    """Return the roles at which a case is said to be refused, empty where nothing is said of it."""
    return {role for each in shown().values() for role, name in each.floors.items() if name == case}
