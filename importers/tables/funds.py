"""Names of money: which level gives it, and which fund a title or a remark speaks of."""

from __future__ import annotations

import re
from functools import cache

from importers.tables.vocabulary import bare, vocabulary

_YEAR = re.compile(r".*[0-9]{4}年度?")
_BATCH = re.compile(r"^第(?:[一二三四五六七八九十0-9]+批)?")
_DOCUMENT = re.compile(r"[\u4e00-\u9fff]{2,8}[〔\[(（【]\s*[12][0-9]{3}\s*[〕\])）】]\s*[0-9]{1,5}\s*号")
_MONEY = re.compile(r"[0-9][0-9.,]*(?:万元|元|万)")
_BARE = "(?:财政)?(?:资金|补助|配套|投入|安排|财政)?"


def fund_of(title: str) -> str:
    """Return the fund that a title names: ``北塔区2020年第一批中央扶贫专项资金安排表`` has ``中央扶贫专项资金``."""
    said = bare(without_annex(title))
    ends = [at for word in vocabulary().words["fund"] if (at := said.find(word)) >= 0]
    if not ends:
        return ""
    start = min(ends)
    word = max((w for w in vocabulary().words["fund"] if said.startswith(w, start)), key=len)
    fund = _YEAR.sub("", said[: start + len(word)])
    fund = _BATCH.sub("", fund)
    levels = "|".join(each for each in vocabulary().words["level"] if len(each) > 1)
    return re.sub(rf"^[^级及和与达]{{1,8}}?[省市县区州盟旗](?={levels}|财政|专项|衔接)", "", fund)


def without_annex(title: str) -> str:
    """Return a title without the number of the annex that it is."""
    return re.sub(r"^\s*附[件表]\s*(?:[0-9]{1,2}(?![0-9])|[一二三四五六七八九十]{1,2})?\s*[:：]?\s*", "", title)


def document_of(title: str) -> str:
    """Return the number of the document that a title names, such as ``仙农〔2018〕4号``, or nothing."""
    found = _DOCUMENT.search(title)
    return re.sub(r"\s+", "", found[0]) if found else ""


def level_of(name: str) -> str:
    """Return the level with which a channel's name begins, ``中央`` or ``省级``, or nothing."""
    said = bare(name)
    return next((level for level in vocabulary().words["level"] if said.startswith(level)), "")


def is_level(heading: str) -> bool:
    """Tell whether a heading names a level and nothing of the fund: ``省级``, ``市级资金``, ``县财政配套``."""
    return _levels().fullmatch(heading) is not None


@cache
def _levels() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(vocabulary().words['level'])}){_BARE}")


def channel_of(heading: str, fund: str) -> str:
    """Return the channel of a column: its own name, or the title's fund at the level that the column names."""
    if not is_level(heading) or not fund:
        return heading
    level = level_of(heading)
    if level_of(fund) == level:
        return fund
    levels = "|".join(each for each in vocabulary().words["level"] if len(each) > 1)
    return level + re.sub(rf"^(?:(?:{levels})[和及、与]?)+", "", fund)


def channel_in(remark: str) -> str:
    """Return the channel that a remark names: ``省级资金43万元；责任单位：…`` is ``省级资金``; or nothing."""
    for piece in re.split(r"[;；,，。]", remark):
        said = _MONEY.sub("", bare(piece)).strip("()")
        if re.fullmatch(r"[\u4e00-\u9fff]{2,20}(?:资金|公益金|债券)", said) or (len(said) > 1 and is_level(said)):
            return said
    return ""
