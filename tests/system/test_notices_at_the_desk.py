"""A notice at the desk, from what is due to its correction: prepared, looked at, published, hung up, objected, answered.

On the way axe-core looks at every page, and nothing may be wider than its window. With EARMARK_REGENERATE the picture of
the guides is made anew.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, ClassVar

import pytest
from browsing import SIZES, Person, Pictures, log_in
from served import Served, let_in

from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects.demo.builder import PASSPHRASE
from projects.notices.check import check

pytestmark = [pytest.mark.system, pytest.mark.sqlite]

JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(60) + b"\xff\xd9"
OBJECTED = {"desk": "路面长度不够", "phone": "<img src=x onerror=alert(1)>"}
"""What is objected; on the telephone somebody tries whether it becomes a page."""


@pytest.fixture
def desk(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The desk with the office's key on a copy of the demonstration: a publisher, and a maker who publishes nothing."""
    folder = tmp_path / "office"
    shutil.copytree(demo, folder)
    monkeypatch.setenv("EARMARK_PASSPHRASE", PASSPHRASE)
    let_in(folder, "zhidan", "gongshi")
    with Served(folder, "--sign") as served:
        yield served.url, folder


class AtDesk(Person):
    """Somebody who has logged in."""

    taken: ClassVar[Pictures] = {"desk-zh-notices": {"full_page": True}}

    def __init__(self, browser: Any, url: str, name: str, size: str) -> None:
        super().__init__(browser, url, size)
        log_in(self.page, url, name)


@pytest.mark.parametrize("size", SIZES)
def test_a_notice_goes_from_what_is_due_to_its_correction(browser: Any, desk: Any, tmp_path: Path, size: str) -> None:
    url, folder = desk
    publisher = AtDesk(browser, url, "gongshi", size)
    here = f"{url}desk/V13/notices"
    publisher.page.goto(here)
    due = ".obstacles a[href*='kind=completion'][href*='project=P001']"
    assert publisher.page.locator(due).count() == 1
    publisher.look()
    publisher.go(due)
    publisher.page.fill("#issuer", "示范村甲村民委员会")
    publisher.page.fill("#phone", "0871-0000000")
    publisher.look()
    publisher.go("button[value=look]")
    words = publisher.look()
    with publisher.context.expect_page() as opened:
        publisher.page.click("button[value=html]")
    opened.value.wait_for_load_state()
    assert "未发布" in opened.value.inner_text("aside")
    assert opened.value.evaluate("getComputedStyle(document.querySelector('h1')).textAlign") == "center"
    opened.value.close()
    with publisher.page.expect_download() as taken:
        publisher.page.click("button[value=pdf]")
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF-")
    publisher.page.check("#sure")
    publisher.go("button[value=publish]")
    first = publisher.page.url.rsplit("/", 1)[1]
    assert publisher.page.inner_text("article.notice") in words
    publisher.look()
    made = {}
    for kind in ("html", "proof"):
        with publisher.page.expect_download() as taken:
            publisher.page.click(f"a[href$='/{first}/{kind}']")
        made[kind] = Path(taken.value.path()).read_text("utf-8")
    report = check(made["proof"], made["html"])
    assert report.problems == []
    assert report.figures > 0
    with publisher.context.expect_page() as opened:
        publisher.page.click(f"a[href$='/{first}/page']")
    with opened.value.expect_download() as taken:
        opened.value.click("aside a[href$='.proof.json']")
    assert Path(taken.value.path()).read_text("utf-8") == made["proof"]
    opened.value.click("aside a[href='verify.html']")
    opened.value.wait_for_selector("#files")
    opened.value.close()

    maker = AtDesk(browser, url, "zhidan", size)
    photo = tmp_path / "公示栏.jpg"
    photo.write_bytes(JPG)
    maker.page.goto(f"{here}/wall/put-up?project=P001&stage=completion")
    maker.page.fill("#places", f"村公示栏\n{'一组路口' if size == 'desk' else OBJECTED[size]}")
    maker.page.set_input_files("#papers", photo)
    maker.look()
    maker.go("form.sheet button")
    maker.look()
    maker.go("a[href*='take-down'][href*='P001']")
    maker.page.fill("#objections", OBJECTED[size])
    maker.look()
    maker.go("form.sheet button")
    assert "有异议就要有答复" in maker.look()
    maker.page.fill("#answer", "已到现场复核，长度相符")
    maker.go("form.sheet button")
    assert OBJECTED[size] in maker.look()
    maker.page.goto(f"{here}/{first}")
    assert "已到现场复核" in maker.look()
    assert maker.page.locator("a[href*='prepare']").count() == 0

    publisher.page.goto(f"{here}/{first}")
    publisher.go("a[href*='prepare']")
    publisher.page.fill("#say-inspection", "村级、乡镇验收合格，另经村民代表复核")
    publisher.go("button[value=look]")
    assert f"它取代 {first}，改动之处：检查验收结果" in publisher.look()
    publisher.page.check("#sure")
    publisher.go("button[value=publish]")
    assert "检查验收结果" in publisher.look()
    publisher.page.goto(here)
    publisher.look("notices")
    assert publisher.page.locator(due).count() == 0
    publisher.go(f"a[href$='/{first}']")
    assert "已被取代" in publisher.look()
    assert [each for who in (maker, publisher) for each in who.wrong] == []
    opened_again = open_workspace(folder)
    assert [each.code for found in verify(opened_again) for each in found.findings] == []
    opened_again.close()
