"""The public pages say what the sealed record says, and nothing that is not for the public."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sites import STORY, Page, files_of, pages_of, written

from ledger import messages, register
from ledger.money import yuan
from projects import registry, types
from projects.disclosure import folder
from projects.disclosure.folder import MARKER, Folder
from projects.disclosure.pages import Pages, percent, share
from projects.disclosure.parts import FOLDER as PARTS
from projects.disclosure.shown import Listed, shown
from projects.disclosure.site import publish
from projects.errors import FolderNotEmpty
from projects.events import works
from projects.privacy import privacy_of
from projects.sheets.movements import Movement, Voucher
from projects.sheets.village import read_village
from projects.status import status, total

HEAVIEST = 50_000
MONEY = "本项目各渠道的资金，单位：元"
RECEIPTS = "到账明细：各渠道之和等于上面的“到账”"
PAYMENTS = "支付明细：各渠道之和等于上面的“已支付”"
SHOWN = ["planned", "allotted", "received", "certified", "paid", "retention", "left"]


def write_site(out: Path, files: dict[str, bytes]) -> None:
    """Make a folder hold just these files."""
    made = Folder(out)
    made.look(*files)
    made.begin(files)
    for name, content in files.items():
        made.put(name, content)
    made.finish(files)


@pytest.fixture
def site(clerk: Any, tmp_path: Path) -> Callable[..., dict[str, Page]]:
    """Publish what the clerk has sealed and return the pages by name."""

    def published(**options: Any) -> dict[str, Page]:
        publish(clerk.workspace, tmp_path / "site", **options)
        return pages_of(tmp_path / "site")

    return published


def test_figures_on_the_page_are_those_of_the_status(clerk: Any, site: Any) -> None:
    clerk.play(STORY)
    page = site()["SF/P001.html"]
    with clerk.workspace.read() as connection:
        lines = status(connection, "SF")["P001"]
        names = dict(connection.exec_driver_sql("SELECT code, name FROM channel").all())
    assert page.tables[MONEY][1:] == [
        [names[channel], *(yuan(getattr(figures, name)) for name in SHOWN)] for channel, figures in lines.items()
    ] + [["合计（仅供阅读）", *(yuan(getattr(total(lines), name)) for name in SHOWN)]]


@pytest.mark.parametrize("caption, column", [(RECEIPTS, 3), (PAYMENTS, 5)])
def test_lists_add_up_to_the_figures(clerk: Any, site: Any, caption: str, column: int) -> None:
    clerk.play(STORY)
    tables = site()["SF/P001.html"].tables
    sums: dict[str, int] = {}
    for *_, channel, amount in tables[caption][1:]:
        sums[channel] = sums.get(channel, 0) + fen(amount)
    shown = {row[0]: fen(row[column]) for row in tables[MONEY][1:-1]}
    assert sums == {channel: amount for channel, amount in shown.items() if amount}


def test_a_reversed_voucher_is_shown_as_reversed(clerk: Any, site: Any) -> None:
    """The payment of 28 March was reversed and made anew, the second contract was reversed for good."""
    clerk.play(STORY)
    page = site()["SF/P001.html"]
    first = [[row[0], row[-1]] for row in page.tables[PAYMENTS] if row[0].startswith("V2024-03-000")]
    assert ["V2024-03-0006", "238,526.65"] in first
    assert ["V2024-03-0007", "-238,526.65"] in first
    assert "已由 V2024-03-0007 红冲" in page.text
    assert "红冲 V2024-03-0006" in page.text
    contracts = page.tables["本项目的合同，单位：元"]
    assert [row[0] for row in contracts[1:]] == ["路面", "测绘"]
    assert contracts[2][3:] == ["0.00", "0.00", "0.00"]
    assert "签订合同 P001C01" in page.text
    assert "签订合同 P001C02" not in page.text


def test_a_reversed_acceptance_brought_nothing(clerk: Any, site: Any) -> None:
    *_, number = clerk.play(STORY)
    page = site()["SF/P001.html"]
    assert "2024-07-20 验收合格，实际完成：3.5 km" in page.text
    assert page.tables["本项目验收后村情指标的变化"][1][2] == "4,700 / 4,700 100.0%"
    clerk.do("reverse", voucher=number, reason="漏了排水沟", date="2024-07-21")
    pages = site()
    assert "尚未验收。" in pages["SF/P001.html"].text
    assert "P001 · 实施中" in pages["SF/P001.html"].text
    assert "村情指标" not in pages["SF/index.html"].text


def test_the_village_page_tells_where_each_channel_went(clerk: Any, site: Any) -> None:
    with clerk.workspace.write() as unit:
        works.observe(unit, "SF", "paved-road", on="2023-12-31", numerator=1200, denominator=4700, evidence="台账")
        unit.commit()
    clerk.play(STORY)
    clerk.do("allot", project="P002", channel="JZ2024", amount="50000", date="2024-08-01")
    page = site()["SF/index.html"]
    channels = {row[0]: row[1:] for row in page.tables["各渠道的资金和用到的项目，单位：元"]}
    assert channels["定向社会捐资"][0] == "270,000.00"
    assert channels["定向社会捐资"][-1] == "通村公路 · 村卫生室"
    assert channels["卫生部门专项补助"][-1] == "尚未到项目"
    road = ["有硬化路", "1,200 / 4,700 25.5%", "4,700 / 4,700 100.0%", "没有定目标"]
    assert page.tables["村情指标：建档时、现在与目标"][1] == road
    assert ("a", {"href": "P002.html"}) in page.tags


def test_the_foot_lets_a_reader_compare_with_the_book(clerk: Any, site: Any) -> None:
    *_, number = clerk.play(STORY)
    [(leaf, count)] = clerk.sql("SELECT leaf_hash, seq + 1 FROM voucher WHERE book = 'SF' ORDER BY seq DESC LIMIT 1")
    for name in ("SF/index.html", "SF/P001.html", "SF/P002.html"):
        text = site()[name].text
        assert leaf in text
        assert f"本专账共有 {count} 张已记账的凭证。最后一张：V{number}，日期 2024-07-20。" in text
        assert "数据截至 2024-07-20" in text


def test_a_hostile_name_stays_text(clerk: Any, site: Any) -> None:
    hostile = """<script>alert("1")</script>'&amp;"""
    with clerk.workspace.write() as unit:
        budget = {"WS2024": 100}
        detail = {"place": hostile, "responsible": hostile, "benefit": hostile, "quantity": hostile}
        registry.add_project(unit, "SF", "P003", title=hostile, name=hostile, budget=budget, detail=detail)
        unit.commit()
    clerk.do("allot", project="P003", channel="WS2024", amount="1")
    clerk.do("receive", project="P003", channel="WS2024", amount="1", party=hostile)
    clerk.do("contract", contract="P003C01", parts=["WS2024=1"], name=hostile, party=hostile)
    pages = site()
    for page in pages.values():
        scripts = [attributes for tag, attributes in page.tags if tag == "script"]
        assert page.source.count("<script") == len(scripts) == (3 if "search.js" in page.source else 0)
    assert pages["SF/P003.html"].text.count(hostile) >= 7
    assert hostile in pages["SF/index.html"].text


