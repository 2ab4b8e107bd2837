"""A reconciliation in two columns: the bank's lines at the left, vouchers at the right, and why they stand so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from projects.reconciliation import choices, wording
from projects.reconciliation.choices import Choices
from projects.reconciliation.matching import Match
from projects.reconciliation.reconcile import Reconciliation
from projects.reconciliation.sides import AtBank, InBook
from projects.reconciliation.suggestions import Suggestion

UNSURE = ("payee", "sum", "late")
"""What was found in these ways a person looks at before it is recorded."""
MOST = 400
"""So many rows of a kind stand on a page; all of them stand in the spreadsheet."""


@dataclass(frozen=True)
class Row:
    """Lines and vouchers beside each other; `step` is what a button asks for that parts them."""

    lines: tuple[AtBank, ...]
    vouchers: tuple[InBook, ...]
    why: str
    step: str = ""
    draft: str = ""
    """The draft that waits for the line."""
    suggested: str = ""
    can_draft: bool = False


@dataclass(frozen=True)
class Columns:
    """The rows of a page, and by kind how many there are."""

    proposed: Sequence[Row]
    sure: Sequence[Row]
    off: Sequence[Row]
    lines: Sequence[Row]
    vouchers: Sequence[Row]
    apart: Sequence[Row]
    earlier: Sequence[Row]
    counts: Mapping[str, int]


def columns(
    found: Reconciliation, chosen: Choices, suggestions: Iterable[Suggestion], say: Callable[..., str]
) -> Columns:
    """Return a reconciliation as rows of two columns; `chosen` is what a person decided of it."""
    suggested = {each.line.key: each for each in suggestions}
    rows: dict[str, list[Row]] = {name: [] for name in Columns.__dataclass_fields__ if name != "counts"}
    for each in found.matches:
        unsure = each.by in (*UNSURE, "hand") or len(each.lines) + len(each.vouchers) > 2  # noqa: PLR2004 - a pair
        rows["proposed" if unsure else "sure"].append(_matched(each, say))
    for label, each in found.apart.items():
        why = say("web.match.said-apart", fact=label)
        rows["apart"].append(Row(each.lines, each.vouchers, why, step=f"propose:{label}"))
    for each in found.earlier:
        rows["earlier"].append(Row(each.lines, each.vouchers, say("web.match.by-earlier")))
    for found_of in found.differences:
        if found_of.kind == "late":
            continue  # it stands with what is proposed
        line, voucher = found_of.line, found_of.voucher
        key = line.key if line else ""
        kind = "off" if line and voucher else "apart" if key in chosen.apart else "lines" if line else "vouchers"
        hint = suggested.get(key)
        row = Row(
            (line,) if line else (),
            (voucher,) if voucher else (),
            say(
                "web.match.why", kind=say(f"reconcile.kind-{found_of.kind}"), says=wording.remark(found_of, found, say)
            ),
            step=f"again:{key}" if kind == "apart" else "",
            draft=found.drafts.get(key, ""),
            suggested=wording.suggestion(hint, say) if hint else "",
            can_draft=bool(hint and hint.verb),
        )
        rows[kind].append(row)
    for of_kind in rows.values():
        of_kind.sort(key=lambda row: (row.lines or row.vouchers)[0].date)
    counts = {name: len(of_kind) for name, of_kind in rows.items()}
    return Columns(**{name: of_kind[:MOST] for name, of_kind in rows.items()}, counts=counts)


def _matched(each: Match, say: Callable[..., str]) -> Row:
    keys, numbers = [line.key for line in each.lines], [voucher.number for voucher in each.vouchers]
    step = f"untie:{choices.written(keys, numbers)}" if each.by == "hand" else f"apart:{','.join(keys)}"
    return Row(each.lines, each.vouchers, say(f"web.match.by-{each.by}"), step=step)
