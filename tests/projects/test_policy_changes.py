"""A county's change of the policy: who may, from which day on, what it leaves alone, and where it is written down."""

from __future__ import annotations

import json
import shlex
from datetime import date
from typing import Any

import pytest

from ledger import facts, log, people
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from ledger.errors import Refusal
from ledger.messages import explain
from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects.cli.main import run
from projects.events.verbs import EFFECTS
from projects.policy import policy_at
from projects.policy.file import read
from projects.policy.history import build, changes, shipped
from projects.policy.override import override

TODAY = date(2025, 12, 31)
TOMORROW = date(2026, 1, 1)
RETENTION = '[retention.cap]\nvalue = 2\nunit = "percent"\ndocument = "县里的规定"\nnumber = "县财〔2025〕5号"\n'
PURCHASE = '[purchase.most]\nvalue = "5000"\nunit = "yuan"\ndocument = "县里的规定"\n'


def change(clerk: Any, text: str, start: date = TODAY, *, user: str = "li", papers: Any = ...) -> facts.Fact:
    if papers is ...:
        paper = clerk.workspace.path / "decision.txt"
        paper.write_text("县里的规定", encoding="utf-8")
        papers = clerk.at(user).papers([paper])
    with clerk.workspace.write() as unit:
        made = override(unit, read(text), start=start, by=user, papers=papers)
        unit.commit()
    return made


def at(clerk: Any, on: date) -> Any:
    with clerk.workspace.read() as connection:
        return policy_at(connection, on)


def refused(clerk: Any, text: str = RETENTION, start: date = TODAY, **more: Any) -> str:
    before = clerk.dump()
    with pytest.raises(Refusal) as caught:
        change(clerk, text, start, **more)
    assert clerk.dump() == before
    return explain(caught.value, "zh")


def test_a_change_holds_from_its_day_on_and_changes_nothing_else(clerk):
    made = change(clerk, RETENTION, TOMORROW)
    assert at(clerk, TODAY) == build(shipped())
    cap = at(clerk, TOMORROW).retention.cap
    assert (cap.value, cap.number, cap.mark, cap.fact) == (2, "县财〔2025〕5号", "S", made.label)
    others = {key: each for key, each in at(clerk, TOMORROW).numbers() if key != "retention.cap"}
    assert others == {key: each for key, each in at(clerk, TODAY).numbers() if key != "retention.cap"}


def test_of_two_changes_the_one_that_began_later_holds_and_of_one_day_the_last(clerk):
    change(clerk, RETENTION.replace("2\n", "1\n", 1), date(2026, 2, 1))
    change(clerk, RETENTION, TOMORROW)
    assert [at(clerk, date(2026, month, 1)).retention.cap.value for month in (1, 2)] == [2, 1]
    change(clerk, RETENTION.replace("2\n", "3\n", 1), date(2026, 2, 1))
    assert at(clerk, date(2026, 2, 1)).retention.cap.value == 3


@pytest.mark.parametrize("user", ["li", "zhao"])
def test_an_approver_or_auditor_of_every_book_may_change_it(clerk, user):
    change(clerk, RETENTION, user=user)
    assert at(clerk, TODAY).retention.cap.value == 2


def test_nobody_else_may(clerk):
    with clerk.workspace.write() as unit:
        people.add_user(unit, "sun", roles=["approver"], book="SF")
        unit.commit()
    for user in ("zhang", "sun"):
        with pytest.raises(Refusal) as caught:
            change(clerk, RETENTION, user=user)
        assert caught.value.code == "role-missing"


def test_a_change_that_changes_nothing_or_shows_no_paper_is_refused(clerk):
    assert refused(clerk, "# nothing\n") == "文件里没有改任何数字：请只写要改的，每个写明文件。"
    assert refused(clerk, papers=()) == "没有附文件：改政策须附依据的文件（--doc 文件）。"


def test_a_lower_end_above_its_upper_end_is_refused(clerk):
    most = '[advance.most]\nvalue = 5\nunit = "percent"\ndocument = "文"\n'
    assert refused(clerk, most) == "政策“advance.least”写的是 10，高于“advance.most”的 5：下限不能高于上限，请一起改。"
    change(clerk, most + most.replace("most", "least"))


def test_days_whose_vouchers_were_judged_keep_their_policy(clerk):
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    assert refused(clerk, start=date(2024, 3, 1)) == (
        "从 2024-03-01 起的政策不能改：那以后已有 1 张凭证按原政策办理（SF V2024-03-0001）。"
        "政策只管以后的事，请写 2025-12-31 或更晚的日期（--from）。"
    )
    change(clerk, RETENTION, date(2024, 3, 2))
    assert [at(clerk, date(2024, 3, day)).retention.cap.value for day in (1, 2)] == [3, 2]


