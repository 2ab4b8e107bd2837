"""What comes to the desk from outside, in a real browser by the keyboard: a bank's statement and a plan of projects."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from browsing import complaints, fits
from served import Served, let_in
from statements import SHAPES, Move

from ledger.store.workspace import open_workspace
from projects.cli.main import run
from projects.reconciliation.sides import InBook, in_book

pytestmark = pytest.mark.system

BOOK, BANK = "V13", "B01"
PLAN = "2025年项目计划表\n单位：元\n序号,项目名称,村,交通部门专项补助\n1,修水渠,甲村,5000\n2,修便道,甲村,七百元\n"


@pytest.fixture(scope="module")
def office(demo, tmp_path_factory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("takes-in") / "office"
    shutil.copytree(demo, folder)
    let_in(folder, "zhidan", "shenji")
    with Served(folder) as served:
        yield served.url, folder


def statement(folder: Path) -> tuple[bytes, list[InBook]]:
    """The last movements of the demonstration's bank: two of them as one line, and a fee that the books lack."""
    workspace = open_workspace(folder)
    with workspace.read() as connection:
        moved = [each for each in in_book(connection, BOOK, BANK) if not each.undone and each.undoes is None]
    workspace.close()
    moved.sort(key=lambda each: each.date)
    *before, two, three, one, last = moved
    balance = sum(each.amount for each in before)
    made = []
    lines = [(each.date, each.amount, each.payee, each.text) for each in (two, three)]
    lines += [(last.date, one.amount + last.amount, "县农商行清算户", "合并支付"), (last.date, -500, "", "手续费")]
    for number, (day, fen, payee, text) in enumerate(lines):
        balance += fen
        made.append(Move(date.fromisoformat(day), "10:00:00", fen, balance, payee, "62", text, f"{number:08}"))
    return SHAPES["corp_psbc"].text(made), [one, last]


def press(page, name: str) -> None:
    """Go to a button and press it, as a hand at the keyboard does."""
    page.get_by_role("button", name=name, exact=True).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def looked_at(page) -> list[str]:
    """What is wrong with a page on a screen and on a phone."""
    wrong = []
    for width in (390, 1366):
        page.set_viewport_size({"width": width, "height": 768})
        wrong += complaints(page) + ([] if fits(page) else [f"wider than {width}"])
    return wrong


def test_a_statement_is_handed_in_matched_by_hand_explained_and_reconciled(office, enter, tmp_path, capsys) -> None:
    url, folder = office
    desk = f"{url}desk/{BOOK}/"
    content, pair = statement(folder)
    file = tmp_path / "流水.csv"
    file.write_bytes(content)
    page = enter(url, "zhidan")
    page.goto(f"{desk}reconcile/{BANK}")
    page.set_input_files("#file", str(file))
    press(page, "读入并核对")
    assert "流水.csv" in page.inner_text("main")
    assert looked_at(page) == []
    for number in (pair[0].number, pair[1].number):
        page.focus(f"input[name=voucher][value='{number}']")
        page.keyboard.press("Space")
    page.get_by_label("合并支付").focus()
    page.keyboard.press("Space")
    press(page, "把打勾的算作同一笔")
    assert "人工指定" in page.inner_text("main")
    page.get_by_label("手续费").focus()
    page.keyboard.press("Space")
    page.fill("#reason", "手续费，下月补记")
    press(page, "记下原因")
    assert "已说明：手续费，下月补记" in page.inner_text("main")
    assert looked_at(page) == []
    press(page, "登记对账结果")
    assert "以前已登记对上的 3 组" in page.inner_text("main")
    assert "两边调节后相等" in page.inner_text("main")
    auditor = enter(url, "shenji")
    auditor.goto(f"{desk}reconcile")
    assert "两边调节后相等" in auditor.inner_text("main")
    auditor.goto(f"{desk}reconcile/{BANK}")
    assert auditor.locator("main button").count() == 0
    assert looked_at(auditor) == []
    assert run(["--workspace", str(folder), "verify"]) == 0
    capsys.readouterr()


def test_a_plan_is_looked_at_a_row_left_out_and_the_rest_taken(office, enter, tmp_path) -> None:
    url, _ = office
    desk = f"{url}desk/{BOOK}/"
    file = tmp_path / "计划.csv"
    file.write_text(PLAN, "utf-8")
    page = enter(url, "zhidan")
    page.goto(f"{desk}import")
    assert looked_at(page) == []
    page.set_input_files("#file", str(file))
    press(page, "读入并预览")
    assert "七百元" in page.inner_text(".obstacles")
    assert looked_at(page) == []
    page.focus("input[name=skip][value='5']")
    page.keyboard.press("Space")
    page.locator("select[name=channel]").select_option("JT2024")
    press(page, "按所填重新预览")
    assert "项目 1 个" in page.inner_text("main")
    press(page, "采用")
    assert "已采用" in page.inner_text("[role=status]")
    assert looked_at(page) == []


def test_a_large_plan_says_how_far_it_is_until_it_is_taken(office, enter, tmp_path) -> None:
    """The page grows while the work is done, each part in the place of the one before; no script is needed for it."""
    url, _ = office
    desk = f"{url}desk/{BOOK}/"
    file = tmp_path / "大计划.csv"
    rows = "".join(f"{number},工程{number}号,村{number % 50},{1000 + number}\n" for number in range(1, 1201))
    file.write_text("2025年项目计划表\n单位：元\n序号,项目名称,村,交通部门专项补助\n" + rows, "utf-8")
    page = enter(url, "zhidan")
    page.goto(f"{desk}import")
    page.set_input_files("#file", str(file))
    press(page, "读入并预览")
    page.get_by_role("button", name="采用", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".far:visible >> text=正在登记", timeout=60_000)
    assert page.locator(".far:visible").count() == 1
    page.wait_for_selector("text=已采用：项目 1200 个", timeout=120_000)
    assert page.locator(".far:visible").count() == 0
    assert looked_at(page) == []
