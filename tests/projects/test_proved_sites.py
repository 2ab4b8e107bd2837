"""A folder of public pages is checked as a whole: what a forger changes, takes away or adds is named, on every page."""

from __future__ import annotations

import json
import random
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from projects.cli.main import run
from projects.demo import build
from projects.demo.builder import PASSPHRASE
from projects.disclosure import pages
from projects.disclosure.site import publish

CONTACT = ["--issuer", "村委会", "--phone", "12345", "--as", "shenhe", "--book", "V13", "--out"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the demonstration with a notice, on pages of all villages and of townships; nobody writes into it."""
    folder = tmp_path_factory.mktemp("proved-site")
    build(folder / "ws")
    here = ["--workspace", str(folder / "ws")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", PASSPHRASE)
        assert run([*here, "notice", "publish", "completion", "P001", *CONTACT, str(folder / "notices")]) == 0
        assert run([*here, "disclose", "--out", str(folder / "site")]) == 0
        patch.setattr(pages, "TOGETHER", 1)
        assert run([*here, "disclose", "--out", str(folder / "townships"), "--anew"]) == 0
    return folder / "site"


@pytest.fixture
def forged(site: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(site, tmp_path / "site"))


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def called(path: Path, *words: str) -> tuple[int, str]:
        code = run(["verify-page", str(path), *words])
        said = capsys.readouterr()
        assert said.err == ""
        return code, said.out

    return called


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new), "utf-8")


def test_all_of_a_site_is_accepted_and_what_nothing_proves_is_named(site: Path, check: Any) -> None:
    code, said = check(site)
    assert code == 0
    assert "54 页与存证日志一致，出自 2 本专账" in said
    assert "全部村和乡镇的汇总页 3 页：每个数字都与 2 本专账经证明的数字一致" in said
    assert "已发布的公示 1 份，逐份与自己的证明一致。" in said
    assert "没有写明证明，没有核对：costs.html" in said
    assert "请与发布单位公布的公钥对照（earmark/demonstration/V13、earmark/demonstration/V14）" in said
    rows = json.loads(check(site, "--json")[1])
    assert {each["kind"] for each in rows} == {"page", "county", "notice", "checker", "data", "unproved"}
    data = {f"data/{name}" for name in DATA}
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert pages | data == {each["file"] for each in rows}
    assert "开放数据 balances.csv、budgets.csv、transactions.csv、oc4ids-channels.json：" in said
    [balances] = [each for each in rows if each["file"] == "data/balances.csv"]
    lines = (site / "data/balances.csv").read_text("utf-8").splitlines()[1:]
    assert (balances["rows"], balances["stated"]) == (len(lines), [])


@pytest.mark.parametrize("folder", ["", "zh-Hant/", "en/"])
def test_a_page_of_all_villages_is_accepted_by_itself_inside_its_site(site: Path, check: Any, folder: str) -> None:
    code, said = check(site / folder / "index.html")
    assert (code, "全部村和乡镇的汇总页 1 页：每个数字都与 2 本专账经证明的数字一致" in said) == (0, True)


def test_a_page_of_all_villages_with_the_proof_of_one_is_told_apart(site: Path, check: Any) -> None:
    code, said = check(site / "index.html", "--proof", str(site / "V13/proof.json"))
    assert (code, "“index.html”是各村的汇总页，没有自己的证明" in said) == (3, True)


DATA = ("balances.csv", "budgets.csv", "transactions.csv", "oc4ids-channels.json")


def test_a_changed_amount_in_open_data_is_named_with_its_row(forged: Path, check: Any) -> None:
    """Of each file with money five figures, chosen by chance, whose last digit is another."""
    chance = random.Random(7)
    wanted: dict[str, list[str]] = {}
    wholes = {name: (forged / "data" / name).read_text("utf-8") for name in DATA}
    for name, whole in wholes.items():
        found = list(re.finditer(r"(?<=[,:])[0-9]+\.[0-9]{2}(?=[,}\n])", whole))
        changed, says = whole, []
        for each in sorted(chance.sample(found, 5), key=lambda each: -each.start()):
            other = f"{each[0][:-1]}{(int(each[0][-1]) + 1) % 10}"
            changed = changed[: each.start()] + other + changed[each.end() :]
            project, channel = whole[: each.start()].rpartition("\n")[2].split(",")[:2]
            row = f"  {project} {channel} 的 " if name == "balances.csv" else ""
            says.append(f"{row}…写的是 {other}，按证明应为 {each[0]}。")
        (forged / "data" / name).write_text(changed, "utf-8")
        wanted[name] = says
    code, said = check(forged)
    assert code == 3
    for name, says in wanted.items():
        told = [line for line in said.splitlines() if line.startswith(f"✗ data/{name}")]
        assert told
        if name != "budgets.csv":  # of which the years of a budget are compared together
            assert len(told) == len(says), (name, told)
            for row, figures in (each.split("…") for each in says):
                assert any(row in line and figures in line for line in told), (name, row, figures)
        (forged / "data" / name).write_text(wholes[name], "utf-8")
    assert check(forged)[0] == 0


def test_rows_of_open_data_that_are_missing_added_or_of_no_proof_are_named(forged: Path, check: Any) -> None:
    path = forged / "data/balances.csv"
    whole = path.read_text("utf-8")
    heading, first, *rows = whole.splitlines(keepends=True)
    path.write_text("".join([heading, *rows, rows[-1], first.replace("JT2024", "JT2099")]), "utf-8")
    twice = " ".join(rows[-1].split(",")[:2])
    said = check(forged)[1]
    assert "✗ data/balances.csv  少了 V13-P001 JT2024 这一行。" in said
    assert f"✗ data/balances.csv  {twice} 这一行重复，或证明里没有。" in said
    assert "✗ data/balances.csv  V13-P001 JT2099 这一行重复，或证明里没有。" in said
    for unread in (whole.replace("planned", "plan", 1), whole + "V13-P001\n", whole + '"'):
        path.write_text(unread, "utf-8")
        assert "✗ data/balances.csv  文件不是本程序写的格式，读不出来。" in check(forged)[1]
    path.write_text(whole + first.replace("V13-", "V99-"), "utf-8")
    code, said = check(forged)
    assert (code, "没有证明、只是发布单位所说的专账：V99。" in said) == (0, True)


FORGED = [
    (
        "index.html",
        ">4,476,000.00<",
        ">9,476,000.00<",
        "index.html  网页上“9,476,000.00”不是本程序写的，应为“4,476,000.00”",
    ),
    ("en/index.html", ">3,576,000.00<", ">玖佰万<", "en/index.html  网页上“玖佰万”"),
    ("zh-Hant/index.html", ">示範村甲</a></th>", ">示範村</a></th>", "zh-Hant/index.html  网页上“示範村”"),
    ("index.html", "</main>", "<p>合计 9,000 万元</p></main>", "index.html  网页上“<p>”"),
    ("index.html", "每个村画在它的项目的中间", "<script>x</script>", "index.html  “<script>”不该在这里"),
    ("V13/P001.html", ' data-proof="glance"', "", "V13/P001.html  网页少了或多了"),
    ("V13/notices/V13-F195-completion.html", "1,750,000.00", "1,850,000.00", "completion.html  “资金使用情况”处写的是"),
    ("verify.html", "PAGES_FORM", "PAGES_F0RM", "verify.html  核对网页不是本程序写的这一版"),
]


@pytest.mark.parametrize("page, old, new, says", FORGED, ids=range(len(FORGED)))
def test_a_forged_page_is_refused_and_named(forged: Path, check: Any, page: str, old: str, new: str, says: str) -> None:
    change(forged / page, old, new)
    code, said = check(forged)
    assert code == 3
    assert "✗ " in said
    assert says in said
    assert "请勿采信" in said


def test_a_page_without_its_marks_is_compared_all_the_same(forged: Path, check: Any) -> None:
    """Whoever changes a figure would take away what says that the page has a proof."""
    page = forged / "V13/P001.html"
    text = page.read_text("utf-8")
    for mark in ("data-proof-file", "data-proof", "data-page"):
        text = text.replace(mark, "data-x")
    page.write_text(text.replace("854,200.00", "954,200.00"), "utf-8")
    code, said = check(forged)
    assert (code, "✗ V13/P001.html  " in said) == (3, True)


def test_what_is_missing_misplaced_or_added_is_named(forged: Path, check: Any) -> None:
    (forged / "V13/P002.html").unlink()
    shutil.copy(forged / "V13/P001.html", forged / "V13/P003.html")
    shutil.copy(forged / "V13/P001.html", forged / "V13/P099.html")
    shutil.copy(forged / "en/index.html", forged / "index.html")
    code, said = check(forged)
    assert code == 3
    assert "✗ V13/P002.html  这一页应该在这里，却没有" in said
    assert "✗ V13/P003.html  这里应是“V13/P003.html zh-Hans”，放的却是“V13/P001.html zh-Hans”。" in said
    assert "✗ index.html  网页上“<html lang=en>”不是本程序写的" in said
    assert "✗ V13/P099.html" not in said, "a second copy of a page, which is right and says which it is"
    change(forged / "V13/P099.html", "data-proof-file", "data-x")
    assert "✗ V13/P099.html  专账 V13 的证明里没有“P099.html”这一页" in check(forged)[1]


def test_a_village_on_the_page_of_all_has_its_proof_or_is_said_to_have_none(forged: Path, check: Any) -> None:
    row = '<tr><th scope="row"><a href="V14/index.html">示范村乙</a></th>'
    change(forged / "index.html", row, row.replace("V14", "V99").replace("示范村乙", "新村"))
    code, said = check(forged)
    assert (code, "✗ index.html  汇总页上没有“示范村乙 V14”，而它有带证明的网页。" in said) == (3, True)
    change(forged / "index.html", "V99", "V13")
    assert "✗ index.html  汇总页上“示范村甲 V13”出现了不止一次。" in check(forged)[1]


def test_a_village_without_a_proof_is_told(site: Path, tmp_path: Path, check: Any) -> None:
    folder = Path(shutil.copytree(site, tmp_path / "site"))
    for each in (folder / "V14", folder / "en/V14", folder / "zh-Hant/V14"):
        shutil.rmtree(each)
    code, said = check(folder)
    assert code == 0
    assert "每个数字都与 1 本专账经证明的数字一致" in said
    assert "汇总页上没有证明、只是发布单位所说的村：示范村乙。" in said


def test_sums_of_townships_are_those_of_their_villages(
    site: Path, tmp_path: Path, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "TOGETHER", 1)
    folder = Path(shutil.copytree(site.with_name("townships"), tmp_path / "site"))
    [first] = sorted(folder.glob("township-*.html"))[:1]
    code, said = check(folder)
    assert (code, "全部村和乡镇的汇总页 9 页" in said) == (0, True)
    change(folder / "index.html", ">19,126,200.00<", ">29,126,200.00<")
    code, said = check(folder)
    assert (code, "✗ index.html  网页上“29,126,200.00”不是本程序写的，应为“19,126,200.00”" in said) == (3, True)
    first.unlink()
    assert "✗ index.html  汇总页上没有“" in check(folder)[1]


def test_a_folder_signed_by_two_keys_shows_both(clerk: Any, site: Path, tmp_path: Path, check: Any) -> None:
    """A forger makes a whole village with a key of his own: all is right but the key, and the key is told."""

    clerk.play("allot project=P001 channel=JT2024 amount=880000 date=2024-01-10")
    clerk.make_key()
    clerk.sign()
    publish(clerk.workspace, tmp_path / "other")
    folder = Path(shutil.copytree(site, tmp_path / "site"))
    shutil.copytree(tmp_path / "other/SF", folder / "SF")
    code, said = check(folder)
    assert code == 3, "the page of all villages does not have it"
    own = (site.with_name("ws") / "office.pub").read_text("utf-8").strip()
    code, said = check(folder, "--office-key", own)
    assert (code, "公钥不符" in said) == (3, True)


def test_every_file_of_open_data_is_on_the_page_of_all_villages(site: Path) -> None:
    files = {each.name for each in (site / "data").iterdir() if each.suffix != ".html"}
    for folder in ("", "en/", "zh-Hant/"):
        found = re.findall(
            r'href="(?:../)*data/([^"]+)">[^<]+</a> ([^<]+)</li>', (site / folder / "index.html").read_text("utf-8")
        )
        assert {name for name, _ in found} == files
        assert all(told for _, told in found)


def test_a_plan_counts_the_projects_that_it_lists(site: Path, tmp_path: Path) -> None:
    """The demonstration has a project of loans, with no money of a channel."""
    words = [
        "--workspace",
        str(site.with_name("ws")),
        "notice",
        "preview",
        "plan",
        "--book",
        "V13",
        *CONTACT[:4],
        "--out",
    ]
    assert run([*words, str(tmp_path)]) == 0
    [page] = tmp_path.glob("*.html")
    text = page.read_text("utf-8")
    [count] = re.findall("示范村甲，([0-9]+) 个项目", text)
    assert text.count('scope="row"') == int(count) == 5


def test_a_photo_of_the_wall_and_what_its_camera_wrote_into_it_stay_in_the_office(site: Path, tmp_path: Path) -> None:
    """The photo is kept as it was taken, as evidence; nothing that is published holds it, its name or where it was taken."""
    shutil.copytree(site.with_name("ws"), tmp_path / "ws")
    exif = b"Exif\x00\x00MM\x00*" + b"GPS 29.5612N 106.5534E PHONE-OF-WANG"
    photo = tmp_path / "IMG-WANG-20241213.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + b"\xff\xd9")
    here = ["--workspace", str(tmp_path / "ws")]
    up = ["--stage", "completion", "--place", "村口", "--date", "2024-12-13", "--doc", str(photo), "--book", "V13"]
    assert run([*here, "notice", "put-up", "P006", *up, "--as", "zhidan"]) == 0
    assert any(b"PHONE-OF-WANG" in each.read_bytes() for each in (tmp_path / "ws").rglob("*") if each.is_file())
    out = tmp_path / "out"
    assert run([*here, "disclose", "--out", str(out)]) == 0
    files = [each for each in out.rglob("*") if each.is_file()]
    assert {each.suffix for each in files} <= {".html", ".css", ".js", ".json", ".csv", ".xml", ".xlsx", ".pdf", ""}
    for each in files:
        content = each.read_bytes()
        if each.suffix == ".xlsx":
            with zipfile.ZipFile(each) as book:
                content += b"".join(book.read(name) for name in book.namelist())
                assert not [name for name in book.namelist() if "media" in name]
        assert not [word for word in (b"WANG", b"Exif", b"\xff\xd8\xff", b"106.5534") if word in content], each
