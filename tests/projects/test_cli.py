"""The command line: one clear line for each refusal, exit codes, nothing changed, answers that repeat."""

from __future__ import annotations

import json
import re
import shlex
from importlib.metadata import version
from pathlib import Path

import pytest
from cluster import POSTGRESQL, rows_of

from ledger.store.workspace import open_workspace
from projects.cli.commands import build, localise_panels
from projects.cli.main import BROKEN, run
from projects.cli.verification import WRONG
from projects.events.entries import masked
from projects.events.verbs import PROPOSE

SETUP = """
init {ws}
user add zhang --role maker
user add qian --role maker --role approver
user add li --role approver
user add zhao --role auditor
village add V13 --name 示范村
book add SF --village V13 --name 示范村专账 --start 2024-01-01
channel add JT2024 --name 交通部门专项补助 --source department
channel add ZC2024 --name 农户自筹 --source households
channel add WS2024 --name 市卫生局专项 --source department
book bank B01 --name 农商行专户 --channel JT2024 --channel ZC2024 --channel WS2024
project add P001 --title 通村公路 --type road --quantity 3.5 --unit 公里 --budget JT2024=88万元 --budget ZC2024=65万元
project add P002 --title 村卫生室 --type clinic --quantity 60 --unit 平方米 --budget WS2024=12万元
project add P003 --title 村道 --type road --budget JT2024=10万元
"""
SEALED = """
allot P001 JT2024 880000 --date 2024-01-10
allot P002 WS2024 120000 --date 2024-01-11
allot P003 JT2024 100000 --date 2024-01-12
plan P001 ZC2024 650000 --date 2024-01-15
receive P001 JT2024 500000 --date 2024-02-01
contract P001C01 --part JT2024=300000 --part ZC2024=200000 --party 甲施工队 --date 2024-02-15
contract P002C01 --part WS2024=100000 --party 乙施工队 --date 2024-02-16
contract P003C01 --part JT2024=50000 --party 丙施工队 --date 2024-02-17
certify P001C01 200000 --date 2024-03-01
certify P002C01 50000 --date 2024-03-02
certify P003C01 20000 --date 2024-03-03
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A workspace made by commands alone: three projects, certified and partly without cash."""
    path = tmp_path_factory.mktemp("cli") / "ws"
    for line in SETUP.format(ws=path).strip().splitlines():
        assert run(["--workspace", str(path), *shlex.split(line)]) == 0, line
    for line in SEALED.strip().splitlines():
        assert run(["--workspace", str(path), *shlex.split(line), "--as", "zhang"]) == 0, line
        assert run(["--workspace", str(path), "voucher", "seal", "--all", "--as", "li"]) == 0
    return path


@pytest.fixture
def earmark(built, tmp_path, capfd, monkeypatch):
    """Run a command on a copy of the workspace; returns exit code, stdout and stderr."""
    import shutil

    monkeypatch.delenv("EARMARK_LANG", raising=False)
    copy = tmp_path / "ws"
    shutil.copytree(built, copy)

    def call(line: str):
        capfd.readouterr()
        code = run(["--workspace", str(copy), *shlex.split(line)])
        out, err = capfd.readouterr()
        return code, out, err

    call.path = copy
    return call


def files(path: Path) -> dict[str, bytes]:
    """Everything that a workspace keeps: its books, documents and every row of its record."""
    kept = {
        str(each.relative_to(path)): each.read_bytes()
        for folder in ("books", "documents")
        for each in sorted((path / folder).rglob("*"))
        if each.is_file()
    }
    workspace = open_workspace(path)
    with workspace.read() as connection:
        rows = rows_of(connection)
    workspace.close()
    return kept | {table: repr(found).encode() for table, found in rows.items()}


