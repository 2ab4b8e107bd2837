"""Lists taken in as facts: people private, counts public, all of a list or none, and nothing twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from importers import lists, oc4ids, reader
from importers.errors import FileRefused
from ledger import facts
from ledger.errors import RoleMissing
from ledger.messages import explain
from ledger.verify import verify
from projects import listings, observations
from projects.cli.main import run
from projects.errors import ListReceiptUnfit

PEOPLE = (
    "示范村产业奖补花名册\n姓名,村组,身份证号,一卡通账号,补贴金额\n张三丰,一组,11010519491231002X,6217000000000001,1200.50\n"
    "李四,二组,440524188001010014,6217000000000002,800\n合计,,,,2000.50\n"
)
PACKAGE = """{"projects": [{"id": "x-1", "title": "Road", "status": "completion", "locations": [{"description": "Shifan"}],
 "publicAuthority": {"name": "County"}, "budget": {"amount": {"amount": 1234567.89, "currency": "CNY"}}}]}"""


def written(tmp_path: Path, text: str, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def seen(path: Path) -> listings.Seen:
    return oc4ids.read(path) if path.suffix == ".json" else lists.read(reader.read(path), path=path)


def take(clerk: Any, path: Path, *, user: str = "zhang", **said: Any) -> dict[str, Any]:
    return listings.take(clerk.at(user), path, seen(path), **said)


def told(clerk: Any, *kinds: str) -> list[facts.Fact]:
    with clerk.workspace.read() as connection:
        return facts.facts(connection, "SF", *kinds)


def refused(clerk: Any, path: Path) -> list[str]:
    before = clerk.dump()
    with pytest.raises(FileRefused) as refusal:
        take(clerk, path)
    assert clerk.dump() == before
    assert [explain(problem, "en") for problem in refusal.value.problems]
    return [explain(problem, "zh") for problem in refusal.value.problems]


def test_people_are_private_and_only_their_number_is_public(clerk: Any, tmp_path: Path) -> None:
    path = written(tmp_path, PEOPLE)
    took = take(clerk, path, project="P001")
    [whole] = told(clerk, listings.LIST)
    assert (whole.label, whole.subject, took["rows"]) == (took["facts"][0], "P001", 2)
    assert dict(whole.data) == {
        "list": "beneficiaries",
        "title": "示范村产业奖补花名册",
        "file": listings.hash_of(path),
        "rows": 2,
        "households": 2,
    }
    with clerk.workspace.read() as connection:
        first, second = (facts.private(connection, each) for each in told(clerk, listings.PERSON))
    assert first == {
        "person-name": "张三丰",
        "id": "11010519491231002X",
        "account": "6217000000000001",
        "amount": "1200.50",
        "place": "一组",
    }
    assert second["amount"] == "800.00"
    everything = b"".join(each.read_bytes() for each in clerk.workspace.path.rglob("*.beancount"))
    assert not [each for each in (*first.values(), *second.values()) if len(each) > 2 and each.encode() in everything]
    assert not list((clerk.workspace.path).rglob("*.csv")), "the file itself is not kept"
    assert all(not check.findings for check in verify(clerk.workspace))


def test_the_same_file_and_the_same_rows_are_recorded_once(clerk: Any, tmp_path: Path) -> None:
    path = written(tmp_path, PEOPLE)
    take(clerk, path)
    before = clerk.dump()
    assert take(clerk, path) == {"book": "SF", "facts": [], "rows": 0, "drafts": []}
    assert clerk.dump() == before
    more = written(
        tmp_path, PEOPLE.replace("合计,,,,2000.50", "李四,二组,440524188001010014,6217000000000002,800"), "more.csv"
    )
    assert take(clerk, more)["rows"] == 1, "who stands twice in the second file was recorded once"
    assert [each.data["households"] for each in told(clerk, listings.LIST)] == [2, 1]


def test_a_list_that_is_taken_back_can_be_taken_again(clerk: Any, tmp_path: Path) -> None:
    path = written(tmp_path, PEOPLE)
    [top, *_] = take(clerk, path)["facts"]
    with clerk.workspace.write() as unit:
        facts.withdraw(unit, "SF", top, on=unit.now.date(), by="zhang", reason="名册有误")
        unit.commit()
    assert take(clerk, path)["rows"] == 2


def test_one_row_that_cannot_be_read_keeps_the_whole_list_out(clerk: Any, tmp_path: Path) -> None:
    assert refused(clerk, written(tmp_path, "姓名,补贴金额\n张三丰,1200\n李四,约20\n")) == [
        "第 3 行“B 补贴金额”的“约20”是约数，不能入账：请按批复文件填准确的金额（单位元），或用 --skip 3 略过这一行，批复后再登记。"
    ]
    path = written(tmp_path, "姓名,补贴金额\n张三丰,1200\n李四,约20\n")
    assert take(clerk, path, skip=frozenset({3}))["rows"] == 1


def test_only_who_makes_vouchers_takes_a_list(clerk: Any, tmp_path: Path) -> None:
    with pytest.raises(RoleMissing):
        take(clerk, written(tmp_path, PEOPLE), user="li")


def test_payments_of_households_and_assets_with_their_keepers(clerk: Any, tmp_path: Path) -> None:
    take(clerk, written(tmp_path, "户主,人口,应缴（元）,实缴（元）\n张三,4,60,60\n", "paid.csv"), project="P001")
    take(
        clerk,
        written(tmp_path, "资产名称,数量,单位,资产原值(万元),坐落,管护人\n供水站,2,座,40,二组,王五\n", "assets.csv"),
    )
    [asset] = told(clerk, listings.ASSET)
    [person] = told(clerk, listings.PERSON)
    with clerk.workspace.read() as connection:
        assert facts.private(connection, asset) == {"keeper": "王五"}
        assert facts.private(connection, person) == {
            "person-name": "张三",
            "due": "60.00",
            "paid": "60.00",
            "people": "4",
        }
    said = {key: asset.data[key] for key in ("name", "quantity", "unit", "value", "place")}
    assert said == {"name": "供水站", "quantity": "2", "unit": "座", "value": "400000.00", "place": "二组"}


PAID = "户主,人口,应缴,实缴\n张三,4,60,60\n李四,2,30,20.50\n王五,3,45,\n"


def test_what_households_paid_is_drafted_as_one_receipt(clerk: Any, tmp_path: Path) -> None:
    clerk.play("plan project=P001 channel=ZC2024 amount=1000 date=2024-01-10")
    path = written(tmp_path, PAID, "paid.csv")
    receipt = listings.Receipt("ZC2024")
    took = take(clerk, path, project="P001", receipt=receipt)
    [label] = took["drafts"]
    made = clerk.at("li").seal(label)
    assert "2 户" in made["narration"]
    assert "张三" not in json.dumps(made, ensure_ascii=False)
    banked = [fen for (account, channel), fen in clerk.balances().items() if channel == "ZC2024" and ":102" in account]
    assert banked == [8050]
    # The same file posts nothing twice; a row more is received by itself, in cash.
    assert take(clerk, path, project="P001", receipt=receipt)["drafts"] == []
    more = written(tmp_path, PAID + "赵六,1,15,15\n", "more.csv")
    [label] = take(clerk, more, project="P001", receipt=listings.Receipt("ZC2024", cash=True))["drafts"]
    assert clerk.at("li").seal(label)["event"] == "household_cash"
    assert all(not check.findings for check in verify(clerk.workspace))


@pytest.mark.parametrize(
    "text, project, says",
    [
        (PEOPLE, "P001", "只有农户筹资名册"),
        (PAID, "", "--project"),
        ("户主,应缴,实缴\n张三,60,\n", "P001", "没有新的已缴金额"),
    ],
)
def test_a_receipt_that_cannot_be_drafted_keeps_the_list_out(
    clerk: Any, tmp_path: Path, text: str, project: str, says: str
) -> None:
    path, before = written(tmp_path, text), clerk.dump()
    with pytest.raises(ListReceiptUnfit) as refusal:
        take(clerk, path, project=project, receipt=listings.Receipt("ZC2024"))
    assert says in explain(refusal.value, "zh")
    assert explain(refusal.value, "en")
    assert clerk.dump() == before


def test_a_survey_becomes_observations_with_its_file_as_their_paper(clerk: Any, tmp_path: Path) -> None:
    path = written(tmp_path, "指标名称,已达标,应达标,日期\npaved-road,3500,3500,2024-02-01\n")
    take(clerk, path)
    with clerk.workspace.read() as connection:
        [found] = [each for each in observations.seen(connection, book="SF") if each.numerator == 3500]
    assert (found.indicator, found.on, found.papers) == ("paved-road", "2024-02-01", 1)
    again = written(tmp_path, path.read_text(encoding="utf-8") + "\n", "again.csv")
    assert take(clerk, again)["rows"] == 0


@pytest.mark.parametrize(
    "row, says",
    [
        ("没有的,1,2,,", "第 2 行的指标“没有的”不认得"),
        ("paved-road,95%,,,", "第 2 行 paved-road：要有两个整数"),
        ("paved-road,1,0,,", "第 2 行 paved-road：要有两个整数"),
        ("paved-road,1,2,2999-01-01,", "第 2 行的日期“2999-01-01”"),
        ("paved-road,1,2,去年,", "第 2 行的日期“去年”"),
        ("paved-road,1,2,,别的村", "第 2 行的村“别的村”不是本专账的村"),
        ("paved-road,1,2,,,九组", "第 2 行的组“九组”没有登记"),
    ],
)
def test_a_row_of_a_survey_that_says_too_little_is_told(clerk: Any, tmp_path: Path, row: str, says: str) -> None:
    [problem] = refused(clerk, written(tmp_path, f"指标名称,已达标,应达标,日期,村名,组\n{row}\n"))
    assert problem.startswith(says)


def test_a_package_of_the_standard_is_kept_to_be_compared(clerk: Any, tmp_path: Path) -> None:
    path = written(tmp_path, PACKAGE, "package.json")
    assert take(clerk, path, project="P001")["rows"] == 1
    [found] = told(clerk, listings.PUBLISHED)
    assert (found.subject, found.data["title"], found.data["amount"]) == ("P001", "Road", "1234567.89")
    assert len(told(clerk, listings.LIST)[0].documents) == 1
    assert take(clerk, path, project="P001")["rows"] == 0


def test_the_command_shows_takes_and_says_what_is_known(
    clerk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, PEOPLE)
    here = ["--workspace", str(clerk.workspace.path)]
    assert run([*here, "import", str(path)]) == 0
    assert "可以采用：2 行" in capsys.readouterr().out
    assert run([*here, "import", str(path), "--commit", "--as", "zhang", "--project", "P001"]) == 0
    assert "已采用：2 行" in capsys.readouterr().out
    assert run([*here, "import", str(path), "--commit", "--as", "zhang", "--json"]) == 0
    out = capsys.readouterr().out
    assert "张三丰" not in out
    assert [row["fate"] for row in json.loads(out)["rows"]] == ["known", "known"]