def test_drafts_names_and_notes_are_not_shown(clerk: Any, site: Any) -> None:
    clerk.play(STORY)
    before = site()
    clerk.draft("receive", project="P001", channel="JT2024", amount="1234", party="草稿单位", date="2024-07-21")
    clerk.do("receive", project="P001", channel="JT2024", amount="4321", note="内部摘要", date="2024-07-21")
    after = site()
    text = "".join(page.source for page in after.values())
    assert "个人（不公开姓名）" in text
    assert "4,321.00" in text
    assert not [word for word in ("草稿单位", "1,234.00", "蒲君君", "蒲某某", "内部摘要", "commitment") if word in text]
    assert before.keys() == after.keys()


def test_the_same_record_gives_the_same_bytes(clerk: Any, clock: Any, tmp_path: Path) -> None:
    clerk.play(STORY)
    publish(clerk.workspace, tmp_path / "one")
    clock.set("2026-06-30")
    publish(clerk.workspace, tmp_path / "two")
    first = files_of(tmp_path / "one")
    assert first == files_of(tmp_path / "two")
    publish(clerk.workspace, tmp_path / "one")
    assert files_of(tmp_path / "one") == first
    pages = [
        "SF/P001.html",
        "SF/P002.html",
        "SF/index.html",
        "costs.html",
        "index.html",
        "projects.html",
        "search.html",
    ]
    assert set(first) == {
        MARKER,
        "style.css",
        "search.js",
        "search-characters.js",
        *(f"{place}search-{each}.js" for place in ("", "zh-Hant/") for each in ("all", "names")),
        *(f"{place}{each}" for place in ("", "zh-Hant/", "en/") for each in pages),
    }