PAY = "--date 2024-04-01 --as zhang"
REFUSED = [
    ("the clinic from the road's channel", f"pay P002C01 1000 --channel JT2024 {PAY}",
     "合同 P002C01 不由渠道 JT2024 交通部门专项补助 负担（只有：WS2024 市卫生局专项）：渠道不变、专款专用，请改用合同中的渠道。"),
    ("one project with another's cash", f"pay P003C01 10000 {PAY}",
     "项目 P003 村道 的渠道 JT2024 交通部门专项补助 账上只有 0.00 元，应付 10,000.00 元，差 10,000.00 元：各渠道、各项目的款不得互相垫用。请等资金到账后再付（earmark receive P003 JT2024 …）。"),
    ("budget left but no cash", f"pay P002C01 10000 {PAY}",
     "项目 P002 村卫生室 的渠道 WS2024 市卫生局专项 账上只有 0.00 元，应付 10,000.00 元，差 10,000.00 元：各渠道、各项目的款不得互相垫用。请等资金到账后再付（earmark receive P002 WS2024 …）。"),
    ("more than was certified", f"pay P001C01 194001 {PAY}",
     "合同 P001C01 已计量未付 194,000.00 元，本次支付 194,001.00 元，超出 1.00 元：支付不得超过已计量未付数，请核减，或先计量（earmark certify）。"),
    ("a channel that lacks cash while another has some", f"pay P001C01 194000 {PAY}",
     "项目 P001 通村公路 的渠道 ZC2024 农户自筹 账上只有 0.00 元，应付 77,600.00 元，差 77,600.00 元：各渠道、各项目的款不得互相垫用。农户还有 650,000.00 元没有交，请等收到（earmark receive P001 ZC2024 …）；也可以只付账上够付的 116,400.00 元（--part JT2024=116400.00，或加 --partial），或经批准先垫付（earmark prefinance P001C01 --number 批准文号）。"),
    ("certifying more than the contract", f"certify P001C01 300000.01 {PAY}",
     "合同 P001C01 只剩 300,000.00 元未计量，本次 300,000.01 元，超出 0.01 元：计量不得超过合同，请核减。"),
    ("an advance above what is left", f"advance P001C01 300001 {PAY}",
     "合同 P001C01 只剩 300,000.00 元，预付 300,001.00 元，超出 1.00 元：预付款不得超过合同余额，请核减。"),
    ("a date before the last sealed", "allot P001 JT2024 5 --date 2024-03-02 --as zhang",
     "日期 2024-03-02 早于专账 SF 最后一张已记账凭证的日期 2024-03-03：凭证日期不得倒退，请用 2024-03-03 或以后的日期，业务发生日可写在摘要里。"),
    ("a day that does not exist", "allot P001 JT2024 5 --date 2024-02-30 --as zhang",
     "日期“2024-02-30”不存在或看不懂：请按 年-月-日 书写，例如 2024-05-20。"),
    ("an unknown project", f"allot P099 JT2024 5 {PAY}",
     "专账 SF 没有项目“P099”：请用 earmark project list 查看，或先登记（earmark project add）。"),
    ("a channel outside the budget", f"allot P002 JT2024 5 {PAY}",
     "项目 P002 村卫生室 的预算里没有渠道 JT2024 交通部门专项补助（只有：WS2024 市卫生局专项）：专款专用，请改用预算内的渠道，或先把该渠道列入预算（earmark project budget）。"),
    ("an unknown channel", f"allot P001 XX2024 5 {PAY}",
     "没有登记资金渠道“XX2024”：请用 earmark channel list 查看，或先登记（earmark channel add）。"),
    ("scientific notation", f"allot P001 JT2024 1e3 {PAY}", "金额“1e3”看不懂：请写数字，例如 1200、1,200.50 或 88万元。"),
    ("not a number", f"allot P001 JT2024 NaN {PAY}", "金额“NaN”看不懂：请写数字，例如 1200、1,200.50 或 88万元。"),
    ("a negative amount", f"allot P001 JT2024 -5 {PAY}",
     "金额“-5”是负数：金额一律为正；要冲回已记账的凭证，请用红冲（earmark reverse）。"),
    ("finer than a fen", f"allot P001 JT2024 0.001 {PAY}", "金额“0.001”小于一分：账上只记到分，请核对原件，系统不做四舍五入。"),
    ("wrong separators", f"allot P001 JT2024 1,2,3 {PAY}", "金额“1,2,3”看不懂：请写数字，例如 1200、1,200.50 或 88万元。"),
    ("an empty amount", f"allot P001 JT2024 '' {PAY}", "金额“”看不懂：请写数字，例如 1200、1,200.50 或 88万元。"),
    ("an approver who is no maker", "allot P001 JT2024 5 --date 2024-04-01 --as li",
     "li 在专账 SF 没有制单权限（maker）：请由制单人办理，或授权（earmark user add）。"),
    ("nobody", "allot P001 JT2024 5 --date 2024-04-01", "缺少 --as：请补填后再试。"),
    ("a missing word", "allot P001", "缺少 CHANNEL：请用 earmark allot --help 查看用法。"),
    ("an unknown option", "allot P001 JT2024 5 --dat 2024-04-01", "没有选项 --dat：请用 earmark allot --help 查看用法。"),
    ("an unknown command", "alot P001", "没有命令“alot”：请用 earmark --help 查看有哪些命令。"),
    ("a word too many", "verify now", "多出了 now：请用 earmark verify --help 查看用法。"),
]  # fmt: skip


