"""No public page gets too heavy for a telephone, however much a village, a project or a county has."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Any

import pytest
from sites import Page, county
from sites import written as bytes_of

from ledger import register
from projects import indicators, registry, types
from projects.disclosure.aims import Aim, Bar, Stood
from projects.disclosure.ground import Ground
from projects.disclosure.maps import WAYS, draw
from projects.disclosure.pages import Pages
from projects.disclosure.shown import PageSheet, shown
from projects.events import works
from projects.exits import judge, schemes_of
from projects.privacy import privacy_of
from projects.sheets.movements import Movement, Voucher
from projects.sheets.village import Contract, read_village
from projects.status import Figures
from projects.tongues import TONGUES, Tongue

HEAVIEST = 50_000
FULL = dict.fromkeys(("planned", "allotted", "received", "certified", "paid", "retention", "left"), 12345678900)
CHANNELS = {f"JT20{number:02}": f"交通部门村级道路专项补助资金第{number}批" for number in range(12)}
FOLDERS: dict[Tongue, str] = {"zh": "", "zh-Hant": "zh-Hant/", "en": "en/"}
FIGURES = ("planned", "received", "certified", "paid", "left")


@cache
def pages_in(tongue: Tongue) -> Pages:
    """Return the pages of a language; its templates are read once."""
    return Pages(tongue, folders=FOLDERS, demonstration=True)


@pytest.fixture
def village(clerk: Any) -> Callable[..., PageSheet]:
    """Return a village with so many projects, each with money of some channels, and with every indicator told."""
    known = indicators.shipped()
    scheme = schemes_of(clerk.workspace.path, known).need(None)
    with clerk.workspace.write() as unit:
        works.observe(unit, "SF", "poverty-rate", on="2024-01-01", numerator=40, denominator=1000, evidence="台账")
        unit.commit()
    with clerk.workspace.read() as connection:
        place = registry.need_village(connection, "V13")
        read = read_village(connection, place, register.need_book(connection, "SF"))
        plain = shown(read, privacy_of(connection), types.shipped())
        judged = judge(connection, known, scheme, "V13", "2024-07-20")
    stood = Stood(123_456, 234_567, "2024-07-20")
    aims = tuple(
        Aim(each, stood, stood, stood, "2025-12-31", True, "某县脱贫规划", Bar(100, 500, 900)) for each in known
    )
    plain = replace(plain, aims=aims, exit=judged, last=voucher(1), note="earmark\n12\n" + "x" * 300, vouchers=2000)

    def made(count: int, *, placed: str = "", channels: int = 3) -> PageSheet:
        projects = []
        for number in range(count):
            row = {"code": f"P{number + 1:03}", "name": f"蒲河村第{number}村民小组通村公路硬化及排水沟工程"}
            row = {**plain.projects[0].project, **row, "title": f"第{number}组通村公路硬化工程"}
            found = sorted(CHANNELS)[number % 5 :][:channels]
            projects.append(
                replace(plain.projects[0], project=row, lines={each: Figures(**FULL) for each in found}),
            )
        ground = Ground({f"P{number + 1:03}": located(placed, number) for number in range(count) if placed})
        return replace(plain, projects=tuple(projects), channels={**plain.channels, **CHANNELS}, ground=ground)

    return made


def voucher(seq: int, payee: str = "宏达路桥工程有限公司") -> Voucher:
    number = f"2024-05-{seq:04}"
    return Voucher(seq, number, "2024-05-01", "payment", "P001", "P001C01", payee, {}, "0" * 64, "", "")


def located(shape: str, number: int) -> dict[str, Any]:
    """Return a place: points, or roads of some corners, or every other one."""
    chance = random.Random(number)
    east, north = 106 + chance.random() / 20, 29 + chance.random() / 20
    if shape == "points" or (shape == "mixed" and number % 2):
        return {"type": "Point", "coordinates": [f"{east:.6f}", f"{north:.6f}"]}
    corners = [(east + step / 1000, north + chance.random() / 500) for step in range(12)]
    return {"type": "LineString", "coordinates": [[f"{x:.6f}", f"{y:.6f}"] for x, y in corners]}


def written(sheet: PageSheet) -> dict[Tongue, dict[str, bytes]]:
    """Return the village's own pages in each language, and those of its first project."""
    found = {}
    for tongue in TONGUES:
        pages = pages_in(tongue)
        found[tongue] = dict(chain(pages.village(sheet), pages.project(sheet, sheet.projects[0])))
        assert (b"1 wan" in found[tongue]["index.html"]) is (tongue == "en")
    assert len({tuple(each) for each in found.values()}) == 1, "the same pages in each language"
    return found


def heaviest(found: dict[Tongue, dict[str, bytes]]) -> int:
    return max(len(page) for pages in found.values() for page in pages.values())


@pytest.mark.parametrize("placed, channels", [("", 3), ("mixed", 12)])
def test_no_page_of_a_village_gets_too_heavy(village: Callable[..., PageSheet], placed: str, channels: int) -> None:
    for count in (30, 52, 400):
        found = written(village(count, placed=placed, channels=channels))
        assert heaviest(found) < HEAVIEST - 2_000, (count, heaviest(found))
        assert len(found["zh"]) <= (3 if count < 400 else 11)


