"""A project from its first money to its acceptance, and public pages as their readers meet them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

from projects.disclosure.pages import Unwritten
from projects.disclosure.parts import FOLDER as PARTS
from projects.disclosure.shown import Listed
from projects.notices.names import CHECKER as VERIFY

VOID = {"input", "meta", "link"}
STORY = """
    opening project=P000 lines=own_bank:B00=CJ2024:80000 date=2024-01-02
    allot project=P001 channel=JT2024 amount=880000 date=2024-01-10 party=市交通局
    plan project=P001 channel=ZC2024 amount=650000 date=2024-01-15
    allot project=P001 channel=JZ2024 amount=220000 date=2024-01-20
    allot project=P001 channel=SN2024 amount=20200 date=2024-01-20
    allot project=P001 channel=TG2024 amount=30000 date=2024-01-20
    receive project=P001 channel=JT2024 amount=500000 date=2024-02-01 party=市交通局
    receive project=P001 channel=ZC2024 amount=300000 date=2024-02-05 cash
    receive project=P001 channel=ZC2024 amount=300000 date=2024-02-06 from_cash
    receive project=P001 channel=JZ2024 amount=110000 date=2024-02-10 party=蒲君君 person
    receive project=P001 channel=CJ2024 amount=5000 date=2024-02-12
    contract contract=P001C01 parts=JT2024=860000,ZC2024=630000,JZ2024=210000 date=2024-02-15 party=宏达路桥 name=路面
    advance contract=P001C01 percent=20% date=2024-02-20
    inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=30 amount=12000 date=2024-03-01
    inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=18 date=2024-03-10
    inkind-return project=P001 channel=SN2024 good=CEMENT quantity=2 date=2024-03-12
    labour project=P001 channel=TG2024 days=120 rate=100 date=2024-03-15
    certify contract=P001C01 amount=612345.67 date=2024-03-25
    pay contract=P001C01 partial date=2024-03-28
    reverse voucher=V2024-03-0006 reason=付款渠道填错 date=2024-03-29
    pay contract=P001C01 parts=JT2024=100000 date=2024-03-30
    contract contract=P001C02 parts=JT2024=20000 date=2024-04-01 party=立人测绘 name=测绘
    reverse voucher=V2024-04-0001 reason=合同未盖章 date=2024-04-02
    accept project=P001 quantity=3.5 observe=paved-road=4700/4700 date=2024-07-20
"""


class Page(HTMLParser):
    """A page as a reader meets it: its text, tags with attributes, headings, tables by caption."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.text = ""
        self._open: list[str] = []
        self._table: list[list[str]] = []
        self._caption = ""
        self.feed(source)
        self.close()
        assert self._open == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self._table, self._caption = [], ""
        if tag == "tr":
            self._table.append([])
        if tag in {"td", "th"}:
            self._table[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert "svg" in self._open, "only SVG has tags that close themselves"

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "table":
            self.tables[self._caption] = self._table

    def handle_data(self, data: str) -> None:
        self.text += data
        if "caption" in self._open:
            self._caption += data
        elif ("td" in self._open or "th" in self._open) and "small" not in self._open:
            self._table[-1][-1] += data


def county(*, townships: int) -> list[Listed]:
    """Return three hundred villages with long names and much money, by turns in so many townships, somewhere on a map."""
    chance = random.Random(3)
    return [
        Listed(
            f"第{number % townships}镇",
            f"名字很长的示范村第{number}号",
            f"V{number:03}",
            10**10,
            10**9,
            "2024-07-20",
            f"{106 + chance.random():.4f}",
            f"{29 + chance.random():.4f}",
        )
        for number in range(300)
    ]


def pages_of(out: Path) -> dict[str, Page]:
    """Return the pages that tell of villages; the one that checks them is a program."""
    return {
        path.relative_to(out).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in sorted(out.rglob("*.html"))
        if path.name != VERIFY
    }


def written(pages: Mapping[str, Unwritten]) -> dict[str, bytes]:
    """Return the bytes of pages that wait to be written."""
    return {name: page.write() for name, page in pages.items()}


def files_of(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.parent.name != PARTS
    }