@pytest.mark.parametrize("line, message", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_refusal_is_one_line_on_stderr_with_exit_code_1_and_changes_nothing(earmark, monkeypatch, line, message):
    monkeypatch.delenv("EARMARK_USER", raising=False)
    before = files(earmark.path)
    assert earmark(line) == (1, "", message + "\n")
    assert files(earmark.path) == before


def test_who_made_a_draft_cannot_seal_it_even_as_an_approver(earmark):
    assert earmark("allot P001 JT2024 5 --date 2024-04-01 --as qian")[0] == 0
    before = files(earmark.path)
    [waiting] = json.loads(earmark("voucher list --drafts --json")[1])
    label = waiting["number"]
    assert earmark(f"voucher seal {label} --as qian") == (
        1,
        "",
        f"草稿 {label} 是 qian 自己制单的，不能自己审核：请由另一位审核人记账。\n",
    )
    assert files(earmark.path) == before


@pytest.mark.parametrize("amount, fen", [("１２００", 120000), ("1,200.50", 120050), ("0.12万元", 120000)])
def test_full_width_digits_separators_and_wan_are_read(earmark, amount, fen):
    _, out, _ = earmark(f"receive P001 JT2024 {amount} --date 2024-04-01 --as zhang --json")
    assert json.loads(out)["moves"][0]["change"] == fen


def test_the_same_key_and_content_give_the_first_answer_and_other_content_is_refused(earmark):
    line = "receive P001 JT2024 {} --date 2024-04-01 --as zhang --key slip-7 --json"
    first = earmark(line.format(1200))
    assert first == earmark(line.format(1200))
    assert len(json.loads(earmark("voucher list --drafts --json")[1])) == 1
    code, _, err = earmark(line.format(1300))
    assert (code, "slip-7" in err) == (1, True)
    label = json.loads(first[1])["draft"]
    sealed = earmark(f"voucher seal {label} --as li --key seal-7 --json")
    assert sealed == earmark(f"voucher seal {label} --as li --key seal-7 --json")
    assert sealed[0] == 0


def test_registering_under_a_key_is_done_once(earmark):
    line = "channel add KK2024 --name 某渠道 --source county --key k1"
    assert earmark(line) == earmark(line)
    assert earmark("channel add KK2024 --name 某渠道 --source county")[0] == 1


def test_a_draft_is_edited_by_its_maker_and_dropped_by_an_approver(earmark):
    earmark("receive P001 JT2024 1200 --date 2024-04-01 --as zhang")
    [waiting] = json.loads(earmark("voucher list --drafts --json")[1])
    label = waiting["number"]
    assert earmark(f"voucher edit {label} amount=1300 --as qian")[0] == 1
    assert earmark(f"voucher edit {label} colour=red --as zhang")[0] == 1
    assert earmark(f"voucher edit {label} amount=999999999 --as zhang")[0] == 1
    _, out, _ = earmark(f"voucher edit {label} amount=1300 note=第二批 --as zhang --json")
    edited = json.loads(out)
    assert (edited["draft"], edited["narration"], edited["moves"][0]["change"]) == (label, "第二批", 130000)
    assert "第二批" in earmark(f"voucher show {label}")[1]
    assert earmark(f"voucher drop {label} --as zhao")[0] == 1
    assert earmark(f"voucher drop {label} --as li")[0] == 0
    assert earmark(f"voucher show {label}")[0] == 1


def test_the_papers_of_a_draft_are_changed_by_its_maker(earmark, tmp_path):
    label = drafted(earmark, f"allot P001 JT2024 1300 --doc {__file__} --as zhang")
    other = tmp_path / "other.txt"
    other.write_text("另一份", encoding="utf-8")

    def papers(line: str) -> list[str]:
        return [
            each["suffix"]
            for each in json.loads(earmark(f"voucher edit {label} {line} --as zhang --json")[1])["documents"]
        ]

    assert papers("amount=1200") == [".py"]
    assert papers(f"--doc {other} --doc {__file__}") == [".txt", ".py"]
    assert papers("note=无附件 --no-doc") == []
    for line in ("", f"--no-doc --doc {other}"):
        code, _, err = earmark(f"voucher edit {label} {line} --as zhang")
        assert (code, err) == (
            1,
            "earmark voucher edit 要写改什么：内容=新值、--doc 文件，或 --no-doc（后两个不能同时写）。\n",
        )


def test_status_says_what_is_left_in_fen_by_project_and_channel(earmark):
    road = json.loads(earmark("status P001 --json")[1])["SF"]["P001"]
    assert road["JT2024"] == {
        "planned": 88000000,
        "allotted": 88000000,
        "received": 50000000,
        "committed": 18000000,
        "certified": 12000000,
        "owed": 11640000,
        "retention": 360000,
        "paid": 0,
        "stock": 0,
        "cash": 50000000,
        "due": 0,
        "over": 0,
        "lent": 0,
        "borrowed": 0,
        "left": 58000000,
    }
    code, out, _ = earmark("status P001")
    assert (code, "500,000.00" in out) == (0, True)
    assert earmark("status P099")[0] == 1


NAMED = {"release": "retention release", "forfeit": "retention forfeit", "repair-pay": "retention pay-repair"}
"""Verbs whose command has another name; of any other the first word may be a group of commands."""


@pytest.mark.parametrize("verb", [*PROPOSE, "reverse"])
def test_every_event_that_a_clerk_knows_by_name_has_a_command_and_its_help(verb):
    said = []
    for lang in ("zh", "en"):
        command = build(lang)
        words = NAMED[verb].split(" ") if verb in NAMED else [verb]
        if words[0] not in command.commands:
            words = verb.split("-", 1)
        for word in words:
            command = command.commands[word]
        assert not command.help.startswith("@")
        said.append(command.help)
    assert said[0] != said[1]


def test_a_second_init_refuses_and_changes_nothing(earmark):
    before = files(earmark.path)
    code, out, err = earmark(f"init {earmark.path}")
    assert (code, out, err) == (1, "", f"{earmark.path} 已有内容，没有改动任何东西：账套只建一次，请换一个空目录。\n")
    assert files(earmark.path) == before


def test_verify_exits_3_and_names_the_voucher_of_a_changed_digit(earmark):
    assert earmark("verify")[0] == 0
    month = earmark.path / "books" / "SF" / "2024-03.beancount"
    text = month.read_text(encoding="utf-8")
    month.write_text(text.replace("116400.00", "116400.01", 1), encoding="utf-8")
    code, out, _ = earmark("verify")
    assert (code, "凭证 2024-03-0001 被改动" in out) == (WRONG, True)
    data = json.loads(earmark("verify --json")[1])
    [finding] = [each for check in data for each in check["findings"]]
    assert finding["number"] == "2024-03-0001"


def test_changing_a_channel_in_the_text_makes_plain_bean_check_fail(earmark):
    import subprocess
    import sys

    head = earmark.path / "books" / "SF" / "main.beancount"
    check = [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(head)]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    month = head.with_name("2024-03.beancount")
    text = month.read_text(encoding="utf-8")
    month.write_text(text.replace("116400.00 JT2024", "116400.00 WS2024", 1), encoding="utf-8")
    assert subprocess.run(check, capture_output=True, check=False).returncode == 1


def test_a_command_outside_a_workspace_says_how_to_make_one(tmp_path, capfd):
    assert run(["--workspace", str(tmp_path), "status"]) == 1
    assert "earmark init" in capfd.readouterr().err


def test_english_is_spoken_on_request(earmark):
    assert earmark("--lang en status P099")[2].startswith('Book SF has no project "P099"')
    assert "Disbursement: what was certified is paid" in earmark("--lang en pay --help")[1]
    assert "支付：支付已计量的款" in earmark("pay --help")[1]


def test_a_fault_of_the_program_shows_no_traceback(earmark, monkeypatch):
    from projects.cli import figures

    def broken(*_args):
        raise RuntimeError("boom")

    monkeypatch.setattr(figures, "status", broken)
    code, out, err = earmark("status")
    assert (code, out, err.count("\n")) == (BROKEN, "", 1)
    assert "Traceback" not in err
    assert "earmark-fault-" in err


def test_a_key_is_made_once_signs_and_proves(earmark, monkeypatch, tmp_path):
    assert earmark("checkpoint --as zhao")[0] == 1
    monkeypatch.setenv("EARMARK_PASSPHRASE", "short")
    assert earmark("key make")[0] == 1
    monkeypatch.setenv("EARMARK_PASSPHRASE", "long enough")
    assert earmark("key make")[0] == 0
    assert earmark("key make")[0] == 1
    monkeypatch.setenv("EARMARK_PASSPHRASE", "not the same")
    assert earmark("checkpoint --as zhao")[0] == 1
    monkeypatch.setenv("EARMARK_PASSPHRASE", "long enough")
    notes = json.loads(earmark("checkpoint --as zhao --json --key monthly")[1])
    assert notes == json.loads(earmark("checkpoint --as zhao --json --key monthly")[1])
    assert set(notes) == {"SF", "office"}
    kept = tmp_path / "kept.txt"
    kept.write_text(notes["SF"], encoding="utf-8")
    assert earmark(f"verify --against {kept}")[0] == 0
    assert json.loads(earmark("prove V2024-03-0001")[1])["log"] == "SF"
    assert json.loads(earmark(f"prove --since {kept}")[1])["path"] == []
    assert earmark(f"verify --against {tmp_path / 'nowhere'}")[0] == 1
    kept.write_text(notes["SF"].replace("SF", "XX"), encoding="utf-8")
    assert earmark(f"verify --against {kept}")[0] == WRONG
    assert earmark(f"prove --since {kept}")[0] == 1


def test_init_makes_the_key_where_a_passphrase_is_at_hand(tmp_path, capfd, monkeypatch):
    assert run(["init", str(tmp_path / "one")]) == 0
    assert "key make" in capfd.readouterr().out
    assert not (tmp_path / "one" / "office.key").exists()
    monkeypatch.setenv("EARMARK_PASSPHRASE", "long enough")
    assert run(["init", str(tmp_path / "two")]) == 0
    public = (tmp_path / "two" / "office.pub").read_text(encoding="utf-8")
    assert public in capfd.readouterr().out
    assert run(["--workspace", str(tmp_path / "two"), "key", "show"]) == 0
    assert capfd.readouterr().out == public


def drafted(earmark, line: str) -> str:
    """Draft something and return the draft's name."""
    code, out, err = earmark(f"{line} --as zhang --json")
    assert code == 0, err
    return json.loads(out)["draft"]


def test_a_draft_shows_all_that_its_approver_seals(earmark, tmp_path):
    paper = tmp_path / "notice.txt"
    paper.write_text("notice 7", encoding="utf-8")
    line = f"allot P001 JT2024 1200 --number 交财〔2024〕7号 --party 市交通局 --doc {paper} --date 2024-04-01"
    label = drafted(earmark, line)
    _, out, _ = earmark(f"voucher show {label}")
    data = json.loads(earmark(f"voucher show {label} --json")[1])
    [document] = data["documents"]
    assert (document["suffix"], document["size"]) == (".txt", 8)
    expected = [
        "2024-04-01",
        "P001",
        "市交通局",
        "下达指标",
        "文号 交财〔2024〕7号",
        "zhang",
        data["made_at"],
        "1,200.00",
    ]
    for each in [*expected, document["sha256"][:12], "8 B"]:
        assert each in out
    assert "用途" in out


def test_sealing_all_stops_at_the_first_refusal_and_names_it(earmark):
    first = drafted(earmark, "allot P001 JT2024 5 --date 2024-04-01")
    second = drafted(earmark, "allot P001 JT2024 6 --date 2024-04-02")
    third = drafted(earmark, "allot P001 JT2024 7 --date 2024-04-03")
    code, own, _ = earmark("allot P001 JT2024 8 --date 2024-04-02 --as qian --json")
    assert code == 0
    stopped = json.loads(own)["draft"]
    code, out, err = earmark("voucher seal --all --as qian")
    assert (code, out.count("已记账"), err.count("\n")) == (1, 2, 1)
    assert first in out
    assert second in out
    assert err.startswith(f"草稿 {stopped} 未能记账（已记账 2 张）：草稿 {stopped} 是 qian 自己制单的")
    waiting = [each["number"] for each in json.loads(earmark("voucher list --drafts --json")[1])]
    assert waiting == [stopped, third]
    code, out, err = earmark(f"--lang en voucher seal {third} {third} --as li --json")
    assert (code, len(json.loads(out))) == (1, 1)
    assert err.startswith(f"Draft {third} was not sealed (1 were sealed before it)")


def test_sealing_nothing_asks_what(earmark):
    code, out, err = earmark("voucher seal --as li")
    assert (code, out, "--all" in err) == (1, "", True)


def test_proving_nothing_asks_what_and_both_proofs_are_one_document(earmark, monkeypatch, tmp_path):
    monkeypatch.setenv("EARMARK_PASSPHRASE", "long enough")
    assert earmark("prove")[0] == 1
    assert earmark("key make")[0] == 0
    notes = json.loads(earmark("checkpoint --as zhao --json")[1])
    kept = tmp_path / "kept.txt"
    kept.write_text(notes["SF"], encoding="utf-8")
    found = json.loads(earmark(f"prove 2024-03-0001 --since {kept}")[1])
    assert set(found) == {"inclusion", "consistency"}
    assert found["inclusion"]["root_base64"] == notes["SF"].splitlines()[2]
    assert found["consistency"]["root_base64"] == notes["SF"].splitlines()[2]


def test_a_checkpoint_is_signed_by_an_approver_or_an_auditor(earmark, monkeypatch):
    monkeypatch.setenv("EARMARK_PASSPHRASE", "long enough")
    assert earmark("key make")[0] == 0
    code, out, err = earmark("checkpoint --as zhang")
    assert (code, out, "approver" in err, "auditor" in err) == (1, "", True, True)
    assert earmark("checkpoint --as nobody")[0] == 1
    assert earmark("checkpoint --as zhao --book SF")[0] == 0
    assert earmark("checkpoint --as li")[0] == 0


def test_a_passphrase_that_is_too_short_is_told_apart_from_none(earmark, monkeypatch):
    monkeypatch.delenv("EARMARK_PASSPHRASE", raising=False)
    assert earmark("key make")[2].startswith("没有口令")
    monkeypatch.setenv("EARMARK_PASSPHRASE", "short")
    assert earmark("key make")[2].startswith("口令太短：至少 8 个字符")


@pytest.mark.parametrize("typed", [["--version"], ["--workspace", "nowhere", "--version"], ["--version", "verify"]])
def test_the_version_is_told_without_a_command_and_without_a_workspace(typed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(typed) == 0
    assert capsys.readouterr() == (f"earmark {version('earmark')}\n", "")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_is_whole_at_80_columns_and_names_no_type(monkeypatch, capsys, lang):
    monkeypatch.setenv("COLUMNS", "80")
    localise_panels(lang)
    waiting = [((), build(lang))]
    while waiting:
        path, command = waiting.pop()
        waiting += [((*path, name), child) for name, child in getattr(command, "commands", {}).items()]
        if path:
            command.main(args=["--help"], prog_name=" ".join(path), standalone_mode=False)
        text = capsys.readouterr().out
        assert "…" not in text, path
        assert not re.search(
            r"<(str|bool|Path|list)|\[required\]" if lang == "zh" else r"<(str|bool|Path|list)", text
        ), path


def test_fava_opens_a_book_of_a_workspace_that_is_named_by_a_relative_path(earmark, monkeypatch):
    import cheroot.wsgi

    answers = []

    class Server:
        def __init__(self, _address, app):
            self.app = app

        def prepare(self):
            pass

        def serve(self):
            answers.append(self.app.test_client().get("/SF/income_statement/").status_code)

    monkeypatch.setattr(cheroot.wsgi, "Server", Server)
    monkeypatch.chdir(earmark.path.parent)
    assert run(["--workspace", "ws", "fava"]) == 0
    assert answers == [200]


@pytest.mark.parametrize(
    "name, shown", [("王小明", "王某某"), ("王", "某"), ("Pu Junjun", "P***"), ("Li", "L***"), ("P", "某")]
)
def test_a_persons_name_is_masked(name, shown):
    assert masked(name) == shown


def test_a_damaged_book_is_written_again_and_what_stood_there_is_kept(earmark, tmp_path):
    paper = tmp_path / "notice.txt"
    paper.write_text("notice 7", encoding="utf-8")
    drafted(earmark, f"allot P001 JT2024 1200 --doc {paper} --date 2024-04-01")
    assert earmark("voucher seal --all --as li")[0] == 0
    book = earmark.path / "books" / "SF"
    month, note = book / "2024-03.beancount", book / "note.txt"
    whole = month.read_bytes()
    tampered = whole.replace(b"116400.00", b"116400.01", 1)
    month.write_bytes(tampered)
    (book / "2024-02.beancount").unlink()
    note.write_text("stray", encoding="utf-8")
    [document] = (earmark.path / "documents").iterdir()
    document.write_text("forged", encoding="utf-8")
    assert earmark("verify")[0] == WRONG

    before = files(earmark.path)
    assert earmark("book rewrite --as zhang --reason 误改")[0] == 1
    assert earmark("book rewrite --as li")[0] == 1
    assert earmark("book rewrite --as li --reason ''")[0] == 1
    assert files(earmark.path) == before
    assert not list(earmark.path.glob("books-aside-*"))

    code, out, _ = earmark("book rewrite --as zhao --reason 误改 --json")
    done = json.loads(out)
    aside = Path(done["aside"])
    assert code == 0
    assert done["replaced"] == {
        f"documents/{document.name}": "store",
        "2024-02.beancount": "missing",
        "2024-03.beancount": "changed",
        "note.txt": "stray",
    }
    code, out, _ = earmark("verify")
    assert code == 0, out
    assert month.read_bytes() == whole
    assert (aside / "SF" / "2024-03.beancount").read_bytes() == tampered
    assert (aside / "SF" / "note.txt").read_text(encoding="utf-8") == "stray"
    assert (aside / "SF" / "documents" / document.name).read_text(encoding="utf-8") == "notice 7"
    assert (aside / "documents" / document.name).read_text(encoding="utf-8") == "forged"
    report = json.loads((aside / "report.json").read_text(encoding="utf-8"))
    assert (report["user"], report["reason"], report["replaced"]) == ("zhao", "误改", done["replaced"])
    assert "0 个" in earmark("book rewrite --as li --reason 再来一次")[1]
    assert len(list(earmark.path.glob("books-aside-*"))) == 2


def test_a_book_whose_document_is_lost_everywhere_is_left_as_it_is(earmark, tmp_path):
    paper = tmp_path / "notice.txt"
    paper.write_text("notice 7", encoding="utf-8")
    drafted(earmark, f"allot P001 JT2024 1200 --doc {paper} --date 2024-04-01")
    assert earmark("voucher seal --all --as li")[0] == 0
    for document in [*earmark.path.glob("documents/*"), *earmark.path.glob("books/SF/documents/*")]:
        document.unlink()
    before = files(earmark.path)
    assert earmark("book rewrite --as li --reason 误删")[0] == 1
    assert files(earmark.path) == before
    assert not list(earmark.path.glob("books-aside-*"))


def test_after_the_demonstration_the_hints_name_its_approver(tmp_path, capsys, monkeypatch):
    import projects.demo

    made = projects.demo.DemoSummary(
        path=tmp_path, vouchers=1, drafts=1, books=(("V13", "示范村"),), maker="zhidan", approver="shenhe"
    )
    monkeypatch.setattr(projects.demo, "build", lambda *_args, **_named: made)
    assert run(["demo", str(tmp_path)]) == 0
    assert f"earmark --workspace {tmp_path} voucher seal --all --book V13 --as shenhe" in capsys.readouterr().out


def test_init_refuses_the_demonstration_s_passphrase_and_makes_nothing(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("EARMARK_PASSPHRASE", "demonstration")
    assert run(["init", str(tmp_path / "ws")]) == 1
    assert capfd.readouterr().err == "这是演示账套的口令，人人都知道，不能用于真实账套：请换一个口令。\n"
    assert not (tmp_path / "ws").exists()


def test_a_workspace_speaks_the_language_it_was_made_in_unless_another_is_asked_for(tmp_path, capfd, monkeypatch):
    monkeypatch.delenv("EARMARK_LANG", raising=False)
    assert run(["--lang", "en", "init", str(tmp_path / "ws")]) == 0
    capfd.readouterr()
    assert run(["--workspace", str(tmp_path / "ws"), "book", "show", "SF"]) == 1
    assert capfd.readouterr().err.startswith("There is no book")
    assert run(["--workspace", str(tmp_path / "ws"), "--lang", "zh", "book", "show", "SF"]) == 1
    assert capfd.readouterr().err.startswith("没有专账")


def test_a_user_is_shown_with_what_was_made_and_sealed(earmark):
    shown = json.loads(earmark("user show zhang --json")[1])
    assert (shown["roles"], shown["made"], shown["sealed"]) == ("maker", 11, 0)
    assert "制单张数" in earmark("user show li")[1]
    assert earmark("user show nobody")[0] == 1


def test_a_book_that_cannot_be_written_is_said_and_written_by_the_next_command(earmark):
    import shutil

    earmark("receive P001 JT2024 1 --date 2024-04-01 --as zhang")
    books = earmark.path / "books"
    shutil.move(books, earmark.path / "aside")
    books.write_text("x", encoding="utf-8")
    code, out, err = earmark("voucher seal --all --as li")
    assert (code, "已记账：2024-04-0001" in out, err.count("\n")) == (0, True, 1)
    assert err.startswith("账目已保存，但账簿文件")
    code, out, err = earmark("voucher list --month 2024-04")
    assert (code, "2024-04-0001" in out, "不要重复登记" in err) == (0, True, True)
    assert earmark("verify")[0] == WRONG
    books.unlink()
    shutil.move(earmark.path / "aside", books)
    assert earmark("verify")[0] == 0
    assert "V2024-04-0001" in (books / "SF" / "2024-04.beancount").read_text(encoding="utf-8")


def test_a_paper_under_two_names_is_one_paper(earmark, tmp_path):
    one, other = tmp_path / "a.txt", tmp_path / "b.pdf"
    one.write_text("same", encoding="utf-8")
    other.write_text("same", encoding="utf-8")
    line = f"receive P001 JT2024 1 --date 2024-04-01 --as zhang --doc {one} --doc {other} --json"
    assert len(json.loads(earmark(line)[1])["documents"]) == 1
    assert earmark("voucher seal --all --as li")[0] == 0


@pytest.mark.parametrize(
    "line, said",
    [
        (
            "receive P001 JT2024 1 --as zhang --doc /nowhere",
            "附件 /nowhere 不能用（没有这个文件或目录）：请检查文件后重试。",
        ),
        ("receive P001 JT2024 1 --as zhang --doc ''", "没有写附件文件名：请在 --doc 后写明文件。"),
        ("receive P001 JT2024 1 --as zhang --doc /dev/null", "附件 /dev/null 是空文件：请检查文件后重试。"),
        ("receive P001 JT2024 1 --as zhang --date ''", "日期“”不存在或看不懂：请按 年-月-日 书写，例如 2024-05-20。"),
        ("receive P001 JT2024 1 --as ''", "缺少 --as：请补填后再试。"),
        ("receive P001 JT2024 1 --as zhang --book ''", "缺少 --book：请补填后再试。"),
        (
            "disclose --out /dev/null/x",
            "/dev/null/x 不能用（路径中有一段不是目录）：请检查路径、权限和磁盘空间后重试。",
        ),
        ("book allow B01 \udcd6\udcd0", "命令里有不是 UTF-8 的文字：请把终端或脚本的编码改为 UTF-8 后重试。"),
        ("channel good PP --name ++ --unit t", "实物名称“++”已被使用，或没有文字：库存科目用名称区分，请换一个名称。"),
        ("book bank B08 --name ——", "账户名称“——”里没有文字：请写开户行名称。"),
    ],
)
def test_what_cannot_be_used_is_one_line_in_the_clerk_s_language(earmark, line, said):
    assert earmark(line) == (1, "", said + "\n")


@pytest.mark.sqlite
def test_an_emptied_record_is_refused_and_never_begun_anew(earmark):
    (earmark.path / "record.db").write_bytes(b"")
    for line in ("status", "verify", "user add eve --role maker"):
        code, out, err = earmark(line)
        assert (code, out) == (1, "")
        assert "record.db 读不出来（0 B）" in err
    assert (earmark.path / "record.db").stat().st_size == 0


def test_a_note_that_begins_with_a_minus_is_kept_as_it_is(earmark):
    _, out, _ = earmark("receive P001 JT2024 1 --date 2024-04-01 --as zhang --note -5度 --json")
    assert json.loads(out)["narration"] == "-5度"


def test_a_key_without_a_date_means_the_same_after_midnight(earmark, monkeypatch):
    from datetime import datetime

    from ledger.store import workspace

    days = iter([datetime(2024, 5, 1, 23, tzinfo=workspace.CHINA), datetime(2024, 5, 2, 1, tzinfo=workspace.CHINA)])
    line = "receive P001 JT2024 1 --as zhang --key slip --json"
    first = []
    for day in days:
        monkeypatch.setattr(workspace, "wall_clock", lambda day=day: day)
        first.append(earmark(line))
    assert first[0] == first[1]
    assert json.loads(first[0][1])["date"] == "2024-05-01"


def test_a_backup_a_restore_and_a_rebuilding_by_the_command_line(earmark, tmp_path, monkeypatch):
    monkeypatch.delenv("EARMARK_USER", raising=False)
    file = tmp_path / "b.zip"
    code, out, err = earmark(f"backup {file}")
    assert (code, err.strip()) == (0, "")
    assert "凭证 11 张" in out
    assert "只有您能读取" in out
    assert "备份与账套在同一块磁盘上" in out
    assert earmark(f"backup {file}")[0] == 1
    code, _, err = earmark(f"backup {tmp_path / 'stick' / 'b.zip'}")
    assert (code, err) == (
        1,
        f"没有写备份：没有文件夹 {tmp_path / 'stick'}。请看 U 盘是否接好，或先建好文件夹，再试一次。\n",
    )
    drafted(earmark, "allot P001 JT2024 1200 --date 2024-04-01")
    assert earmark("voucher seal --all --as li")[0] == 0

    code, _, err = earmark(f"restore {file} {earmark.path}")
    assert (code, err.count("\n")) == (1, 1)
    assert "--second" in err
    assert "li" in earmark(f"restore {file} {earmark.path} --as li --second li --reason 坏了")[2]
    code, out, _ = earmark(f"restore {file} {earmark.path} --as li --second zhao --reason 坏了 --json")
    done = json.loads(out)
    assert code == 0
    assert done["missing"] == {"SF": ["2024-04-0001"]}
    assert Path(done["aside"]).is_dir()
    code, out, _ = earmark("verify --json")
    assert code == 0
    assert [each["code"] for check in json.loads(out) for each in check["notices"]] == ["restored"]

    code, out, _ = earmark(f"rebuild --from {earmark.path}/books {tmp_path / 'again'} --json")
    assert code == 0
    done = json.loads(out)
    assert (done["right"], done["vouchers"], done["behind"]) == (True, 11, [])
    assert earmark(f"--workspace {tmp_path / 'again'} verify")[0] == 0
    month = earmark.path / "books" / "SF" / "2024-03.beancount"
    month.write_text(month.read_text("utf-8").replace("116400.00", "116400.01", 1), "utf-8")
    code, _, err = earmark(f"rebuild --from {earmark.path}/books {tmp_path / 'third'}")
    assert (code, err.count("\n")) == (1, 1)
    assert "2024-03.beancount" in err
    assert not (tmp_path / "third").exists()


def test_a_restore_from_within_the_workspace_asks_to_go_out_first(earmark, tmp_path, monkeypatch):
    assert earmark(f"backup {tmp_path / 'b.zip'}")[0] == 0
    monkeypatch.chdir(earmark.path)
    code, _, err = earmark(f"restore {tmp_path / 'b.zip'}")
    assert (code, err.count("\n")) == (1, 1)
    assert "cd .." in err


def test_writing_a_book_again_is_an_event_in_the_offices_log(earmark):
    (earmark.path / "books" / "SF" / "2024-03.beancount").unlink()
    office = earmark.path / "books" / "office.beancount"
    whole = office.read_text(encoding="utf-8")
    office.write_text(whole.replace("zhang", "zhong"), encoding="utf-8")
    code, out, _ = earmark("book rewrite --as zhao --reason 误删 --json")
    done = json.loads(out)
    assert code == 0
    assert done["replaced"] == {"2024-03.beancount": "missing", "office.beancount": "changed"}
    assert "zhong" in (Path(done["aside"]) / "office.beancount").read_text(encoding="utf-8")
    added = office.read_text(encoding="utf-8").removeprefix(whole)
    assert 'custom "rewrite"' in added
    assert '  user: "zhao"\n' in added
    assert '  reason: "误删"\n' in added
    assert earmark("verify")[0] == 0


def test_status_names_pre_financing_until_it_is_repaid(earmark):
    for line in (
        "channel add CJ2024 --name 村集体自有 --source collective",
        "book bank B00 --name 村基本户 --kind own --channel CJ2024",
        "book allow B01 CJ2024",
        "project budget P002 CJ2024=100000",
        "opening P000 own_bank:B00=CJ2024:80000 --date 2024-03-04 --as zhang",
        "prefinance P002C01 --number 村代会1号 --date 2024-03-05 --as zhang",
        "voucher seal --all --as li",
    ):
        assert earmark(line)[0] == 0, line
    said = earmark("status P002")[1]
    assert (
        "问题：项目 P002 村卫生室 垫付未还，CJ2024 村集体自有 垫 WS2024 市卫生局专项 48,500.00 元（V2024-03-0005）"
        in said
    )
    assert "问题" not in earmark("status P001")[1]
    for line in (
        "receive P002 WS2024 48500 --date 2024-03-06 --as zhang",
        "repay P002 --date 2024-03-07 --as zhang",
        "voucher seal --all --as li",
    ):
        assert earmark(line)[0] == 0, line
    assert "问题" not in earmark("status P002")[1]


@pytest.fixture
def with_person(earmark):
    """A workspace in which 蒲君君 paid in cash."""
    line = "receive P001 ZC2024 1 --cash --party 蒲君君 --person --date 2024-04-01 --as zhang"
    assert earmark(line)[0] == 0
    assert earmark("voucher seal --all --as li")[0] == 0
    return earmark


def test_a_person_is_erased_after_a_word_of_warning_and_everything_verifies(with_person):
    code, out, err = with_person("erase 蒲君君 --reason 本人申请 --as li --yes")
    assert (code, err) == (0, "")
    on_a_server = (
        "数据库服务器清理之前，文件里还有删去的行：请数据库管理员执行 VACUUM FULL private_value，并更换归档的预写日志。"
    )
    assert out.splitlines() == [
        "将删除 1 张凭证的 1 个私密内容（专账：SF）。此事不能撤回；凭证本身不变。",
        "已删除 1 张凭证的 1 个私密内容（专账：SF）。凭证本身不变，核验照样通过。",
        *([on_a_server] if POSTGRESQL else []),
        "以前的备份和副本里还有这个名字：请一并更换或销毁。",
    ]
    assert not [
        path for path in with_person.path.rglob("*") if path.is_file() and "蒲君君".encode() in path.read_bytes()
    ]
    code, out, _ = with_person("verify")
    assert (code, "  有 1 个私密内容已按日志删除" in out.splitlines()) == (0, True)
    privacy = next(check for check in json.loads(with_person("verify --json")[1]) if check["check"] == "privacy")
    [notice] = privacy["notices"]
    assert (notice["code"], notice["count"]) == ("private-erased", "1")
    shown = with_person("voucher show 2024-04-0001")[1]
    assert "蒲某某" in shown
    assert "由 li 于" in shown
    assert json.loads(with_person("voucher show 2024-04-0001 --json")[1])["erased"]["payee"]["reason"] == "本人申请"
    assert with_person("status")[0] == 0
    assert with_person(f"disclose --out {with_person.path.parent / 'public'}")[0] == 0


@pytest.mark.parametrize(
    "line, said",
    [
        ("erase 蒲君君 --reason 申请 --as li", "此事不能撤回，又没有人确认，什么都没有变：请在终端里回答，或加 --yes。"),
        ("erase 蒲君君 --reason 申请 --as zhang --yes",
         "zhang 在专账 SF 既没有审核权限（approver）也没有审计权限（auditor）：请由审核人或审计人员办理。"),
        ("erase 蒲君君 --reason 蒲君君申请 --as li --yes",
         "事由里写了本人的姓名，而事由会永远留在日志里：请不写姓名。"),
        ("erase 蒲君 --reason 申请 --as li --yes",
         "私密库里没有“蒲君”：请按登记时的全名一字不差地书写（earmark erase “姓名”），或者已经删除过了。"),
        ("erase 甲施工队 --reason 申请 --as li --yes",
         "私密库里没有“甲施工队”，但这个名字写在不能删除的地方（V2024-02-0002@SF、V2024-03-0001@SF）：已记账的内容不变，今后登记个人请加 --person。"),
    ],
)  # fmt: skip
def test_an_erasure_that_is_refused_changes_nothing(with_person, line, said):
    before = files(with_person.path)
    code, _, err = with_person(line)
    assert (code, err) == (1, said + "\n")
    assert files(with_person.path) == before


def test_the_key_is_rotated_and_replaced_by_commands_and_verification_mentions_the_loss(earmark, monkeypatch):
    monkeypatch.setenv("EARMARK_PASSPHRASE", "first secret")
    assert earmark("key make")[0] == 0
    assert earmark("checkpoint --as zhao")[0] == 0
    monkeypatch.setenv("EARMARK_NEW_PASSPHRASE", "second secret")
    code, out, err = earmark("key rotate --as li")
    assert (code, err) == (0, "")
    assert earmark("key show")[1] == out.splitlines()[-1] + "\n"
    assert earmark("checkpoint --as zhao")[0] == 1, "the old passphrase opens nothing"
    monkeypatch.setenv("EARMARK_PASSPHRASE", "second secret")
    assert earmark("checkpoint --as zhao")[0] == 0
    (earmark.path / "office.key").unlink()
    monkeypatch.setenv("EARMARK_NEW_PASSPHRASE", "third secret")
    before = files(earmark.path)
    for line, said in (
        ("key replace --reason 遗忘 --second zhao --as li --yes", "只有丢失的密钥才另换"),
        ("key replace --lost --reason 遗忘 --second zhao --as li", "没有人确认"),
        ("key replace --lost --reason 遗忘 --second li --as li --yes", "两个名字都是 li"),
        ("key replace --lost --reason 遗忘 --second zhang --as li --yes", "zhang 在专账 SF 既没有审核权限"),
    ):
        code, _, err = earmark(line)
        assert (code, said in err, err.count("\n")) == (1, True, 1), err
    assert files(earmark.path) == before
    assert earmark("key replace --lost --reason 口令遗忘 --second zhao --as li --yes")[0] == 0
    monkeypatch.setenv("EARMARK_PASSPHRASE", "third secret")
    assert earmark("checkpoint --as zhao")[0] == 0
    code, out, _ = earmark("verify")
    assert (code, "账套密钥曾丢失，由 li, zhao 于" in out) == (0, True)


def test_another_office_witnesses_the_logs_by_files_alone(earmark, tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("EARMARK_PASSPHRASE", "a good secret")
    county = tmp_path / "county"

    def there(line):
        capfd.readouterr()
        code = run(["--workspace", str(county), *shlex.split(line)])
        return code, *capfd.readouterr()

    assert there(f"witness init {county} --name 县财政局")[0] == 1
    assert not county.exists()
    assert there(f"witness init {county} --name county.example/finance")[0] == 0
    assert earmark("key make")[0] == 0
    assert there(f"witness add {earmark('key show')[1].strip()}")[0] == 0
    assert earmark(f"witness ask --out {tmp_path / 'stick'}")[0] == 1
    assert earmark(f"witness add {there('witness show')[1].strip()}")[0] == 0
    assert earmark("checkpoint --as zhao")[0] == 0
    assert earmark(f"witness ask --out {tmp_path / 'stick'}")[0] == 0
    asked = sorted((tmp_path / "stick" / "county.example-finance").glob("*.ask.txt"))
    assert [path.name.split("-")[0] for path in asked] == ["SF", "office"]
    code, out, err = there(f"witness sign {' '.join(map(str, asked))}")
    assert (code, err, out.count("已联署")) == (0, "", 2)
    signed = " ".join(map(str, asked[0].parent.glob("*.cosigned.txt")))
    assert earmark(f"witness accept {signed} --as zhang")[0] == 1
    code, out, err = earmark(f"witness accept {signed} --as zhao")
    assert (code, err, out.count("county.example/finance")) == (0, "", 2)
    assert earmark(f"witness accept {signed} --as zhao")[0] == 1
    code, out, _ = earmark(f"verify --against {signed.split()[0]}")
    assert (code, out.count("有 1 个见证单位联署：county.example/finance")) == (0, 2)
    kept = next((earmark.path / "checkpoints").glob("SF-*.txt")).read_text(encoding="utf-8")
    assert kept.count("— ") == 2
    assert [row["kind"] for row in json.loads(there("witness list --json")[1])] == ["office", "seen", "seen"]
    # The next request starts where the witness stopped; a witness without its memory is not fooled by it.
    assert earmark("receive P001 JT2024 1 --date 2024-04-01 --as zhang")[0] == 0
    assert earmark("voucher seal --all --as li")[0] == 0
    assert earmark("checkpoint --book SF --as zhao")[0] == 0
    assert earmark(f"witness ask --book SF --out {tmp_path / 'stick'}")[0] == 0
    newest = max(asked[0].parent.glob("SF-*.ask.txt"))
    (county / "witnesses" / "seen").rename(tmp_path / "seen")
    code, _, err = there(f"witness sign {newest}")
    assert (code, "可能放回了本目录的旧副本" in err, err.count("\n")) == (1, True, 1)
    assert there(f"witness remember {signed.split()[0]} {signed.split()[-1]}")[0] == 0
    assert there(f"witness sign {newest}")[0] == 0