def test_a_village_of_many_projects_has_each_of_them_on_one_page_and_the_sums_on_the_first(
    village: Callable[..., PageSheet],
) -> None:
    sheet = village(400, placed="mixed")
    pages = {name: Page(page.decode()) for name, page in pages_in("zh").village(sheet)}
    names = ["index.html", *(f"projects-{number}.html" for number in range(2, len(pages) + 1))]
    assert list(pages) == names
    rows = [page.tables["全村各项目的资金，单位：元"][1:] for page in pages.values()]
    shown = [row[0] for part in rows for row in part if "（仅供阅读）" not in row[0]]
    assert shown == [each.project["name"] for each in sheet.projects]
    assert rows[0][-1] == ["全村 400 个项目合计（仅供阅读）", *(["148,148,146,800.00"] * 5)]
    subtotals = [int(row[1].replace(",", "").replace(".", "")) for part in rows for row in part if "小计" in row[0]]
    assert len(subtotals) == len(pages)
    assert sum(subtotals) == sheet.total.planned
    for number, (name, page) in enumerate(pages.items(), 1):
        assert f"第 {number} 页，共 {len(pages)} 页" in page.text
        ways = {attributes["rel"]: attributes["href"] for _, attributes in page.tags if "rel" in attributes}
        links = {"prev": names[number - 2] if number > 1 else None, "next": [*names, None][number]}
        assert {key: ways.get(key) for key in links} == links, name
        assert page.text.count("北纬") >= len(rows[number - 1]) - 2, "where each is stands beside its name"
    index = pages["index.html"]
    assert "共 400 个项目" not in index.tables["各渠道的资金和用到的项目，单位：元"][1][-1]
    assert index.text.count("上方为北。图上有 400 个项目") == 1


def test_a_map_of_many_places_shows_them_all_and_how_far_they_are(village: Callable[..., PageSheet]) -> None:
    sheet = village(400, placed="mixed")
    page = dict(pages_in("en").village(sheet))["index.html"].decode()
    picture = page.partition('<figure class="map many">')[2].partition("</svg>")[0]
    assert "<a " not in picture, "dots are too near for a finger"
    dots = re.findall(r'class="dots"[^>]* d="([^"]+)"', picture)
    drawn = sheet.ground.map
    assert drawn is not None
    points = {"{} {}".format(*each.at) for each in drawn.marks if not each.path}
    assert {each for path in dots for each in re.findall(r"\d+ \d+", path)} == points
    ways = re.findall(r'class="way line \w+" d="([^"]+)"', picture)
    assert sum(path.count("M") for path in ways) == 200
    assert set(re.findall(r"url\(#([\w-]+)\)", picture)) <= set(re.findall(r'<marker id="([\w-]+)"', picture))


def test_lines_are_drawn_coarser_where_they_are_many_and_the_map_says_so() -> None:
    places = {f"P{number:03}": located("lines", number) for number in range(400)}
    few, many = draw(dict(list(places.items())[:20])), draw(places)
    assert few is not None
    assert many is not None
    assert sum(len(each.path) for each in many.marks) <= WAYS < 400 * 12 * 7
    assert many.grain > 2 * few.grain
    assert len(many.neighbours("P000")) < 8_000


def test_a_project_with_many_contracts_and_payments_goes_on_on_further_pages(
    village: Callable[..., PageSheet],
) -> None:
    """Twelve channels of a project, two hundred contracts, two thousand payments."""
    sheet = village(1, channels=12)
    contracts = tuple(
        Contract(
            f"P001C{number:03}",
            f"第{number}标段路面及排水沟",
            "宏达路桥工程有限公司",
            voucher(number),
            10**9,
            10**8,
            10**7,
        )
        for number in range(200)
    )
    payments = tuple(Movement(voucher(number), {"JT2000": 100, "JT2001": number}) for number in range(2000))
    project = replace(sheet.projects[0], contracts=contracts, receipts=payments[:40], payments=payments)
    found = {tongue: dict(pages_in(tongue).project(sheet, project)) for tongue in TONGUES}
    assert heaviest(found) < HEAVIEST - 2_000
    pages = [Page(page.decode()) for page in found["zh"].values()]
    assert len(pages) > 20
    rows = [row for page in pages for row in page.tables.get("本项目的合同，分几页，单位：元", [])[1:]]
    assert [row[0] for row in rows] == [each.name for each in contracts]
    assert "2024-05-01 至 2024-05-01 签订合同 200 份" in pages[0].text
    assert f"第 2 页，共 {len(pages)} 页" in pages[1].text
    paid = [row[0] for page in pages for key, rows in page.tables.items() if "支付明细" in key for row in rows[1:]]
    assert [each for each in paid if each.startswith("V")] == [f"V{each.voucher.number}" for each in payments]


def test_a_county_of_three_hundred_villages_stays_light_wherever_they_are() -> None:
    for townships, count in ((20, 21), (1, 4)):
        found = {
            tongue: bytes_of(pages_in(tongue).county(county(townships=townships), data=True, costs=True))
            for tongue in TONGUES
        }
        assert heaviest(found) < HEAVIEST - 2_000
        assert {len(pages) for pages in found.values()} == {count}
        links = "".join(page.decode() for name, page in found["zh"].items() if name != "index.html")
        assert {f"V{number:03}" for number in range(300)} == set(re.findall(r'href="(V\d+)/index.html"', links))
