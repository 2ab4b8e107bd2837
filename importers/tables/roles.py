"""What each row is for the whole: a project, a source of money, a group of the rows below it, a figure of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from importers.tables import funds, places
from importers.tables.rows import Draft, marked
from importers.tables.vocabulary import Identity, bare, vocabulary

_DEPTHS = (
    r"[一二三四五六七八九十]+[、.．]?",
    r"[(（][一二三四五六七八九十]+[)）][、.．]?",
    r"(?:[(（][一二三四五六七八九十]+[)）])?[0-9]+[、.．]?",
    r"[(（][0-9]+[)）]|[0-9]+[.．-][0-9]+",
)
_AT_LEAST_HALF = 0.5


@dataclass(frozen=True)
class Sum:
    """A row that comes to the sum of others, told by how the table is numbered and not by the word for it."""

    whole: Draft
    parts: tuple[Draft, ...]
    label: str


def settle(drafts: list[Draft]) -> list[Sum]:
    """Give each row its role and return the sums that their numbering states."""
    rows = [draft for draft in drafts if not draft.total]
    for draft in rows:
        _mark(draft)
    sums = _figures(rows)
    sums += _groups(rows)
    sums += _inclusions(rows)
    free = [draft for draft in rows if draft.role == "project"]
    if free and all(re.search(r"资金(?:\(.*\))?$", bare(draft.name)) for draft in free) and not _sources(rows):
        for draft in free:
            draft.role = "source"
    for draft in _sources(rows):
        draft.parts = [replace(part, channel=part.channel or _source(draft.name)) for part in draft.parts]
    for draft in rows:
        named = next(
            (found for each in re.findall(r"[(（]([^()（）]*)[)）]", draft.name) if (found := funds.channel_in(each))),
            "",
        )
        draft.parts = [replace(part, channel=part.channel or named) for part in draft.parts]
    for draft in rows:
        # 某项目 收回(某资金): what is adjusted is the project, the rest says how.
        if draft.role == "adjustment" and " " in draft.name:
            draft.name, _, how = draft.name.partition(" ")
            draft.texts.setdefault("remark", how)
    _levels(rows)
    return sums


def _mark(draft: Draft) -> None:
    """Take the role from the word with which the number or the name begins."""
    if role := marked(draft.number):
        draft.role = role
    elif (found := re.match(r"(\S{2,4})\s+(.+)", draft.name)) and marked(found[1]) == "source":
        draft.role, draft.name = "source", found[2]


def _figures(rows: Sequence[Draft]) -> list[Sum]:
    """Several rows of one number that are figures of one project: planned, settled, left over."""
    sums = []
    for start, end in _runs(rows, lambda draft: draft.number):
        run = rows[start:end]
        for identity in vocabulary().identities:
            wholes = [draft for draft in run if _names(draft, identity.whole)]
            parts = [draft for draft in run if any(_names(draft, part) for part in identity.parts)]
            if len(wholes) != 1 or not parts:
                continue
            [whole] = wholes
            whole.name = _stem(whole.name, identity)
            township, village, place = places.from_name(whole.name)
            whole.township, whole.village, whole.place = township, village, whole.place or place
            for draft in parts:
                draft.role = draft.role if draft.role == "adjustment" else "figure"
            if not identity.compared:
                whole.role = "figure"
            elif len(parts) == len(identity.parts):
                sums.append(Sum(whole, tuple(parts), identity.whole))
    return sums


def _names(draft: Draft, word: str) -> bool:
    return re.search(rf"(?:^|\s|项目){re.escape(word)}", draft.name) is not None


def _stem(name: str, identity: Identity) -> str:
    return re.sub(rf"\s+{re.escape(identity.whole)}\s*$", "", name)


def _groups(rows: Sequence[Draft]) -> list[Sum]:
    """A row numbered 一 above rows numbered (一) or 1 is their sum, and may name the channel of them all."""
    sums = []
    depths = [_depth(draft.number or _marker(draft.name)) for draft in rows]
    for index, draft in enumerate(rows):
        own = depths[index]
        if own is None or draft.role != "project":
            continue
        end = index + 1
        while end < len(rows) and (depths[end] is None or depths[end] > own):  # type: ignore[operator]
            end += 1
        below = [each for each in range(index + 1, end) if depths[each] is not None]
        if not below:
            continue
        least = min(depth for each in below if (depth := depths[each]) is not None)
        direct = [rows[each] for each in below if depths[each] == least]
        draft.role = "group"
        if draft.fen is not None:
            sums.append(Sum(draft, tuple(direct), draft.name))
        fund = funds.fund_of(draft.name)
        for each in rows[index + 1 : end]:
            each.section = draft.name
            each.parts = [replace(part, channel=part.channel or fund) for part in each.parts]
        draft.parts = [replace(part, channel=part.channel or fund) for part in draft.parts]
    return sums


def _inclusions(rows: Sequence[Draft]) -> list[Sum]:
    """Rows without a number below one with a number are parts of it, if they add up to it or it says so."""
    numbered = sum(bool(draft.number) for draft in rows)
    if numbered < _AT_LEAST_HALF * len(rows) or numbered == len(rows):
        return []
    sums = []
    for index, draft in enumerate(rows):
        if not draft.number or draft.role != "project" or draft.fen is None:
            continue
        end = index + 1
        while end < len(rows) and not rows[end].number and rows[end].role == "project":
            end += 1
        below = rows[index + 1 : end]
        if not below:
            continue
        said = draft.name + draft.texts.get("remark", "") + below[0].name
        told = any(word in said for word in vocabulary().words["including"])
        if told or sum(each.fen or 0 for each in below) == draft.fen:
            draft.role = "group"
            sums.append(Sum(draft, tuple(below), draft.name))
    return sums


def _sources(rows: Sequence[Draft]) -> list[Draft]:
    return [draft for draft in rows if draft.role == "source"]


def _levels(rows: Sequence[Draft]) -> None:
    """A row whose channel is only a level takes the name of the one source at that level."""
    named: dict[str, set[str]] = {}
    for draft in _sources(rows):
        named.setdefault(_rank(draft.name), set()).add(_source(draft.name))
    for draft in rows:
        if draft.role in {"project", "group", "figure"}:
            draft.parts = [
                replace(part, channel=next(iter(named[rank])))
                if funds.is_level(part.channel) and len(named.get(rank := _rank(part.channel), ())) == 1
                else part
                for part in draft.parts
            ]


def _source(name: str) -> str:
    """Return the channel that a source's name is, without the day on which it came."""
    return re.sub(r"\s*[(（][^()（）]*下达[^()（）]*[)）]$", "", name)


def _rank(name: str) -> str:
    """Return the level that a name speaks of; 县本级 and 本级 are one."""
    level = funds.level_of(name)
    return "本级" if level.endswith("本级") else level


def _marker(name: str) -> str:
    """Return the number with which a name begins, where there is no column for it: ``一、`` or ``（二）``."""
    found = re.match(r"[一二三四五六七八九十]+[、.．]|[(（][一二三四五六七八九十]+[)）]", name)
    return found[0] if found else ""


def _depth(number: str) -> int | None:
    said = bare(number)
    return next((depth for depth, form in enumerate(_DEPTHS) if re.fullmatch(form, said)), None)


def _runs(rows: Sequence[Draft], key: Callable[[Draft], str]) -> list[tuple[int, int]]:
    found, start = [], 0
    for index in range(1, len(rows) + 1):
        if index == len(rows) or key(rows[index]) != key(rows[start]):
            found.append((start, index))
            start = index
    return found
