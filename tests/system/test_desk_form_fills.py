"""A form in a real browser while it is filled in: what is left, the voucher that comes, refusals; and all of it without a script."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import SIZES, complaints, fits
from served import Served, let_in

pytestmark = [pytest.mark.system, pytest.mark.sqlite]


@pytest.fixture(scope="module")
def office(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the desk on a copy of the demonstration."""
    folder = tmp_path_factory.mktemp("fills") / "office"
    shutil.copytree(demo, folder)
    let_in(folder, "zhidan")
    with Served(folder) as served:
        yield served.url


def rows(page: Any) -> int:
    return int(page.locator("#beside table.room").count())


@pytest.mark.parametrize("size", SIZES)
def test_what_is_left_comes_beside_the_form_as_it_is_filled_in(office: str, enter: Any, size: str) -> None:
    page = enter(office, "zhidan", size)
    page.goto(f"{office}desk/V13/record/receive")
    page.wait_for_function("document.activeElement.id === 'f-project'")
    for text in ("P002", "SW2024", "1000"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.locator("#beside .moved").first.wait_for()
    assert rows(page) == 3
    assert page.inner_text("#c-amount") == "1,000.00 壹仟元整"
    assert "壹仟元整" in page.inner_text("#coming")
    assert page.locator("#coming tbody tr").count() == 2
    assert page.evaluate("document.activeElement.id") == "f-party"
    # More than was allotted: said beside the amount while it is typed, before the field is left.
    page.click("#f-amount")
    page.keyboard.press("Control+A")
    page.keyboard.type("99999999")
    page.locator("#e-amount").wait_for()
    assert page.get_attribute("#f-amount", "aria-invalid") == "true"
    assert page.get_attribute("#f-amount", "aria-describedby") == "e-amount"
    assert page.evaluate("document.activeElement.id") == "f-amount"
    assert page.locator("#coming table").count() == 0
    assert fits(page)
    assert complaints(page) == []
    page.keyboard.press("Control+A")
    page.keyboard.type("1000")
    page.locator("#e-amount").wait_for(state="detached")
    assert page.get_attribute("#f-amount", "aria-invalid") is None
    assert page.get_attribute("#f-amount", "aria-describedby") == "h-amount"
    # A refusal of what is seldom told opens what hides it.
    page.click("details.more summary")
    page.fill("#f-bank", "B99")
    page.click("details.more summary")
    page.locator("#e-bank").wait_for()
    # Enter in the last field looks.
    page.fill("#f-bank", "")
    with page.expect_navigation():
        page.press("#f-note", "Enter")
    assert "壹仟元整" in page.inner_text("main")
    assert rows(page) == 3


def test_a_code_that_is_half_typed_is_not_refused_before_the_field_is_left(office: str, enter: Any) -> None:
    page = enter(office, "zhidan")
    page.goto(f"{office}desk/V13/record/receive?project=P002")
    with page.expect_response("**/beside"):
        page.locator("#f-channel").press_sequentially("SW")
    page.wait_for_timeout(200)
    assert page.locator(".refusal").count() == 0
    with page.expect_response("**/beside"):
        page.keyboard.press("Tab")
    page.wait_for_timeout(200)
    # An amount is lacking still, and that is said without reproach.
    assert page.locator(".refusal").count() == 0
    page.fill("#f-amount", "5")
    page.keyboard.press("Tab")
    page.locator("#e-channel").wait_for()


@pytest.mark.parametrize("size", SIZES)
def test_without_a_script_the_look_shows_the_same_and_the_draft_is_kept(office: str, enter: Any, size: str) -> None:
    page = enter(office, "zhidan", size, script=False)
    page.goto(f"{office}desk/V13/record/receive")
    page.fill("#f-project", "P002")
    page.fill("#f-channel", "SW2024")
    page.fill("#f-amount", "99999999")
    with page.expect_navigation():
        page.press("#f-amount", "Enter")
    assert page.locator("#e-amount").count() == 1
    assert rows(page) == 2
    page.fill("#f-amount", "1000")
    with page.expect_navigation():
        page.press("#f-amount", "Enter")
    assert rows(page) == 3
    assert page.locator("#beside .moved").count() > 0
    with page.expect_navigation(url="**/drafts/*"):
        page.click("button[value=keep]")
    assert "/drafts/D" in page.url


@pytest.mark.parametrize("size", SIZES)
def test_what_was_typed_is_there_again_from_today_by_the_keyboard(office: str, enter: Any, size: str) -> None:
    page = enter(office, "zhidan", size)
    page.goto(f"{office}desk/V13/record/receive?project=P002")
    with page.expect_response("**/beside"):
        page.fill("#f-amount", "4321")
    page.locator("#beside .quiet").wait_for()
    page.goto(f"{office}desk/V13/")
    link = page.locator("main a[href*='?form=']").first
    link.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.input_value("#f-amount") == "4321"
    assert page.input_value("#f-project") == "P002"
    page.goto(f"{office}desk/V13/drafts")
    key = page.locator("main a[href*='?form=']").first.get_attribute("href").partition("form=")[2]
    with page.expect_navigation():
        page.click(f"form[action*='{key}'] button")
    assert page.locator(f"main a[href$='{key}']").count() == 0
