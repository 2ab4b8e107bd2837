"""What a unit cost beside like projects: right figures, never of another unit, and cheap to publish again."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ledger import register
from projects import registry
from projects.credit import credits_of
from projects.desk import Desk
from projects.disclosure.likes import EXACT, LEAST, cost_of, likes, ticks, told
from projects.disclosure.pages import Pages
from projects.disclosure.parts import FOLDER as PARTS
from projects.disclosure.site import publish

HEAVIEST = 50_000
Build = Callable[..., None]


@pytest.fixture
def build(clerk: Any) -> Build:
    """Return what builds a project in the book SF or XQ and has it accepted."""
    with clerk.workspace.write() as unit:
        registry.add_village(unit, "V14", name="新桥村", township="蒲河镇")
        register.add_book(unit, "XQ", village="V14", name="新桥村专账", started_on=date(2024, 1, 1))
        register.add_bank(unit, "XQ", "B01", name="专户", kind="dedicated", channels=["JT2024"])
        unit.commit()

    def built(book: str, code: str, amount: str, quantity: str, *, kind: str = "road", unit: str = "公里") -> None:
        detail = {"type": kind, "quantity": quantity, "unit": unit}
        with clerk.workspace.write() as at:
            registry.add_project(at, book, code, title=code, name=code, budget={"JT2024": 10**9}, detail=detail)
            at.commit()
        for verb, typed in (
            ("allot", {"channel": "JT2024", "amount": amount, "project": code}),
            ("contract", {"contract": f"{code}C01", "parts": [f"JT2024={amount}"], "party": "宏达路桥", "name": "路"}),
            ("certify", {"contract": f"{code}C01", "amount": amount}),
            ("accept", {"project": code, "quantity": quantity}),
        ):
            draft = Desk(clerk.workspace, "zhang", book).record(verb, typed | {"date": "2024-05-01"})["draft"]
            Desk(clerk.workspace, "li", book).seal(draft)

    return built


def page(folder: Path, name: str) -> str:
    """Return what stands on a page under the cost of a unit, without tags."""
    text = unescape((folder / name).read_text("utf-8")).partition("每单位花了多少")[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def files_of(out: Path) -> dict[str, bytes]:
    found = (path for path in out.rglob("*") if path.is_file() and path.parent.name != PARTS)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


def test_a_project_stands_beside_its_likes_of_all_villages(build: Build, clerk: Any, tmp_path: Path) -> None:
    build("SF", "P011", "600000", "2")
    build("SF", "P012", "1000000", "2500", unit="米")
    build("XQ", "P013", "100000", "0.5")
    for code, kind, unit in (("P014", "water", "公里"), ("P015", "road", "座"), ("P016", "other", "公里")):
        build("XQ", code, "1", "1", kind=kind, unit=unit)
    publish(clerk.workspace, tmp_path / "site")
    assert "不足 3 个，不作比较" in page(tmp_path / "site", "SF/P011.html")
    build("XQ", "P017", "900000", "2")
    publish(clerk.workspace, tmp_path / "site")
    said = page(tmp_path / "site", "SF/P011.html")
    assert (
        "成本 600,000.00 元（已计量的工程款、实物和投工折价，不是合同金额），实际完成 2,000 米： 每公里 300,000.00 元。"
        in said
    )
    assert "同为道路、也按公里计的另有 3 个" in said
    assert "每公里最低 200,000.00 元、中间 350,000.00 元、最高 450,000.00 元" in said
    source = (tmp_path / "site/SF/P011.html").read_text("utf-8")
    assert re.findall(r'class="(range|middle|own)" x="(\d+)"', source) == [
        ("range", "444"),
        ("middle", "777"),
        ("own", "666"),
    ]
    for alone in ("P014", "P015", "P016"):
        assert "不足 3 个，不作比较" in page(tmp_path / "site", f"XQ/{alone}.html")
    county = unescape((tmp_path / "site/costs.html").read_text("utf-8"))
    rows = [re.sub(r"<[^>]+>", "|", each) for each in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", county)]
    assert [re.split(r"\|+", row)[:3] for row in rows] == [
        ["道路", "按座", "1"],
        ["道路", "按公里", "4"],
        ["安全饮水", "按公里", "1"],
    ] or [re.split(r"\|+", row)[:3] for row in rows] == [
        ["道路", "按公里", "4"],
        ["道路", "按座", "1"],
        ["安全饮水", "按公里", "1"],
    ]
    assert "新桥村" not in county, "nobody is ranked"
    assert "450,000.00" in county


def test_only_where_the_figures_changed_pages_are_written_again(build: Build, clerk: Any, tmp_path: Path) -> None:
    for number, book in enumerate(("SF", "SF", "XQ", "XQ")):
        build(book, f"P02{number}", str(100_000 * (number + 1)), "1")
    out = tmp_path / "site"
    assert publish(clerk.workspace, out).read == 2
    assert publish(clerk.workspace, out).read == 0
    desk = Desk(clerk.workspace, "zhang", "XQ")
    draft = desk.record("receive", {"project": "P022", "channel": "JT2024", "amount": "1", "date": "2024-05-01"})[
        "draft"
    ]
    Desk(clerk.workspace, "li", "XQ").seal(draft)
    assert publish(clerk.workspace, out).read == 1, "what arrived is no cost"
    build("XQ", "P029", "900000", "1")
    assert publish(clerk.workspace, out).read == 2, "its likes say what is the highest"
    assert "最高 900,000.00 元" in page(out, "SF/P020.html")
    publish(clerk.workspace, tmp_path / "new")
    assert files_of(out) == files_of(tmp_path / "new")
    last = clerk.sql("SELECT number FROM voucher WHERE book = 'XQ' AND event = 'acceptance' ORDER BY seq")[-1][0]
    typed = {"voucher": f"V{last}", "reason": "数量量错", "date": "2024-05-03"}
    Desk(clerk.workspace, "li", "XQ").seal(desk.record("reverse", typed)["draft"])
    assert publish(clerk.workspace, out).read == 2
    assert "最高 400,000.00 元" in page(out, "SF/P020.html")


def test_a_unit_in_a_clerk_s_own_words_passes_the_policy(build: Build, clerk: Any, tmp_path: Path) -> None:
    build("SF", "P031", "1000", "3", unit="13812345678处")
    publish(clerk.workspace, tmp_path / "site")
    assert "每***处 333.33 元" in page(tmp_path / "site", "SF/P031.html")
    found = (tmp_path / "site").rglob("*.html")
    assert [path for path in found if "13812345678" in path.read_text("utf-8")] == []


def test_the_cost_is_what_was_accepted(build: Build, clerk: Any) -> None:
    build("SF", "P041", "1000", "3")
    with clerk.workspace.read() as connection:
        found = {each.project["code"]: cost_of(each) for each in credits_of(connection, "SF")}
    assert found["P001"] is None, "nothing was accepted"
    cost = found["P041"]
    assert cost is not None
    assert (cost.kind, cost.fen, cost.per, cost.quantity) == (("road", "m"), 100_000, 33_333, "3000")


@pytest.mark.parametrize(
    "ranked, shown",
    [
        (range(101, 101 + EXACT), (10, 101, 105, 110, False)),
        ([*range(101, 111), 12_345], (11, 100, 110, 13_000, True)),
        ([99_999] * 60, (51, 99_000, 100_000, 100_000, True)),
        ([1] * 200, (101, 1, 1, 1, True)),
    ],
)
def test_figures_of_many_are_round_and_hold_all(ranked: Any, shown: tuple[Any, ...]) -> None:
    found = told(likes(list(ranked)))
    assert (found.count, found.low, found.middle, found.high, found.rounded) == shown
    assert found.low <= min(ranked)
    assert found.high >= max(ranked)


def test_one_more_of_many_seldom_changes_what_all_pages_say() -> None:
    """So that an acceptance in one village does not make the pages of all others new: a few in all, not each time."""
    chance = random.Random(5)
    costs = sorted(chance.randint(20_000_00, 80_000_00) for _ in range(300))
    before, changes = told(likes(costs)), 0
    for _ in range(300):
        costs = sorted([*costs, chance.randint(20_000_00, 80_000_00)])
        after = told(likes(costs))
        changes, before = changes + (after != before), after
    assert changes <= 15
    assert len(ticks(costs)) <= 51


def test_the_page_of_a_large_county_stays_light() -> None:
    chance = random.Random(3)
    kinds = [("road", f"单位{number}") for number in range(40)]
    ranked = {kind: sorted(chance.randint(1, 10**8) for _ in range(500)) for kind in kinds}
    written = Pages("zh", demonstration=True).costs(ranked, "2024-12-31").write()
    assert len(written) < HEAVIEST
    assert written.decode().count('class="strip"') == 40
    assert LEAST == 3


def test_units_are_in_the_language_of_the_page_and_goods_by_the_tonne(build: Build, clerk: Any, tmp_path: Path) -> None:
    for code, quantity, unit in (
        ("P041", "3.5", "公里"),
        ("P042", "2", "处"),
        ("P043", "78", "吨"),
        ("P044", "2", "眼"),
    ):
        build("SF", code, "1000", quantity, unit=unit)
    out = tmp_path / "site"
    publish(clerk.workspace, out)
    for code, chinese, english in (
        ("P041", "3.5 公里", "3.5 km"),
        ("P042", "2 处", "2 sites"),
        ("P043", "78 吨", "78 t"),
        ("P044", "2 眼", "2 眼"),
    ):
        for folder, shown in (("", chinese), ("en/", english)):
            text = (out / f"{folder}SF/{code}.html").read_text("utf-8")
            assert f"<dd>{shown}</dd>" in text, (code, folder)
            assert f"{'实际完成：' if folder == '' else 'built: '}{shown}</p>" in text
    costs = (out / "costs.html").read_text("utf-8")
    assert "按吨</small>" in costs
    assert "千克" not in costs
    assert "不足 4 个项目，不作比较。" in costs
    english = (out / "en/costs.html").read_text("utf-8")
    assert "by the site<" in english
    assert "Fewer than 4 projects: nothing is compared." in english
