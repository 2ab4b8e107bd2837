"""A village's indicators as its book tells them: from the baseline to what was observed last, and what moved them."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib.resources import files
from operator import ge, gt, le, lt
from typing import Any

from projects.fava.auditor.view import View

Seen = tuple[str, int, int, str, str]
"""Day, numerator, denominator, evidence, and the voucher that says it, empty for none."""
_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass
class Series:
    """What was observed of an indicator, oldest first; what is aimed at, and what the exit scheme asks."""

    code: str
    seen: list[Seen] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)
    threshold: str = ""


@cache
def shipped(name: str) -> Mapping[str, Any]:
    """Return a data file of ours; a county's own is no part of the books."""
    return tomllib.loads(files("projects").joinpath(name).read_text(encoding="utf-8"))


def series(view: View) -> list[Series]:
    """Return the indicators of which the book tells anything."""
    found: dict[str, Series] = defaultdict(lambda: Series(""))
    for leaf in sorted(view.text.leaves, key=lambda each: each.position):
        said = leaf.data
        told = leaf.kind == "observation" or (leaf.kind == "fact" and said.get("of") == "observation")
        if told and isinstance(said.get("numerator"), int):
            day = str(said.get("observed_on") or said.get("on"))
            row = (day, said["numerator"], said["denominator"], str(said.get("evidence", "")), "")
            found[str(said.get("indicator"))].seen.append(row)
    for leaf in view.facts["indicator-target"]:
        found[str(leaf.data.get("indicator", leaf.data.get("subject")))].targets.append(dict(leaf.data))
    for voucher in view.text.vouchers:
        for key, value in voucher.facts.items():
            code = key.removeprefix("indicator-")
            top, slash, bottom = value.partition("/")
            if code != key and slash and top.isdigit() and bottom.isdigit() and voucher.number not in view.reversed_by:
                row = (voucher.entry.date.isoformat(), int(top), int(bottom), voucher.entry.narration, voucher.number)
                found[code].seen.append(row)
    schemes = shipped("exit-schemes.toml")
    wanted = {each["indicator"]: each["is"] for each in schemes["scheme"][schemes["default"]]["condition"]}
    for code, each in found.items():
        each.code, each.threshold = code, wanted.get(code, "")
        each.seen.sort()
    return sorted(found.values(), key=lambda each: each.code)


def name_of(code: str, lang: str) -> str:
    """Return an indicator's name, its code if it is a county's own."""
    return str(shipped("indicators.toml")["indicator"].get(code, {}).get(lang, code))


def meets(seen: Seen, threshold: str) -> bool:
    """Tell whether what was observed is within a threshold such as ``>= 1/1`` or ``< 4%``."""
    sign, wanted = threshold.split()
    share = Fraction(wanted.removesuffix("%")) / (100 if wanted.endswith("%") else 1)
    return seen[2] > 0 and _COMPARE[sign](Fraction(seen[1], seen[2]), share)
