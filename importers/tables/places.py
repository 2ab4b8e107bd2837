"""Places: township and village, from columns of their own, from one cell, or from a project's name."""

from __future__ import annotations

import re

from importers.tables.vocabulary import bare, clean

_HAN = r"[A-Z\u4e00-\u9fff]"
_NO_NAME = "支持|开展|新建|新型|推进|实施|建设|发展|完善|加强|扶持|贫困|拟|第|村|社区|农村"
"""A village's name does not begin so; a task's does."""

_NO_COUNTY = "全本各该我出跨外两三四五六七八九十多"
"""What stands before 县 and is no county of one character, as 泸县 is."""

_NAME = re.compile(
    rf"^(?:[0-9]{{4}}年度?)?(?P<county>(?:{_HAN}{{2,4}}?[市州](?![级本属派城直]))?(?:(?:{_HAN}{{2,4}}?[县区旗]|(?![{_NO_COUNTY}]){_HAN}县)(?![级本属派城直]))?)"
    rf"(?P<township>{_HAN}{{2,5}}?(?:街道办事处|街道|办事处|(?<!城)乡(?![村镇])|镇(?!村)))?"
    rf"(?P<village>(?!{_NO_NAME}){_HAN}{{2,6}}?(?:(?<![农乡全本各困])村(?![级民])|(?<![和与及市])社区))?"
)
_COUNT = re.compile(r"^[一二三四五六七八九十两几各全]+(?:个)?")
_ENDS = re.compile(r"(?:省|市|县|区|州|旗|乡|镇|街道|办事处|村|社区|组|屯|居委会|林场|农场)$")


def looks_like_place(text: str) -> bool:
    """Tell whether a text ends like the name of a place."""
    return _ENDS.search(bare(text)) is not None


def join(township: str, village: str) -> str:
    """Return township and village as one; a village cell that repeats its township adds nothing."""
    if not village or village == township or township.endswith(village):
        return township
    return village if village.startswith(township) else township + village


def from_cell(text: str) -> str:
    """Return what a cell says of a place, without what a form leaves at its end."""
    return clean(text).rstrip("/、,，;；")


def from_name(name: str) -> tuple[str, str, str]:
    """Return township, village and place of which a project's name speaks; the county where it names nothing nearer."""
    county = ""
    for bracketed in re.findall(r"[(（]([^()（）]*)[)）]", name):
        found = _NAME.match(bracketed)
        county = county or (found["county"] if found else "")
        if found and found["township"]:
            return found["township"], found["village"] or "", bracketed
    found = _NAME.match(clean(name))
    assert found is not None, "every part of the pattern may be missing"
    township, village = found["township"] or "", found["village"] or ""
    if _COUNT.match(village):
        village = ""
    return township, village, join(township, village) or found["county"] or county
