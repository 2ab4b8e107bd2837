"""Published notices: made from the ledger, proved under a signed checkpoint, and refused once a digit is changed."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from papers import shown_in, squeezed
from publication import CONTACT, SAID, Call, published

from ledger import signing
from ledger.verify import verify
from projects.cli.main import run
from projects.notices.check import Report, _amounts, _sums, check
from projects.notices.kinds import kinds

COPIED = pytest.mark.sqlite
"""Of a test with a copy of the demonstration: a record in a database is not copied with its folder."""
MUTATIONS = 100


def page_of(call: Call, out: Path, kind: str, *words: str) -> Path:
    """Publish a notice and return its page."""
    return published(call, kind, out, *words)[".html"]


@COPIED
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", kinds())
def test_every_kind_is_published_and_verifies(call: Call, tmp_path: Path, kind: str, lang: str) -> None:
    page = page_of(lambda *words: call("--lang", lang, *words), tmp_path / "out", kind)
    code, said, err = call("verify-notice", str(page))
    assert (code, err) == (0, ""), said
    report = check(page.with_name(page.name.replace(".html", ".proof.json")).read_text(), page.read_text())
    assert report.problems == []
    assert report.content is not None
    lacking = kinds()[kind].needed - {each.name for each in report.content.fields}
    assert not lacking, f"a notice of the kind {kind} has no {lacking}"
    assert report.content.tables, "a notice shows the money"
    # What rules name on every notice: the hotline, a local telephone, the days on show, who issues it and when.
    foot = "\n".join(report.content.foot)
    assert all(part in foot for part in ("12317", "0871-0000000", "示范村甲村民委员会"))


@COPIED
def test_a_notice_is_in_the_log_and_the_record_still_verifies(call: Call, tmp_path: Path) -> None:
    page_of(call, tmp_path / "out", "completion")
    code, said, _ = call("verify", "--json")
    assert code == 0, said
    code, said, _ = call("notice", "list", "--json")
    [row] = json.loads(said)
    assert (row["about"], row["signed"]) == ("P001", "✓")


@COPIED
def test_the_files_are_written_again_byte_for_byte(call: Call, tmp_path: Path) -> None:
    page = page_of(call, tmp_path / "one", "completion")
    # What is published and recorded later leaves the proof of a notice as it was.
    page_of(call, tmp_path / "one", "before")
    label = page.name.split("-")[1]
    assert call("notice", "write", label, "--out", str(tmp_path / "two"))[0] == 0
    for again in (tmp_path / "two").iterdir():
        assert again.read_bytes() == (tmp_path / "one" / again.name).read_bytes()


@COPIED
def test_a_preview_is_page_and_paper_that_say_so_and_publishes_nothing(call: Call, tmp_path: Path) -> None:
    due = [(each["notice"], each["project"]) for each in json.loads(call("notice", "due", "--json")[1])]
    assert ("completion", "P001") in due
    code, _, err = call("notice", "preview", "completion", "P001", *CONTACT, "--out", str(tmp_path / "out"))
    assert (code, err) == (0, "")
    page, paper = (tmp_path / "out" / f"V13-preview-completion-P001{ending}" for ending in (".html", ".pdf"))
    assert sorted((tmp_path / "out").iterdir()) == [page, paper]
    words = "未发布，仅供核对"
    assert words in page.read_text("utf-8")
    assert squeezed(words) in shown_in(paper)
    assert json.loads(call("notice", "list", "--json")[1]) == []
    real = page_of(call, tmp_path / "real", "completion")
    assert words not in real.read_text("utf-8")
    main = re.compile("<main>.*</main>", re.DOTALL)
    assert main.search(page.read_text("utf-8"))[0] == main.search(real.read_text("utf-8"))[0]
    left = [(each["notice"], each["project"]) for each in json.loads(call("notice", "due", "--json")[1])]
    assert left == [each for each in due if each != ("completion", "P001")]
    code, _, err = call("notice", "preview", "completion", "--out", str(tmp_path / "out"))
    assert (code, "P001" in err) == (1, False)


@COPIED
def test_every_changed_digit_is_found_and_its_place_named(call: Call, tmp_path: Path) -> None:
    page = page_of(call, tmp_path / "out", "completion")
    proof = page.with_name(page.name.replace(".html", ".proof.json")).read_text()
    whole, chance = page.read_text(), random.Random(17)
    body = whole.index("<body>")
    shown = whole.index("<aside>")
    digits = [
        found.start()
        for found in re.finditer(r"(?<=[0-9>,. ])[0-9](?=[0-9,.元<])", whole)
        if body < found.start() < shown
    ]
    assert len(digits) > MUTATIONS
    for place in chance.sample(digits, MUTATIONS):
        other = chance.choice([each for each in "0123456789" if each != whole[place]])
        changed = whole[:place] + other + whole[place + 1 :]
        report = check(proof, changed)
        assert [code for code, _ in report.problems] == ["word"], changed[place - 30 : place + 30]
        [(_, told)] = report.problems
        assert told["found"] != told["expected"]
        assert told["where"] not in {"", "proof"}


@COPIED
@pytest.mark.parametrize(
    "old, new",
    [
        ('data-label="下达"', 'data-label="到账"'),
        ("<main>", '<main onclick="x">'),
        ("<main>", "<main><iframe></iframe>"),
        ("</style>", "dd{display:none}</style>"),
    ],
)
def test_a_page_with_other_markup_is_refused_whatever_it_says(call: Call, tmp_path: Path, old: str, new: str) -> None:
    page = page_of(call, tmp_path / "out", "completion")
    proof, whole = page.with_name(page.name.replace(".html", ".proof.json")).read_text(), page.read_text()
    assert old in whole
    assert "markup" in [code for code, _ in check(proof, whole.replace(old, new, 1)).problems]


@COPIED
def test_a_changed_proof_is_refused(call: Call, tmp_path: Path) -> None:
    page = page_of(call, tmp_path / "out", "completion")
    page_of(call, tmp_path / "out", "before")
    later = next((tmp_path / "out").glob("*before.proof.json"))
    chance = random.Random(18)
    for path in (page.with_name(page.name.replace(".html", ".proof.json")), later):
        proof = path.read_text()
        known = signing.read_verifier(json.loads(proof)["vkey"])
        places = [place for place, each in enumerate(proof) if each.isalnum()]
        for place in chance.sample(places, MUTATIONS):
            other = chance.choice([each for each in "0123456789abcdef" if each != proof[place]])
            changed = proof[:place] + other + proof[place + 1 :]
            found = check(changed, None, trusted=[known])
            # An earlier checkpoint whose signature line is no longer this key's shows no growth, and that is told.
            told = (found.foreign, found.since) == (1, 0)
            assert found.problems or told, changed[max(0, place - 60) : place + 60]


@COPIED
def test_a_figure_that_is_not_the_sum_of_its_parts_is_told(call: Call, tmp_path: Path) -> None:
    """Also where the office has signed it: a figure of vouchers as well as one of other figures."""
    page = page_of(call, tmp_path / "out", "completion")
    content = check(page.with_name(page.name.replace(".html", ".proof.json")).read_text(), None).content
    assert content is not None
    made = {name: each for name, each in content.figures.items() if each.vouchers or each.sums}
    assert any(each.vouchers for each in made.values())
    assert any(each.sums and not each.vouchers for each in made.values())
    for name, each in made.items():
        report = Report()
        figures = dict(content.figures) | {name: replace(each, amount=each.amount + 1)}
        _sums(report, replace(content, figures=figures))
        assert name in {facts["figure"] for code, facts in report.problems if code == "sum"}
    report = Report()
    _sums(report, content)
    assert (report.problems, report.figures) == ([], len(content.figures))


@COPIED
def test_an_amount_that_is_no_figure_of_its_place_is_told(call: Call, tmp_path: Path) -> None:
    page = page_of(call, tmp_path / "out", "completion")
    content = check(page.with_name(page.name.replace(".html", ".proof.json")).read_text(), None).content
    assert content is not None
    [number, *_] = [number for number, each in enumerate(content.fields) if each.figures]
    field = content.fields[number]
    for said, told in (("9,876,543.21 元", ["9,876,543.21"]), ("-9,876,543.21 元", ["-9,876,543.21"]), ("9.00%", [])):
        fields = list(content.fields)
        fields[number] = replace(field, lines=(*field.lines, said))
        report = Report()
        _amounts(report, replace(content, fields=tuple(fields)))
        assert [facts["found"] for _, facts in report.problems] == told, said


FOREIGN = "证明里有 1 个此前的校验点，不是用这里核对的公钥签的"


@COPIED
def test_growth_from_a_checkpoint_of_another_key_is_not_claimed_and_that_is_told(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = page_of(call, tmp_path / "out", "completion")
    _, said, _ = call("verify-notice", str(before))
    assert "不是用这里核对的公钥" not in said
    monkeypatch.setenv("EARMARK_NEW_PASSPHRASE", "five ducks read news")
    assert call("key", "rotate")[0] == 0
    monkeypatch.setenv("EARMARK_PASSPHRASE", "five ducks read news")
    page = page_of(call, tmp_path / "out", "before")
    code, said, _ = call("verify-notice", str(page))
    assert (code, FOREIGN in said, "此前的记录没有改动" in said) == (0, True, False)
    assert "索取更换密钥的声明" in said
    code, said, _ = call("--lang", "en", "verify-notice", str(page))
    assert "a key other than the one it was checked with: 1." in said
    found = json.loads(call("verify-notice", str(page), "--json")[1])
    assert (found["right"], found["foreign"], found["since"]) == (True, 1, 0)
    found = json.loads(call("verify-page", str(tmp_path / "out"), "--json")[1])
    assert {each["file"]: each["foreign"] for each in found if each["kind"] == "notice"} == {
        before.name: 0,
        page.name: 1,
    }
    assert FOREIGN in call("verify-page", str(tmp_path / "out"))[1]
    # The page that checks lies beside them: whoever checks a folder is told when it is another.
    checker = tmp_path / "out" / "verify.html"
    own = checker.read_text("utf-8")
    checker.write_text(own.replace("find('word'", "find('w0rd'", 1), "utf-8")
    code, said, _ = call("verify-page", str(tmp_path / "out"))
    assert (code, "✗ verify.html  核对网页不是本程序写的这一版" in said) == (3, True)
    checker.write_text(own, "utf-8")
    # With every key of the office the log is seen to have grown across the change, and both notices are the office's.
    every = str(tmp_path / "ws" / "office.pub")
    found = json.loads(call("verify-notice", str(page), "--office-key", every, "--json")[1])
    assert (found["right"], found["foreign"], found["since"] > 0) == (True, 0, True)
    code, said, _ = call("verify-page", str(tmp_path / "out"), "--office-key", every)
    assert (code, FOREIGN in said) == (0, False)
    # By the same key both notices are by the office, and the log has grown.
    third = page_of(call, tmp_path / "out", "plan")
    found = json.loads(call("verify-notice", str(third), "--json")[1])
    assert (found["foreign"], found["since"] > 0) == (0, True)
    # What was refused stays refused: the older key did not sign this proof, and a broken line of this one spoils the note.
    older = json.loads(before.with_name(before.name.replace(".html", ".proof.json")).read_text())["vkey"]
    assert call("verify-notice", str(page), "--office-key", older)[0] != 0


@COPIED
def test_an_earlier_checkpoint_of_a_stranger_is_told_and_one_that_is_none_is_refused(
    call: Call, tmp_path: Path
) -> None:
    page_of(call, tmp_path / "out", "completion")
    page = page_of(call, tmp_path / "out", "before")
    proof = json.loads(page.with_name(page.name.replace(".html", ".proof.json")).read_text())
    known = signing.read_verifier(proof["vkey"])
    stranger = signing.make_key(tmp_path, known.name, "correct horse battery")

    def found(note: str) -> Report:
        return check(json.dumps(proof | {"since": proof["since"] | {"checkpoint": note}}), None, trusted=[known])

    note = signing.read_note(proof["since"]["checkpoint"])
    forged = found(stranger.sign_text(note.text.replace("\n", "x\n", 1)).whole())
    assert (forged.problems, forged.foreign, forged.since) == ([], 1, 0)
    # A line of a stranger beside the office's takes nothing away.
    both = signing.Note(note.text, (*stranger.sign_text(note.text).lines, *note.lines))
    assert (found(both.whole()).foreign, found(both.whole()).since) == (0, int(note.text.split("\n")[1]))
    assert found(stranger.sign_text("x\n").whole()).problems
    assert found(both.whole().replace(note.text, note.text.replace("\n", "x\n", 1))).problems


@COPIED
def test_another_office_cannot_pass_for_this_one(call: Call, tmp_path: Path) -> None:
    page = page_of(call, tmp_path / "out", "plan")
    other = signing.make_key(tmp_path, "another/office", "correct horse battery")
    code, said, _ = call("verify-notice", str(page), "--office-key", other.verifier.text(), "--json")
    assert code != 0
    assert [each["code"] for each in json.loads(said)["problems"]] == ["key", "signature"]
    own = json.loads(page.with_name(page.name.replace(".html", ".proof.json")).read_text())["vkey"]
    assert call("verify-notice", str(page), "--office-key", own)[0] == 0


@COPIED
@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("<footer>", "<footer>\n<p>另收 500.00元</p>", "word"),
        ("</aside>", "<p>另收 500.00元</p></aside>", "more"),
        ("<main>", '<main style="display:none">', "markup"),
        ("</style>", "\n.amount{visibility:hidden}</style>", "markup"),
        ("</main>", "<img src='x.png'></main>", "markup"),
        ("</main>", "<script>document.body.innerHTML=''</script></main>", "markup"),
        ("<h1>", "<h1 hidden>", "markup"),
        ("<main>", "<main><!-- 改 -->", "markup"),
    ],
)
def test_what_is_added_or_hidden_is_found(call: Call, tmp_path: Path, before: str, after: str, code: str) -> None:
    page = page_of(call, tmp_path / "out", "completion")
    proof = page.with_name(page.name.replace(".html", ".proof.json")).read_text()
    whole = page.read_text()
    assert before in whole
    found = [each for each, _ in check(proof, whole.replace(before, after, 1)).problems]
    assert found == [code]


@COPIED
def test_a_correction_takes_the_place_of_a_notice_and_says_what_it_changed(call: Call, tmp_path: Path) -> None:
    page_of(call, tmp_path / "out", "allotment")
    code, _, err = call("notice", "publish", "allotment", *SAID["allotment"], "--out", str(tmp_path / "out"))
    assert code == 1
    assert "没有什么要更正的" in err
    code, said, _ = call(
        "notice", "publish", "allotment", "--say", "principles=先急后缓", "--out", str(tmp_path), "--json"
    )
    made = json.loads(said)
    assert (code, made["changed"]) == (0, ["分配原则"])
    assert made["supersedes"].startswith("F")


@COPIED
def test_what_a_notice_lacks_is_said_with_where_to_record_it(call: Call, tmp_path: Path) -> None:
    # The water station of the demonstration has gone through none of the steps of the road.
    code, _, err = call(
        *("notice", "publish", "before", "P002", "--issuer", "村委会", "--phone", "1", "--out", str(tmp_path / "out"))
    )
    assert code == 1
    assert "earmark approve P002" in err
    assert not (tmp_path / "out").exists()
    assert json.loads(call("notice", "list", "--json")[1]) == []


@COPIED
def test_who_may_not_approve_may_not_publish(call: Call, tmp_path: Path) -> None:
    words = ["notice", "publish", "plan", "--issuer", "村委会", "--phone", "1", "--out", str(tmp_path / "out")]
    code, _, err = call(*words, "--as", "zhidan")
    assert code == 1
    assert "zhidan" in err
    assert not (tmp_path / "out").exists()
    assert call("user", "grant", "zhidan", "--role", "publisher", "--as", "guanli")[0] == 0
    assert "权限" not in call(*words, "--as", "zhidan")[2]


PERSONAL = ["530322197001011234", "6222021234567890123", "13800138000", "0871-65551234", "6222 0212 3456 7890 123"]


@pytest.mark.parametrize("planted", PERSONAL)
def test_a_voucher_with_personal_data_is_proved_by_its_hash_alone(clerk: Any, planted: str) -> None:
    folder = clerk.workspace.path.parent
    clerk.play("allot project=P001 channel=JT2024 amount=1000 date=2024-03-01")
    clerk.do("receive", project="P001", channel="JT2024", amount="400", note=f"王小明 {planted} 交来")
    clerk.make_key()
    clerk.workspace.close()
    words = ["--workspace", str(clerk.workspace.path), "notice", "publish", "allotment", *SAID["allotment"]]
    contact = ["--issuer", "村委会", "--phone", "110", "--as", "li", "--book", "SF", "--out", str(folder / "out")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", clerk.passphrase)
        assert run([*words, *contact]) == 0
        assert run([*words[:3], "publish", "quarter", *contact[:2], *contact[2:], "--date", "2024-04-02"]) == 0
    for path in (folder / "out").iterdir():
        assert squeezed(planted) not in shown_in(path), path
    [quarter] = (folder / "out").glob("*quarter.proof.json")
    report = check(quarter.read_text(), quarter.with_name(quarter.name.replace(".proof.json", ".html")).read_text())
    assert (report.problems, report.withheld) == ([], 1)
    assert [each for check_ in verify(clerk.workspace) for each in check_.findings] == []