def test_a_draft_was_judged_too_and_an_opening_never_is(clerk):
    clerk.day = "2024-02-01"
    clerk.play("opening project=P000 lines=own_bank:B00=CJ2024:100")
    clerk.try_draft("allot project=P001 channel=JT2024 amount=1000 date=2024-03-01")
    assert "SF D2" in refused(clerk, start=date(2024, 3, 1))
    change(clerk, RETENTION, date(2024, 3, 2))
    clerk.at("zhang").drop("D2")
    change(clerk, PURCHASE, date(2024, 1, 1))
    assert at(clerk, date(2024, 1, 1)).purchase.most.value == 5000_00


def test_from_today_on_is_always_taken(clerk):
    clerk.day = TODAY.isoformat()
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    change(clerk, RETENTION)
    assert at(clerk, TODAY).retention.cap.value == 2


def test_a_withdrawn_change_holds_for_the_days_before_and_no_longer(clerk):
    made = change(clerk, RETENTION)
    clerk.clock.set("2026-03-01")
    with clerk.workspace.write() as unit:
        # Its own day may be said to be any; what counts is when it was taken back.
        facts.withdraw(unit, log.OFFICE, made.label, on=TODAY, by="li", reason="文件作废")
        unit.commit()
    assert [at(clerk, day).retention.cap.value for day in (TODAY, date(2026, 2, 28), date(2026, 3, 1))] == [2, 2, 3]
    with clerk.workspace.read() as connection:
        assert [each.withdrawn for each in changes(connection)] == ["2026-03-01"]


def test_a_fact_of_that_name_that_is_no_policy_changes_nothing(clerk):
    with clerk.workspace.write() as unit:
        for data in ({"text": "x"}, {"from": "2024-01-01", "numbers": {"retention.cup": {}}}, {"from": "2024-01-01"}):
            facts.record(unit, log.OFFICE, "policy", "office", on=TODAY, by="li", data=data)
        unit.commit()
    assert at(clerk, TODAY) == build(shipped())


def test_the_office_s_log_and_books_carry_it_and_a_rebuild_brings_it_back(clerk, tmp_path):
    change(clerk, RETENTION + PURCHASE + '[gates.contract]\nvalue = []\nunit = "gates"\ndocument = "文"\n', TOMORROW)
    settle(clerk.workspace)
    assert [finding.code for check in verify(clerk.workspace) for finding in check.findings] == []
    assert "县财〔2025〕5号" in (clerk.workspace.books / "office.beancount").read_text(encoding="utf-8")
    assert rebuild(clerk.workspace.books, tmp_path / "again", effects=EFFECTS, clock=clerk.clock).right
    again = open_workspace(tmp_path / "again", clock=clerk.clock)
    with again.read() as connection:
        assert policy_at(connection, TOMORROW) == at(clerk, TOMORROW)
        assert policy_at(connection, TOMORROW).binding("contract") == ()
    again.close()


@pytest.fixture
def earmark(clerk, capfd, monkeypatch):
    monkeypatch.delenv("EARMARK_LANG", raising=False)

    def call(line: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run(["--workspace", str(clerk.workspace.path), *shlex.split(line)])
        return code, *capfd.readouterr()

    return call


@pytest.mark.sqlite
def test_what_is_exported_can_be_edited_and_set_once(earmark, clerk, tmp_path):
    clerk.workspace.close()
    code, exported, _ = earmark("policy export")
    assert code == 0
    assert {key: {**said, "key": key} for key, said in read(exported).items()} == {
        key: {**said, "key": key} for key, said in shipped().items()
    }
    county = tmp_path / "county.toml"
    county.write_text(RETENTION, encoding="utf-8")
    line = f"policy set {county} --from 2099-01-01 --doc {county} --as li --key k1 --json"
    first, second = earmark(line), earmark(line)
    assert first == second
    assert json.loads(first[1])["numbers"] == ["retention.cap"]
    [one] = json.loads(earmark("policy list --json")[1])
    assert (one["from"], one["by"], one["withdrawn"]) == ("2099-01-01", "li", None)
    shown = {each["key"]: each for each in json.loads(earmark("policy show --on 2099-01-01 --json")[1])["numbers"]}
    assert (shown["retention.cap"]["value"], shown["retention.cap"]["from"]) == ("2", "2099-01-01")
    assert shown["retention.term"]["verified"] is False
    assert "县财〔2025〕5号" not in earmark("policy show --on 2098-12-31")[1]
    assert "2%" in earmark("policy show --on 2099-01-01")[1]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "content, message",
    [
        (None, "政策文件 {path} 读不了：没有这个文件或目录。\n"),
        (b"\xff\xfe", "政策文件 {path} 不是 UTF-8 文字：请另存为 UTF-8。\n"),
        (b"#" * 1_000_001, "政策文件 {path} 太大：最多 1000000 字节。\n"),
        (b"x = " + b"[" * 5000, "政策文件第 1 行看不懂：请写成 TOML，可以从 earmark policy export 的内容改起。\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(earmark, clerk, tmp_path, content, message):
    clerk.workspace.close()
    path = tmp_path / "county.toml"
    if content is not None:
        path.write_bytes(content)
    code, _, complaint = earmark(f"policy set {path} --from 2099-01-01 --doc {__file__} --as li")
    assert (code, complaint) == (1, message.format(path=path))