@pytest.mark.parametrize("lang", messages.LANGS)
def test_every_page_is_whole_light_and_asks_nobody(clerk: Any, site: Any, lang: messages.Lang) -> None:
    clerk.play(STORY)
    for name, page in site(languages=[lang]).items():
        tags = [tag for tag, _ in page.tags]
        assert ("html", {"lang": {"zh": "zh-Hans", "en": "en"}[lang]}) in page.tags, name
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False)), name
        assert tags.count("caption") == tags.count("table") == len(page.tables)
        assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
        links = {value for _, attributes in page.tags for key, value in attributes.items() if key in {"href", "src"}}
        assert not [link for link in links if link and re.match(r"https?:|//", link)]
        assert not {"script", "iframe", "img", "form", "object"} & set(tags) or name == "search.html"
        assert not {"iframe", "img", "object"} & set(tags)
        assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on") or key == "style"]
        assert len(page.source.encode()) < HEAVIEST
        assert not re.search(r"\bdisclosure\.|\{[a-z]", page.source)


def test_links_lead_to_pages_that_are_there(clerk: Any, site: Any, tmp_path: Path) -> None:
    clerk.play(STORY)
    for name, page in site().items():
        for tag, attributes in page.tags:
            target = attributes.get("href") or ""
            if tag in {"a", "link"} and not target.startswith(("tel:", "data:")):
                assert ((tmp_path / "site" / name).parent / target).resolve().is_file()


def test_long_lists_go_on_on_further_pages(clerk: Any) -> None:
    with clerk.workspace.read() as connection:
        book = register.need_book(connection, "SF")
        read = read_village(connection, registry.need_village(connection, "V13"), book)
        village = shown(read, privacy_of(connection), types.shipped())
    long = [movement(seq, payee="宏达路桥工程有限公司" if seq % 9 else "&" * 400) for seq in range(500)]
    sheet = replace(village.projects[0], receipts=tuple(long), payments=tuple(long[:30]))
    written = dict(Pages("zh", demonstration=False).project(village, sheet))
    assert list(written)[:3] == ["P001.html", "P001-2.html", "P001-3.html"]
    assert max(map(len, written.values())) < HEAVIEST
    found = [
        row[0]
        for page in written.values()
        for caption, rows in Page(page.decode()).tables.items()
        if caption.startswith("到账明细")
        for row in rows[1:]
        if row[0].startswith("V")
    ]
    assert found == [f"V{each.voucher.number}" for each in long]


def test_a_demonstration_says_so_on_every_page(clerk: Any, tmp_path: Path, site: Any) -> None:
    assert not [name for name, page in site().items() if "演示数据" in page.text]
    settings = clerk.workspace.settings.model_copy(update={"demonstration": True})
    published = publish(replace(clerk.workspace, settings=settings), tmp_path / "demo")
    pages = pages_of(tmp_path / "demo")
    assert published.pages == len(pages) == 18
    banner = {"演示数据", "演示數據", "Demonstration"}
    assert all(any(each in page.text for each in banner) for page in pages.values())


def test_a_village_without_a_book_or_a_voucher_is_told_of(clerk: Any, site: Any) -> None:
    with clerk.workspace.write() as unit:
        registry.add_village(unit, "V14", name="新桥村", township="蒲河镇")
        unit.commit()
    pages = site()
    assert pages["index.html"].tables["蒲河镇"][1] == ["新桥村", "尚未建账"]
    assert "还没有数据" in pages["index.html"].text
    assert "本专账还没有已记账的凭证。" in pages["SF/index.html"].text


@pytest.mark.parametrize(
    "there",
    [
        {"thesis.doc": "mine"},
        {"index.html": "mine"},
        {".earmark-site": "index.html\n", "SF/P001.html": "mine"},
        {".earmark-site": "index.html\n", "SF": "mine"},
        {"SF/index.html": "mine"},
    ],
)
def test_files_of_others_are_refused_and_untouched(clerk: Any, tmp_path: Path, there: dict[str, str]) -> None:
    out = tmp_path / "site"
    for name, content in there.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(content)
    before = files_of(out)
    with pytest.raises(FolderNotEmpty):
        publish(clerk.workspace, out)
    assert files_of(out) == before


