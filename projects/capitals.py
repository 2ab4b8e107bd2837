"""Amounts in capital numerals, 大写金额.

As the banks' rules for filling in bills write them (《正确填写票据和结算凭证的基本规定》).
"""

from __future__ import annotations

DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def capitals(fen: int) -> str:
    """Return an amount in fen, less than 10^12 yuan, in capital numerals; one that is less than zero begins with 负."""
    if fen < 0:
        return "负" + capitals(-fen)
    whole, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    said = _whole(whole) + "元" if whole else ""
    if not rest:
        return (said or "零元") + "整"
    if jiao:
        # A zero at the end of the yuan is read before jiao: 壹拾元零伍角.
        said += ("零" if whole and whole % 10 == 0 else "") + DIGITS[jiao] + "角"
    elif whole:
        said += "零"
    return said + (DIGITS[cents] + "分" if cents else "整")


def _whole(yuan: int) -> str:
    groups = []
    while yuan:
        yuan, group = divmod(yuan, 10_000)
        groups.append(group)
    said, gap = "", False
    for number in range(len(groups) - 1, -1, -1):
        group = groups[number]
        if not group:
            gap = bool(said)
            continue
        said += ("零" if said and (gap or group < 1000) else "") + _group(group) + _GROUPS[number]  # noqa: PLR2004
        gap = False
    return said


def _group(number: int) -> str:
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if gap else "") + DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = bool(said)
    return said
