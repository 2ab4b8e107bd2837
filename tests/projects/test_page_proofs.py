"""Public pages carry their proof: real ones are accepted in every language, and a changed digit is named."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sites import STORY

from ledger import checkpoints, keyring, signing
from projects import registry
from projects.cli.main import run
from projects.disclosure.proved import Proved
from projects.disclosure.proved import proof as proved_proof
from projects.disclosure.proved.narrations import written_by_program
from projects.disclosure.site import publish
from projects.notices.growth import growth
from projects.tongues import TONGUES

MUTATIONS = int(os.environ.get("EARMARK_MUTATIONS", "30"))
FOLDERS = {"zh": "", "zh-Hant": "zh-Hant/", "en": "en/"}
assert set(FOLDERS) == set(TONGUES)
PAGES = ("index", "P001", "P002")
Call = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def site(new_clerk: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A village with a story, its log signed, its pages in all languages; nobody writes into it."""
    out = tmp_path_factory.mktemp("proved") / "site"
    with new_clerk() as clerk:
        clerk.play(STORY)
        clerk.make_key()
        for book in ("office", "SF"):
            clerk.sign(book)
        publish(clerk.workspace, out)
    return out


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*words: str) -> tuple[int, Any]:
        code = run(["verify-page", *words])
        said = capsys.readouterr()
        assert said.err == ""
        return code, json.loads(said.out) if "--json" in words else said.out

    return called


@pytest.fixture
def proof(site: Path) -> dict[str, Any]:
    return json.loads((site / "SF/proof.json").read_text("utf-8"))  # type: ignore[no-any-return]


def codes(proof: dict[str, Any], page: str | None = None) -> list[str]:
    return [code for code, _ in Proved(json.dumps(proof)).check(page).problems]