def test_a_file_in_the_place_of_the_folder_is_refused(clerk: Any, tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    with pytest.raises(FolderNotEmpty) as caught:
        publish(clerk.workspace, tmp_path / "site")
    assert messages.explain(caught.value, "zh").endswith("里已有别的文件，没有改动任何东西：请换一个空目录。")


def test_pages_that_are_gone_are_removed_and_others_stay(tmp_path: Path) -> None:
    write_site(tmp_path, {"index.html": b"1", "A/index.html": b"1", "B/index.html": b"1"})
    (tmp_path / "photo.jpg").write_text("mine")
    (tmp_path / "B" / "note.txt").write_text("mine")
    write_site(tmp_path, {"index.html": b"2"})
    assert files_of(tmp_path) == {
        MARKER: b"index.html\n", "B/note.txt": b"mine", "index.html": b"2", "photo.jpg": b"mine"
    }  # fmt: skip
    assert not (tmp_path / "A").exists()


def test_a_marker_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    out = tmp_path / "site"
    write_site(out, {"index.html": b"1"})
    (tmp_path / "mine.html").write_text("mine")
    (out / MARKER).write_text(f"index.html\n../mine.html\n{tmp_path}/mine.html\n")
    write_site(out, {"style.css": b"1"})
    assert (tmp_path / "mine.html").read_text() == "mine"
    assert sorted(files_of(out)) == [MARKER, "style.css"]


def test_a_run_that_was_cut_off_is_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was written until then is still known as ours."""
    write_site(tmp_path, {"SF/P000.html": b"1"})
    real = folder.replace_file

    def failing(path: Path, writer: folder.Writer) -> None:
        if path.name == "P002.html":
            raise OSError(28, "No space left on device")
        real(path, writer)

    monkeypatch.setattr(folder, "replace_file", failing)
    with pytest.raises(OSError, match="No space left"):
        write_site(tmp_path, {"SF/P001.html": b"1", "SF/P002.html": b"1"})
    monkeypatch.undo()
    write_site(tmp_path, {"SF/P003.html": b"1"})
    assert sorted(files_of(tmp_path)) == [MARKER, "SF/P003.html"]


@pytest.mark.parametrize(
    "fen_, said",
    [(999_999, ""), (1_000_000, "1 万元"), (88_000_000, "88 万元"), (174_938_001, "约 174.94 万元"),
     (10_250_000, "10.25 万元"), (-2_000_000, "-2 万元")],
)  # fmt: skip
def test_ten_thousands_say_when_they_are_rounded(fen_: int, said: str) -> None:
    assert Pages("zh", demonstration=False)._wan(fen_) == said


@pytest.mark.parametrize(
    "part, whole, shown",
    [(1, 3, "33.3%"), (999_999, 1_000_000, "99.9%"), (5, 5, "100.0%"), (0, 0, "0.0%"), (-1, 4, "0.0%"),
     (6, 5, "120.0%")],
)  # fmt: skip
def test_shares_are_rounded_down(part: int, whole: int, shown: str) -> None:
    assert percent(share(part, whole)) == shown


def test_both_languages_have_the_same_words() -> None:
    zh, en = (messages.catalogue("projects", lang) for lang in messages.LANGS)
    words = [{key for key in each if key.startswith("disclosure.")} for each in (zh, en)]
    assert words[0] == words[1]
    assert len(words[0]) > 100


def fen(shown: str) -> int:
    return int(shown.replace(",", "").replace(".", ""))


def movement(seq: int, *, payee: str) -> Movement:
    voucher = Voucher(
        seq=seq,
        number=f"2024-05-{seq:04}",
        date="2024-05-01",
        event="household_cash",
        project="P001",
        contract="",
        payee=payee,
        facts={},
        leaf_hash="0" * 64,
        reverses="",
        reversed_by="",
    )
    return Movement(voucher, {"JT2024": seq + 1, "ZC2024": 1234567890})


def test_a_project_page_credits_each_channel_with_what_it_paid(
    clerk: Any, site: Callable[..., dict[str, Page]]
) -> None:
    clerk.begin("""
        allot project=P001 channel=JT2024 amount=600
        receive project=P001 channel=JT2024 amount=600
        plan project=P001 channel=ZC2024 amount=400
        receive project=P001 channel=ZC2024 amount=100
        contract contract=P001C01 parts=JT2024=600,ZC2024=400 party=施工单位
        certify contract=P001C01 amount=1000 no_retention
        pay contract=P001C01 partial
    """)
    page = site()["SF/P001.html"]
    assert "各渠道的钱办成了多少" not in page.tables
    assert "道路" in page.text
    clerk.play("accept project=P001 quantity=3.5")
    page = site()["SF/P001.html"]
    # 600 and 100 of 700 were paid: 3,500 m × 6 / 7 = 3,000.
    assert page.tables["各渠道的钱办成了多少"][1:] == [
        ["交通部门专项补助", "600.00", "85.7%", "3,000 米"],
        ["农户自筹", "100.00", "14.3%", "500 米"],
        ["合计（仅供阅读）", "700.00", "100.0%", "3,500 米"],
    ]
    assert "还有 300.00 元没有付清" in page.text


def test_a_village_page_judges_the_village_and_says_how_sure_the_thresholds_are(
    clerk: Any, site: Callable[..., dict[str, Page]]
) -> None:
    assert "退出标准" not in site()["SF/index.html"].text
    with clerk.workspace.write() as unit:
        works.observe(unit, "SF", "poverty-rate", on="2024-01-01", numerator=40, denominator=1000, evidence="台账")
        works.observe(unit, "SF", "clinic", on="2024-01-02", numerator=1, denominator=1, evidence="台账")
        unit.commit()
    page = site()["SF/index.html"]
    rows = {row[0]: row[1:] for row in page.tables["逐条对照"]}
    assert rows["贫困发生率"] == ["低于 4%", "40 / 1,000", "未达到"]
    assert rows["有卫生室"] == ["应有的都有", "1 / 1", "达到"]
    assert rows["有硬化路"] == ["应有的都有", "没有观测值", "不清楚"]
    assert "到 2024-01-02 为止的观测： 未达到" in " ".join(page.text.split())
    assert "“一低七有”（拿不准）。" in page.text
    english = site(languages=["en"])["SF/index.html"]
    assert {row[0]: row[1:] for row in english.tables["Condition by condition"]}["Clinic"] == [
        "all there",
        "1 / 1",
        "met",
    ]


def neighbours(clerk: Any) -> None:
    """Give the county a second village with a book and a project."""
    with clerk.workspace.write() as unit:
        registry.add_village(unit, "V14", name="新桥村", township="蒲河镇")
        register.add_book(unit, "XQ", village="V14", name="新桥村专账", started_on=date(2024, 1, 1))
        registry.add_project(unit, "XQ", "P001", title="水站", name="供水站", budget={"JT2024": 100}, detail={})
        unit.commit()


def test_only_the_village_that_changed_is_read_and_written_again(clerk: Any, tmp_path: Path) -> None:
    neighbours(clerk)
    clerk.play(STORY)
    out = tmp_path / "site"
    assert publish(clerk.workspace, out).read == 2
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.html")}
    assert publish(clerk.workspace, out).read == 0
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.html")} == times
    clerk.do("receive", project="P001", channel="JT2024", amount="1", date="2024-07-21")
    assert publish(clerk.workspace, out).read == 1
    changed = {path.relative_to(out).as_posix() for path, at in times.items() if path.stat().st_mtime_ns != at}
    pages = {"SF/P001.html", "SF/P002.html", "SF/index.html"}
    pages |= {"costs.html", "index.html", "projects.html", "search.html"}
    assert changed == {f"{place}{each}" for place in ("", "zh-Hant/", "en/") for each in pages}
    publish(clerk.workspace, tmp_path / "new")
    assert files_of(out) == files_of(tmp_path / "new")
    assert publish(clerk.workspace, out, anew=True).read == 2


@pytest.mark.parametrize("broken", ["XQ/P001.html", f"{PARTS}/V14"])
def test_what_was_cut_short_or_lost_is_written_again(clerk: Any, tmp_path: Path, broken: str) -> None:
    neighbours(clerk)
    out = tmp_path / "site"
    publish(clerk.workspace, out)
    whole = files_of(out)
    for spoil in (lambda path: path.write_bytes(path.read_bytes()[:-2]), Path.unlink):
        spoil(out / broken)
        assert publish(clerk.workspace, out).read == 1
        assert files_of(out) == whole


def test_what_all_villages_share_makes_all_of_them_new(clerk: Any, tmp_path: Path) -> None:
    neighbours(clerk)
    out = tmp_path / "site"
    publish(clerk.workspace, out)
    assert publish(clerk.workspace, out, languages=["en"]).read == 2
    settings = clerk.workspace.settings.model_copy(update={"demonstration": True})
    assert publish(replace(clerk.workspace, settings=settings), out, languages=["en"]).read == 2
    with clerk.workspace.write() as unit:
        registry.add_village(unit, "V15", name="三坪村", township="蒲河镇")
        unit.commit()
    assert publish(clerk.workspace, out).read == 3


def test_a_run_that_died_anywhere_leaves_every_page_whole_and_is_made_good(
    clerk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever write fails: each page is the old one or the new one, and the next run makes what a first run makes."""
    neighbours(clerk)
    clerk.play(STORY)
    out = tmp_path / "site"
    publish(clerk.workspace, out)
    old = files_of(out)
    clerk.do("receive", project="P001", channel="JT2024", amount="1", date="2024-07-21")
    publish(clerk.workspace, tmp_path / "new")
    new = files_of(tmp_path / "new")
    real = Path.replace
    for fatal in range(50):
        shutil.rmtree(out)
        write_all(out, old)
        left = iter(range(fatal))

        def dying(path: Path, target: Path, left: Any = left) -> Path:
            if next(left, None) is None:
                raise OSError(28, "No space left on device")
            return real(path, target)

        monkeypatch.setattr(Path, "replace", dying)
        try:
            publish(clerk.workspace, out, anew=True)
        except OSError:
            whole = True
        else:
            whole = False
        monkeypatch.undo()
        for name, content in files_of(out).items():
            if not name.endswith(".partial") and name != MARKER:
                assert content in {old.get(name), new.get(name)}, name
        publish(clerk.workspace, out)
        assert {name: each for name, each in files_of(out).items() if not name.endswith(".partial")} == new
        if not whole:
            break
    assert fatal > 3


def write_all(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_a_county_of_many_villages_has_a_page_of_townships_and_one_of_each() -> None:
    """Three hundred villages on one page would be too heavy for a telephone."""
    villages = [
        Listed(f"第{number // 60}镇", f"名字很长的示范村第{number}号", f"V{number}", 10**10, 10**9, "2024-07-20")
        for number in range(300)
    ]
    pages = written(Pages("zh", demonstration=True).county(villages))
    assert len(pages) == 6
    assert max(map(len, pages.values())) < HEAVIEST
    index = Page(pages["index.html"].decode())
    assert index.tables["各乡镇的村专账，单位：元"][1] == ["第0镇", "60", "6,000,000,000.00", "600,000,000.00"]
    linked = [attributes["href"] for tag, attributes in index.tags if tag == "a" and "township" in attributes["href"]]
    assert sorted(linked) == sorted(name for name in pages if name != "index.html")
    rows = [row[0] for name in linked for row in Page(pages[name].decode()).tables["各村专账"][1:]]
    assert rows == [each.name for each in villages]
    few = written(Pages("zh", demonstration=True).county(villages[:100]))
    assert len(few) == 1
    assert max(map(len, few.values())) < HEAVIEST


def test_every_page_of_a_book_carries_its_newest_signed_checkpoint(clerk: Any, tmp_path: Path) -> None:
    clerk.play(STORY)
    out = tmp_path / "site"
    publish(clerk.workspace, out)
    assert "校验点" not in (out / "SF/P001.html").read_text("utf-8")
    clerk.make_key()
    note = clerk.sign()
    assert publish(clerk.workspace, out).read == 1
    for name in ("index", "P001", "P002"):
        text = html.unescape((out / f"SF/{name}.html").read_text("utf-8"))
        assert f"<pre>{note}</pre>" in text
        assert clerk.signer.verifier.open(text.partition("<pre>")[2].partition("</pre>")[0]).size > 20