class Shown(HTMLParser):
    """Where the digits stand that the proved blocks of a page show."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self._lines = [0]
        for line in page.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._open: list[bool] = []
        self.places: list[int] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "link"}:
            self._open.append("data-proof" in dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser gives it
        self._open.pop()

    def handle_data(self, data: str) -> None:
        line, column = self.getpos()
        place = self._lines[line - 1] + column
        if any(self._open) and self._page.startswith(data, place):
            self.places += [place + at for at, each in enumerate(data) if each in "0123456789"]


def test_every_page_is_accepted_in_every_language(site: Path, call: Call) -> None:
    code, said = call(str(site))
    assert (code, said.startswith("✗")) == (0, False)
    assert f"{len(PAGES) * len(TONGUES)} 页与存证日志一致，出自 1 本专账" in said
    assert "没有写明证明，没有核对：" in said, "pages that only state something are named"
    assert "全部村和乡镇的汇总页 3 页：每个数字都与 1 本专账经证明的数字一致" in said
    code, found = call(str(site), "--json")
    assert all(each["right"] for each in found)
    found = [each for each in found if each["kind"] == "page"]
    assert len(found) == len(PAGES) * len(TONGUES)
    assert len({each["words"] for each in found if each["page"] == "SF/P001.html"}) == 1


def test_whoever_takes_a_page_for_a_notice_gets_the_same_answer(
    site: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    page = str(site / "en/SF/P001.html")
    _, said = call(page)
    assert run(["verify-notice", page]) == 0
    assert capsys.readouterr().out == said


def test_what_is_not_proved_is_said(site: Path, call: Call) -> None:
    code, said = call(str(site / "SF/P001.html"))
    assert code == 0
    # 蒲君君 brought 110,000: a person's voucher stays in the office.
    assert "其中 1 张涉及个人" in said
    assert "本页的“到账”里，这样的凭证有 1 张，合计 110,000.00 元。" in said
    assert "不在证明之内、只是发布单位所说的：项目的名称、带来了什么。" in said
    text = (site / "SF/proof.json").read_text("utf-8")
    assert "蒲某某" not in text
    assert "蒲君君" not in text


@pytest.mark.parametrize("folder", FOLDERS.values())
@pytest.mark.parametrize("name", PAGES[:2])
def test_a_changed_digit_is_found_and_its_place_named(site: Path, folder: str, name: str) -> None:
    proved = Proved((site / "SF/proof.json").read_text("utf-8"))
    whole = (site / f"{folder}SF/{name}.html").read_text("utf-8")
    assert proved.check(whole).problems == []
    places = Shown(whole).places
    assert len(places) > 200
    chance = random.Random(f"{folder}{name}")
    for place in chance.sample(places, min(MUTATIONS, len(places))):
        other = chance.choice([each for each in "0123456789" if each != whole[place]])
        problems = proved.check(whole[:place] + other + whole[place + 1 :]).problems
        assert problems, whole[place - 40 : place + 40]
        told = [facts for code, facts in problems if code in {"word", "checkpoint", "page"}]
        assert told, problems
        assert told[-1].get("where", "checkpoint")
        assert told[-1].get("found") != told[-1].get("expected", "")


def test_a_changed_figure_is_told_by_its_heading(site: Path, tmp_path: Path, call: Call) -> None:
    page = tmp_path / "P001.html"
    whole = (site / "SF/P001.html").read_text("utf-8")
    shutil.copy(site / "SF/proof.json", tmp_path)
    page.write_text(whole.replace('到账">500,000.00', '到账">900,000.00', 1), "utf-8")
    code, said = call(str(page))
    assert code == 3
    assert "交通部门专项补助 · 到账”处写的是“900,000.00”，按账应为“500,000.00”。" in said


@pytest.mark.parametrize(
    "old, new, code",
    [
        ('<ul class="glance"', '<ul style="display:none" class="glance"', "markup"),
        ("</header>", "</header><script>1</script>", "markup"),
        ("</header>", "<p>9,999.00 元</p></header>", "outside"),
        ("</main>", "<table><tr><td>9,999.00</td></tr></table></main>", "outside"),
        ('<section data-proof="money">', "<section>", "block"),
        ('<section data-proof="payments">', '<section data-proof="receipts">', "block"),
        ('data-label="到账"', 'data-label="已支付"', "word"),
        ("</tfoot>", "<tr><td>1.00</td></tr></tfoot>", "more"),
        ("</footer>", "", ""),
        ('data-page="SF/P001.html"', 'data-page="SF/P002.html"', "block"),
        ('data-page="SF/P001.html"', 'data-page="SF/P009.html"', "page"),
        ('lang="zh-Hans"', 'lang="fr"', "page"),
    ],
)
def test_what_hides_adds_or_renames_is_found(site: Path, proof: dict[str, Any], old: str, new: str, code: str) -> None:
    whole = (site / "SF/P001.html").read_text("utf-8")
    assert old in whole
    found = codes(proof, whole.replace(old, new, 1))
    assert code in found if code else found


FORGED = [
    "<p>已支付 900 万元</p>",
    "<p>已支付 9000000 元</p>",
    "<p>已支付 ９９９，９９９．００ 元</p>",
    "<p>已支付 ٩٠٠٠٠٠٠ 元</p>",
    "<p>已支付 ⑨⓪⓪⓪⓪⓪⓪ 元</p>",
    "<p>已支付玖佰万元整</p>",
    "<p>已支付九百万元</p>",
    '<section data-stated="money"><h2>各渠道资金</h2><p>已支付 9,000,000.00 元</p></section>',
    '<section data-stated="brought"><h2>带来了什么</h2><p>已支付 9,000,000.00 元</p></section>',
    "<section data-stated><h2>各渠道资金</h2><p>已支付 9,000,000.00 元</p></section>",
    '<img src="data:image/png;base64,AAAA" alt="">',
    "<svg><text>9,000,000.00</text></svg>",
    "<noscript>已支付 9,000,000.00</noscript>",
    '<input value="9,000,000.00">',
    '<p title="9,000,000.00"></p>',
    '<a href="http://evil.example.org/">核对请看</a>',
    "<!-- 9,000,000.00 -->",
    "<details><summary></summary></details>",
    "<br>",
    "<p></p>",
]
CHANGED = [
    ("<main>", '<main class="visually-hidden">'),
    ("<main>", "<main hidden>"),
    ("<head>", '<head><meta http-equiv="refresh" content="0;url=http://evil.example.org/">'),
    ("<head>", '<head><base href="http://evil.example.org/">'),
    ('href="../style.css"', 'href="../evil.css"'),
    ("style-src 'self'", "style-src *"),
    ("<!doctype html>", ""),
    ("<title>", "<title>9,000,000.00 "),
    ('<a href="../index.html">', '<a href="../other.html">'),
    ('<a href="tel:12317">12317</a>', '<a href="tel:12318">12318</a>'),
    ('<td data-label="可用">', '<td class="void" data-label="可用">'),
    ('data-stated="facts"', 'data-stated="map"'),
    ('<section data-stated="brought">\n<h2>带来了什么', '<section data-stated="brought">\n<h2>已支付 9,000,000.00'),
    ('<section data-stated="brought">', '<section data-stated="brought" class="visible">'),
    ('<section data-stated="brought">', '<section data-stated="brought"><img src="x">'),
    ('<section data-stated="brought">', '<section data-stated="brought"><a href="//evil.example.org/a.html">x</a>'),
    ('<section data-stated="brought">', '<section data-stated="brought"><p style="position:fixed">9,000,000.00</p>'),
    ('<section data-stated="brought">', '<section data-stated="brought"><h1>9,000,000.00</h1>'),
]


@pytest.mark.parametrize("folder", ["", "en/"])
def test_nothing_else_stands_on_a_page(site: Path, folder: str) -> None:
    """Wherever it is put, whatever it is written with: only the parts that are stated differ, each in its own place."""
    proved = Proved((site / "SF/proof.json").read_text("utf-8"))
    whole = (site / f"{folder}SF/P001.html").read_text("utf-8")
    places = [found.start() for found in re.finditer("<(?:h2|section|ul|nav|footer|/main|/body|/head|table|dl)", whole)]
    for forged in FORGED:
        for place in random.Random(forged).sample(places, 4):
            problems = proved.check(whole[:place] + forged + whole[place:]).problems
            if not problems:
                # In a part that is only stated a text may stand, and its heading says so.
                within = max(whole.rfind("data-stated", 0, place), whole.rfind("data-proof", 0, place))
                assert whole.startswith("data-stated", within), (forged, whole[place - 60 : place + 20])
                assert not re.search("http|img|input|title|noscript|<h2|<!|details|<br", forged), forged


@pytest.mark.parametrize("forged", FORGED)
def test_what_is_put_on_a_page_is_refused_and_named(site: Path, proof: dict[str, Any], forged: str) -> None:
    whole = (site / "SF/P001.html").read_text("utf-8")
    problems = Proved(json.dumps(proof)).check(whole.replace("</main>", f"{forged}</main>")).problems
    assert {code for code, _ in problems} <= {"frame", "stated", "outside", "markup"}
    assert any(facts.get("found") or facts.get("tag") for _, facts in problems)


@pytest.mark.parametrize("old, new", CHANGED)
def test_what_is_changed_around_the_figures_is_refused(site: Path, proof: dict[str, Any], old: str, new: str) -> None:
    whole = (site / "SF/P001.html").read_text("utf-8")
    assert old in whole
    assert codes(proof, whole.replace(old, new, 1))


def test_another_style_sheet_is_refused_and_a_missing_one_is_said(site: Path, tmp_path: Path, call: Call) -> None:
    shutil.copy(site / "SF/P001.html", tmp_path)
    shutil.copy(site / "SF/proof.json", tmp_path)
    code, said = call(str(tmp_path / "P001.html"))
    assert (code, "样式表（style.css）不在旁边，没有核对" in said) == (0, True)
    style = (site / "style.css").read_text("utf-8")
    for text, right in ((style, True), (style + "td:nth-child(3){display:none}", False)):
        (tmp_path / "style.css").write_text(text, "utf-8")
        code, said = call(str(tmp_path / "P001.html"))
        assert (code == 0, "样式表（style.css）不是本程序的" in said) == (right, not right)
        assert "不在旁边" not in said


def test_a_voucher_left_out_doubled_or_changed_is_named(
    site: Path, proof: dict[str, Any], tmp_path: Path, call: Call
) -> None:
    page, to = str(site / "SF/P001.html"), tmp_path / "proof.json"

    def said(leaves: list[Any]) -> str:
        to.write_text(json.dumps(proof | {"leaves": leaves}), "utf-8")
        code, said = call(page, "--proof", str(to))
        assert code == 3
        return str(said)

    leaves = proof["leaves"]
    vouchers = [at for at, each in enumerate(leaves) if isinstance(each, str) and '"kind":"voucher"' in each]
    fifth = vouchers[4]
    number = json.loads(leaves[fifth])["data"]["number"]
    after = json.loads(leaves[vouchers[5]])["data"]["number"]
    assert f"证明漏了本专账的第 5 张凭证，在 V{after} 之前。" in said(leaves[:fifth] + leaves[fifth + 1 :])
    assert f"V{number} 在证明里出现了两次。" in said([*leaves, leaves[fifth]])
    assert "有凭证漏列、多出或被改动" in said(leaves[:-1])
    changed = leaves[fifth].replace("20200.00", "30200.00").replace("30000.00", "40000.00")
    assert changed != leaves[fifth]
    assert "有凭证漏列、多出或被改动" in said([*leaves[:fifth], changed, *leaves[fifth + 1 :]])
    # What is only stated of a withheld voucher is under no hash: the page still has to agree with it.
    [withheld] = [each for each in leaves if not isinstance(each, str)]
    moved = json.loads(json.dumps(withheld).replace("110000.00", "110001.00"))
    assert "按账应为“110,001.00”" in said([moved if each is withheld else each for each in leaves])


@pytest.mark.parametrize("left_out", ["voucher", "budget-line"])
@pytest.mark.parametrize("counted", [True, False])
def test_the_last_voucher_cannot_be_left_out_because_its_number_is_signed(
    clerk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_out: str, counted: bool
) -> None:
    """An office makes a proof without what came last, which is hashed in like any other leaf; nothing has a gap."""
    clerk.play(STORY)
    clerk.make_key()
    if not counted:
        monkeypatch.setattr(checkpoints, "counted", lambda *_: None)
    note = clerk.sign()
    assert ("\nvouchers=" in note) is counted
    last = f"(SELECT max(position) FROM log_leaf WHERE log = :book AND kind = '{left_out}')"
    monkeypatch.setattr(
        proved_proof, "_LEAVES", proved_proof._LEAVES.replace("ORDER BY", f"AND position <> {last} ORDER BY")
    )
    publish(clerk.workspace, tmp_path / "site")
    proof = json.loads((tmp_path / "site/SF/proof.json").read_text("utf-8"))
    report = Proved(json.dumps(proof)).check(None)
    assert report.counted is counted
    if counted:
        [(code, facts)] = report.problems
        assert (code, facts["expected"]) == ("counted", note.split("\n")[3])
    else:
        assert report.problems == [], "a checkpoint of an earlier version does not say; the check tells how many hashes"
        assert report.other > 0


def test_a_changed_proof_never_passes(site: Path, proof: dict[str, Any]) -> None:
    page, chance = (site / "SF/P001.html").read_text("utf-8"), random.Random(4)
    known = signing.read_verifier(proof["vkey"])
    given = [("leaves", at) for at, each in enumerate(proof["leaves"]) if isinstance(each, str)]
    given += [("beside", at) for at, _ in enumerate(proof["beside"])]
    for of, at in chance.choices(given, k=MUTATIONS):
        whole = proof[of][at]
        place = chance.choice([place for place, each in enumerate(whole) if each.isalnum()])
        other = chance.choice([each for each in "0123456789abcdef" if each != whole[place]])
        changed = [*proof[of][:at], whole[:place] + other + whole[place + 1 :], *proof[of][at + 1 :]]
        report = Proved(json.dumps(proof | {of: changed}), trusted=[known]).check(page)
        assert report.problems, (of, whole[max(0, place - 60) : place + 60])
    assert codes(proof | {"checkpoint": proof["checkpoint"].replace("\n", "\n1", 1)}, page) == ["signature"]


def test_growth_from_a_checkpoint_of_another_key_is_not_claimed_and_that_is_told(
    clerk: Any, tmp_path: Path, call: Call
) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=880000 date=2024-01-10")
    old = clerk.make_key()
    first = clerk.sign()
    keyring.rotate(clerk.workspace, passphrase=clerk.passphrase, new_passphrase=clerk.passphrase, user="li")
    clerk.play("receive project=P001 channel=JT2024 amount=100 date=2024-02-10")
    new = clerk.signer = signing.load_key(clerk.workspace.path, clerk.passphrase)
    second = clerk.sign()
    publish(clerk.workspace, tmp_path / "site")
    told = "证明里有 1 个此前的校验点，不是用这里核对的公钥签的"
    for path in (tmp_path / "site/SF/P001.html", tmp_path / "site/index.html", tmp_path / "site"):
        code, said = call(str(path), "--office-key", new.verifier.text())
        assert (code, told in said, "此前的记录没有改动" in said) == (0, True, False), path
        assert call(str(path), "--json")[1][0]["foreign"] == 1
    code, said = call(str(tmp_path / "site/SF/P001.html"), "--office-key", old.verifier.text())
    assert (code, "公钥不符" in said) == (3, True)
    # Whoever has all keys of the office sees growth across the change, and that the older key signed what came before.
    every = str(clerk.workspace.path / "office.pub")
    for path in (tmp_path / "site/SF/P001.html", tmp_path / "site/index.html", tmp_path / "site"):
        code, said = call(str(path), "--office-key", every)
        assert (code, told in said, "公钥不符" in said) == (0, False, False), path
    assert "此前的记录没有改动" in call(str(tmp_path / "site/SF/P001.html"), "--office-key", every)[1]
    proof = json.loads((tmp_path / "site/SF/proof.json").read_text("utf-8"))
    shorter = [{**each, "path": each["path"][1:]} for each in proof["since"]]
    both = [new.verifier, old.verifier]
    report = Proved(json.dumps(proof | {"since": shorter}), trusted=both).check(None)
    assert [code for code, _ in report.problems] == ["growth"]
    # One earlier checkpoint by this key shows growth beside one by another that does not.
    clerk.play("receive project=P001 channel=JT2024 amount=200 date=2024-03-10")
    clerk.sign()
    publish(clerk.workspace, tmp_path / "site")
    proof = json.loads((tmp_path / "site/SF/proof.json").read_text("utf-8"))
    assert [each["checkpoint"] for each in proof["since"]] == [second]
    both = Proved(json.dumps(proof | {"since": [{"checkpoint": first, "path": []}, *proof["since"]]})).check(None)
    assert (both.problems, both.foreign, both.since) == ([], 1, int(second.split("\n")[1]))


def test_a_log_grows_from_a_checkpoint_of_its_own_alone(tmp_path: Path) -> None:
    signer = signing.make_key(tmp_path, "county.example/finance", "correct horse battery")
    now = signing.Checkpoint("county.example/finance/SF", 3, bytes(32))
    for before, grown in ((now, True), (replace(now, origin="county.example/finance/OTHER"), False)):
        assert growth({"checkpoint": signer.sign(before), "path": []}, now, [signer.verifier]) == (3, grown)


def test_a_changed_earlier_checkpoint_is_refused_or_told(clerk: Any, tmp_path: Path) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=880000 date=2024-01-10")
    signer = clerk.make_key(seed=bytes(32))
    clerk.sign()
    clerk.play("receive project=P001 channel=JT2024 amount=100 date=2024-02-10")
    clerk.sign()
    publish(clerk.workspace, tmp_path / "site")
    proof = json.loads((tmp_path / "site/SF/proof.json").read_text("utf-8"))
    [since] = proof["since"]
    whole, chance, told = json.dumps(since, ensure_ascii=False), random.Random(5), 0
    places = [place for place, each in enumerate(whole) if each.isalnum()]
    assert since["path"]
    for place in chance.sample(places, MUTATIONS * 2):
        other = chance.choice([each for each in "0123456789abcdef" if each != whole[place]])
        try:
            changed = json.loads(whole[:place] + other + whole[place + 1 :])
        except ValueError:
            continue
        report = Proved(json.dumps(proof | {"since": [changed]}), trusted=[signer.verifier]).check(None)
        assert report.problems or (report.foreign, report.since) == (1, 0), changed
        told += report.foreign
    assert told, "a line of which name or key ID is changed is somebody else's"


@pytest.mark.parametrize(
    "places",
    [
        [["zh", "../"]],
        [["zh", "/etc/"]],
        [["zh", "a/../../"]],
        [["zh", ""], ["en", "e n/"]],
        [["xx", ""]],
        [],
        5,
        [5],
        None,
    ],
    ids=str,
)
def test_a_proof_that_leads_out_of_its_site_is_none(site: Path, proof: dict[str, Any], call: Call, places: Any) -> None:
    """What is stated is under no signature: a proof of somebody else's would have other folders read, or the check end."""
    told = json.loads(json.dumps(proof))
    told["stated"]["site"]["places"] = places
    assert codes(told) == ["form"]
    page = site / "SF/index.html"
    assert codes(told, page.read_text("utf-8")) == ["form"]
    kept = (site / "SF/proof.json").read_bytes()
    (site / "SF/proof.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    try:
        for asked, code in ((site, 3), (page, 3)):
            assert call(str(asked))[0] == code
        # Without a proof that is one, the page of all villages is like any page that names none.
        assert run(["verify-page", str(site / "index.html")]) not in {0, 70}
    finally:
        (site / "SF/proof.json").write_bytes(kept)


def test_a_page_of_a_language_that_no_proof_tells_is_not_checked(
    site: Path, proof: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(json.dumps(proof))
    told["stated"]["site"]["places"] = [["en", "en/"]]
    kept = (site / "SF/proof.json").read_bytes()
    (site / "SF/proof.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    try:
        assert run(["verify-page", str(site / "index.html")]) not in {0, 70}
    finally:
        (site / "SF/proof.json").write_bytes(kept)
    assert "Traceback" not in capsys.readouterr().err


def test_a_name_that_the_office_s_log_does_not_have_is_told(proof: dict[str, Any]) -> None:
    for name, told in (("name", "省专项"), ("source", "collective")):
        stated = json.loads(json.dumps(proof["stated"]))
        [channel] = [each for each in stated["channels"] if each[0] == "JT2024"]
        channel[2 if name == "name" else 1] = told
        problems = Proved(json.dumps(proof | {"stated": stated})).check(None).problems
        assert [(code, facts["what"], facts["found"]) for code, facts in problems] == [("named", "JT2024", told)]


def test_pages_on_which_a_village_goes_on_are_proved(clerk: Any, tmp_path: Path, call: Call) -> None:
    with clerk.workspace.write() as unit:
        for number in range(90):
            title = f"通村公路{number}"
            registry.add_project(
                unit,
                "SF",
                f"P{number + 100}",
                title=title,
                name=title * 3,
                budget={"JT2024": 10_000 + number},
                detail={},
            )
        unit.commit()
    clerk.do("allot", project="P100", channel="JT2024", amount="20", date="2024-01-10")
    for number in range(1, 11):
        name = f"第{number}标段路面硬化及排水沟工程"
        typed = {"contract": f"P100C{number:02}", "parts": ["JT2024=0.10"], "name": name, "party": "宏达路桥"}
        clerk.do("contract", **typed, date="2024-02-15")
    clerk.make_key()
    clerk.sign()
    publish(clerk.workspace, tmp_path / "site")
    for name in ("projects-2", "P100-2"):
        assert (tmp_path / f"site/SF/{name}.html").is_file()
    code, said = call(str(tmp_path / "site"), "--json")
    assert (code, [each["file"] for each in said if not each["right"]]) == (0, [])
    proved = Proved((tmp_path / "site/SF/proof.json").read_text("utf-8"))
    for name, folder in (("projects-2", "en/"), ("P100-2", "")):
        whole = (tmp_path / f"site/{folder}SF/{name}.html").read_text("utf-8")
        for place in random.Random(name).sample(Shown(whole).places, 10):
            other = "1" if whole[place] == "0" else "0"
            assert proved.check(whole[:place] + other + whole[place + 1 :]).problems, whole[place - 40 : place + 40]


def test_another_key_book_or_checkpoint_is_refused(clerk: Any, site: Path, tmp_path: Path, call: Call) -> None:
    page = site / "SF/P001.html"
    clerk.play("allot project=P001 channel=JT2024 amount=880000 date=2024-01-10")
    signer = clerk.make_key(seed=bytes(32))
    code, said = call(str(page), "--office-key", signer.verifier.text())
    assert (code, "公钥不符" in said) == (3, True)
    note = clerk.sign()
    publish(clerk.workspace, tmp_path / "one")
    clerk.play("receive project=P001 channel=JT2024 amount=100 date=2024-02-10")
    publish(clerk.workspace, tmp_path / "later")
    code, said = call(str(tmp_path / "later/SF/P001.html"))
    assert (code, "有 1 条是校验点之后记账的，还没有签名。" in said) == (0, True)
    assert "本页的“到账”里，还没有签名的有 1 条，合计 100.00 元。" in said
    assert clerk.sign() != note
    publish(clerk.workspace, tmp_path / "two")
    code, said = call(str(tmp_path / "two/en/SF/P001.html"))
    assert code == 0
    size = note.split("\n")[1]
    assert f"日志从此前签名的 {size} 条增长到 {int(size) + 1} 条，此前的记录没有改动。" in said
    assert "只是发布单位所说的：项目和渠道的名称" in said, "no checkpoint of the office's log was signed"
    older = ["--proof", str(tmp_path / "one/SF/proof.json")]
    code, said = call(str(tmp_path / "two/en/SF/P001.html"), *older)
    assert (code, "两个文件不是同一次生成的" in said) == (3, True)
    for name in ("one", "two"):
        assert call(str(tmp_path / name), "--office-key", signer.verifier.text())[0] == 0
    page = tmp_path / "one/SF/P002.html"
    page.write_text(page.read_text("utf-8").replace("data-proof-file", "data-x"), "utf-8")
    code, said = call(str(tmp_path / "one"))
    assert (code, "✗ SF/P002.html  网页里有本程序不会写的元素" in said) == (3, True), (
        "a page does not say whether it is checked"
    )
    shutil.copytree(site / "SF", tmp_path / "apart")
    assert call(str(tmp_path / "apart"))[0] == 0
    foreign = (tmp_path / "two/SF/proof.json").read_text("utf-8").replace("/SF\\n", "/XQ\\n")
    (tmp_path / "foreign.json").write_text(foreign, "utf-8")
    code, said = call(str(tmp_path / "two/SF/P001.html"), "--proof", str(tmp_path / "foreign.json"))
    assert (code, "校验点的签名不对" in said) == (3, True)


def test_a_page_without_a_proof_is_refused_in_words(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(site / "SF/P001.html", tmp_path)
    shutil.copy(site / "index.html", tmp_path)
    (tmp_path / "none").mkdir()
    for path, says in (
        (tmp_path / "P001.html", "所说的证明 ../SF/proof.json 不在"),
        (site / "search.html", "没有证明：请发布单位执行 earmark checkpoint"),
        (tmp_path / "index.html", "没有自己的证明，它的数字就是各村网页的数字"),
        (tmp_path / "none", "里没有带证明的公示网页"),
    ):
        assert run(["verify-page", str(path)]) == 1
        assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "narration, ours",
    [
        ("资金到账", True),
        ("合同变更 P001C01 增加 2,000.00 元 变更单 增加一道涵管", True),
        ("红冲 V2024-03-0006：付款渠道填错", True),
        ("下达指标", True),
        ("Contract P001C01 路面 1,700.00 yuan", True),
        ("王小明家的医药费", False),
        ("下达指标 王小明", False),
        ("资金到账，王小明经手", False),
        ("", False),
    ],
)
def test_a_narration_that_a_clerk_typed_is_known(narration: str, ours: bool) -> None:
    assert written_by_program(narration, ["变更单", "增加一道涵管", "付款渠道填错", "路面", "yes", ""]) is ours
