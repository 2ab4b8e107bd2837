"""Files of projects taken in: shown first, taken whole or not at all, and never twice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from importers import reader, tables
from importers.banks.profiles import profiles
from importers.errors import FileRefused
from ledger.errors import RoleMissing
from ledger.messages import explain
from projects import intake, registry
from projects.cli.main import run
from projects.intake import Wish

REAL = Path(__file__).parents[1] / "data" / "real"
JT = Wish(channels={"": "JT2024"}, date="2024-03-01")
TABLE = "2024年省级财政衔接资金项目计划表\n单位：元\n序号,项目名称,村,省级,群众自筹\n1,修路,甲村,5000,300\n2,架桥,乙村,700,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def understood(path: Path) -> tables.Reading:
    return tables.read(reader.read(path), path=path)


def take(clerk: Any, path: Path, wish: Wish = JT, *, user: str = "zhang", key: str | None = None) -> dict[str, Any]:
    return intake.take(clerk.at(user), path, understood(path), wish, key=key)


def fates(clerk: Any, path: Path, wish: Wish = JT) -> list[str]:
    with clerk.workspace.read() as connection:
        return [each.fate for each in intake.consider(connection, "SF", understood(path), wish).fates]


def projects(clerk: Any) -> dict[str, tuple[str, str, int]]:
    with clerk.workspace.read() as connection:
        return {
            row["code"]: (row["name"], row["place"], row["planned"]) for row in registry.list_projects(connection, "SF")
        }


def drafts(clerk: Any) -> int:
    return int(clerk.sql("SELECT count(*) FROM work_draft WHERE book = 'SF'")[0][0])


def refusals(clerk: Any, path: Path, wish: Wish = JT) -> list[str]:
    before = clerk.dump()
    with pytest.raises(FileRefused) as refused:
        take(clerk, path, wish)
    assert clerk.dump() == before
    assert [explain(problem, "en") for problem in refused.value.problems]
    return [explain(problem, "zh") for problem in refused.value.problems]


BOTH = Wish(channels={"省级财政衔接资金": "JT2024", "群众自筹": "ZC2024"}, date="2024-03-01", number="财农1号")


def test_rows_become_projects_budgets_and_drafts_but_no_voucher(clerk: Any, file: Path) -> None:
    before, sealed = projects(clerk), clerk.sql("SELECT count(*) FROM voucher")
    took = take(clerk, file, BOTH)
    new = {code: row for code, row in projects(clerk).items() if code not in before}
    assert list(new.values()) == [("修路", "甲村", 530_000), ("架桥", "乙村", 70_000)]
    assert list(new) == took["projects"]
    road, bridge = new
    query = "SELECT project, channel, planned FROM budget_line WHERE book = 'SF' AND project IN (?, ?) ORDER BY 1, 2"
    assert clerk.sql(query, road, bridge) == [
        (road, "JT2024", 500_000),
        (road, "ZC2024", 30_000),
        (bridge, "JT2024", 70_000),
    ]
    assert clerk.sql("SELECT count(*) FROM voucher") == sealed
    assert took["drafts"] == ["D1", "D2"], "households decide on their own money, nobody allots it"
    clerk.seal("D1")
    clerk.seal("D2")
    assert clerk.entry("2024-03-0001").splitlines()[1].endswith("5000.00 JT2024.B")
    paper = clerk.sql("SELECT sha256 FROM document WHERE book = 'SF'")
    assert len(set(paper)) == 1, "the file is the paper of each draft"


def test_a_file_posts_nothing_twice(clerk: Any, file: Path, tmp_path: Path) -> None:
    take(clerk, file, BOTH)
    before = clerk.dump()
    again = tmp_path / "other.csv"
    again.write_text(
        "项目名称,村,省级资金(万元),群众自筹(万元)\n架 桥,乙村,0.07,\n修路,甲村,0.5,0.03\n", encoding="utf-8"
    )
    wish = Wish(channels={"省级资金": "JT2024", "群众自筹": "ZC2024"}, date="2024-03-01")
    for path, how in ((file, BOTH), (again, wish)):
        assert set(fates(clerk, path, how)) == {"known"}
        assert take(clerk, path, how)["projects"] == []
    assert clerk.dump() == before
    assert fates(clerk, file, Wish()) == ["known"] * 3, "also before the channels are named"


@pytest.mark.parametrize("name", ["beita-2020-central", "yueyang-2025-batch5"])
def test_the_same_rows_in_another_kind_of_file_post_nothing(clerk: Any, name: str) -> None:
    rows = len(take(clerk, REAL / f"{name}.csv")["projects"])
    assert rows == len(understood(REAL / f"{name}.csv").projects)
    before = clerk.dump()
    assert take(clerk, REAL / f"{name}.xlsx") == {"book": "SF", "projects": [], "drafts": []}
    assert clerk.dump() == before


def test_rows_that_are_alike_are_as_many_projects_now_and_the_next_time(clerk: Any, tmp_path: Path) -> None:
    file = tmp_path / "alike.csv"
    row = "修路,甲村,5\n"
    file.write_text("项目名称,村,金额(元)\n" + row * 2, encoding="utf-8")
    assert len(take(clerk, file)["projects"]) == 2
    assert fates(clerk, file) == ["known"] * 2
    file.write_text("项目名称,村,金额(元)\n" + row * 3, encoding="utf-8")
    assert fates(clerk, file) == ["known", "known", "new"]


def test_other_money_for_a_known_project_is_left_to_the_clerk(clerk: Any, file: Path) -> None:
    take(clerk, file, BOTH)
    file.write_text(TABLE.replace("5000", "6000"), encoding="utf-8")
    assert fates(clerk, file, BOTH) == ["differs", "known", "known"]
    assert take(clerk, file, BOTH)["projects"] == []
    more = Wish(channels=BOTH.channels, date="2024-03-02", top_up=frozenset({4}))
    assert fates(clerk, file, more) == ["top-up", "top-up", "known"]
    took = take(clerk, file, more)
    assert (len(took["projects"]), took["drafts"]) == (1, ["D3"])
    assert projects(clerk)[took["projects"][0]] == ("修路", "甲村", 530_000 + 630_000)


def test_a_project_that_was_registered_by_hand_is_known(clerk: Any, tmp_path: Path) -> None:
    (code, (name, place, _)), *_ = projects(clerk).items()
    [(channel, planned)] = clerk.sql(
        "SELECT channel, planned FROM budget_line WHERE book = 'SF' AND project = ? AND channel = 'JT2024'", code
    )
    file = tmp_path / "hand.csv"
    file.write_text(f"项目名称,地点,金额(元)\n{name},{place},{planned / 100}\n", encoding="utf-8")
    assert (channel, fates(clerk, file)) == ("JT2024", ["known"])


def test_one_bad_cell_and_nothing_is_taken(clerk: Any, file: Path) -> None:
    file.write_text(TABLE.replace("700", "约七百"), encoding="utf-8")
    assert refusals(clerk, file, BOTH) == [
        "第 5 行“D 省级”的“约七百”是约数，不能入账：请按批复文件填准确的金额（单位元），或用 --skip 5 略过这一行，批复后再登记。"
    ]
    file.write_text(TABLE.replace("架桥", "架\u202e桥"), encoding="utf-8")
    assert refusals(clerk, file, BOTH) == [
        "第 5 行“name”的第 2 个字符（U+202E）不能入账：文字里不能有换行、控制符或方向符，且不超过 400 字。"
    ]


def test_money_without_a_channel_of_the_office_is_asked_about_once(clerk: Any, file: Path, tmp_path: Path) -> None:
    asked = refusals(clerk, file, Wish(channels={"省级财政衔接资金": "NONE"}))
    assert [each.partition("（")[0] for each in asked] == [
        "文件里的资金“省级财政衔接资金”还没有对应的渠道",
        "文件里的资金“群众自筹”还没有对应的渠道",
    ]
    bare = tmp_path / "bare.csv"
    bare.write_text("项目名称,金额\n修路,5\n架桥,6\n", encoding="utf-8")
    asked = refusals(clerk, bare, Wish())
    assert asked[0] == "表里没有写金额单位：请看原件，加 --unit 万元 或 --unit 元。"
    assert asked[1].startswith("文件没有写明资金渠道（已登记：")
    assert len(asked) == 2


def test_a_channel_of_the_same_name_is_that_channel(clerk: Any, tmp_path: Path) -> None:
    file = tmp_path / "named.csv"
    file.write_text("项目名称,交通部门专项补助（元）\n修路,5\n", encoding="utf-8")
    assert len(take(clerk, file, Wish(date="2024-03-01"))["drafts"]) == 1


def test_only_some_places_and_no_allotment(clerk: Any, file: Path) -> None:
    wish = Wish(channels=BOTH.channels, only="乙村", allot=False)
    assert fates(clerk, file, wish) == ["elsewhere", "elsewhere", "new"]
    assert take(clerk, file, wish)["drafts"] == []
    assert refusals(clerk, file, Wish(channels=BOTH.channels, only="乙村", top_up=frozenset({4}))) == [
        "第 4 行不是文件里的项目行：--top-up 后面请写预览中的行号。"
    ]


def test_who_may_not_draft_takes_nothing(clerk: Any, file: Path) -> None:
    before = clerk.dump()
    with pytest.raises(RoleMissing):
        take(clerk, file, BOTH, user="li")
    assert clerk.dump() == before


def test_the_same_key_takes_a_file_once(clerk: Any, file: Path) -> None:
    first = take(clerk, file, BOTH, key="k1")
    before = clerk.dump()
    assert take(clerk, file, BOTH, key="k1") == first
    assert clerk.dump() == before


SETUP = """
init {ws}
user add zhang --role maker
user add li --role approver
village add V13 --name 示范村
book add SF --village V13 --name 示范村专账 --start 2024-01-01
channel add JT2024 --name 交通补助 --source department
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EARMARK_PASSPHRASE", "一二三四五六七八")
    monkeypatch.setenv("EARMARK_WORKSPACE", str(tmp_path / "ws"))
    monkeypatch.setenv("EARMARK_USER", "zhang")
    for line in SETUP.format(ws=tmp_path / "ws").strip().splitlines():
        assert run(line.split()) == 0, line
    return tmp_path / "ws"


def test_the_command_shows_first_and_takes_when_it_is_told_to(
    office: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = REAL / "list-mishan-2025-done.csv"
    capsys.readouterr()
    assert run(["import", str(file), "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["kind"], seen["taken"]) == ("projects", None)
    assert seen["rows"][0] == {
        "sheet": "",
        "row": 2,
        "name": "太平乡庄兴村双层温室大棚建设项目",
        "place": "太平乡庄兴村",
        "amount_fen": 117_980_000,
        "channel": "",
        "code": "",
        "project": "P001",
        "fate": "new",
    }
    assert seen["totals"][0] == {
        "sheet": "",
        "row": 2,
        "label": "计划投资",
        "column": "金额",
        "stated_fen": 117_980_000,
        "computed_fen": 117_990_000,
    }
    assert [(each["row"], each["column"], each["text"], each["code"]) for each in seen["warnings"]] == [
        (2, "金额", "计划投资", "total-differs")
    ]
    assert run(["import", str(file), "--commit"]) == 1
    out, err = capsys.readouterr()
    assert "✗   文件没有写明资金渠道" in out
    assert err == f"文件 {file} 有 1 处问题，整个文件都没有采用：请逐条改正后重新导入。\n"
    arguments = ["import", str(file), "--commit", "--channel", "JT2024", "--mapping", "mishan", "--keep-mapping"]
    assert run(arguments) == 0
    out = capsys.readouterr().out
    assert "已采用：项目 3 个，2,149,800.00 元；指标下达草稿 3 张" in out
    assert (office / "mapping-mishan.toml").read_text(encoding="utf-8") == '[channel]\n"" = "JT2024"\n'
    assert run(["import", str(file), "--commit", "--mapping", "mishan"]) == 0
    assert "没有可以新登记的行" in capsys.readouterr().out
    assert run(["voucher", "seal", "--all", "--as", "li"]) == 0
    assert run(["verify"]) == 0


def test_a_file_can_be_looked_at_before_there_is_a_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EARMARK_WORKSPACE", raising=False)
    assert run(["import", str(REAL / "beita-2020-central.xlsx")]) == 0
    out = capsys.readouterr().out
    assert "可以采用：项目 16 个，4,080,000.00 元。" in out
    assert run(["import", str(REAL / "beita-2020-central.xlsx"), "--commit", "--as", "zhang"]) == 1


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["--column", "a"], "a"),
        (["--column", "工程=什么"], "没有“工程=什么”这种列"),
        (["--channel", "甲="], "甲="),
        (["--unit", "分"], "单位“分”不认识"),
        (["--top-up", "x"], "第 x 行不是文件里的项目行"),
        (["--mapping", "../x"], "../x"),
    ],
)
def test_options_that_cannot_be_read_are_refused(
    office: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    capsys.readouterr()
    assert run(["import", str(REAL / "beita-2020-central.csv"), *arguments]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err


def test_a_list_of_people_is_shown_masked(office: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("姓名,身份证号,补贴金额\n张三丰,11010519491231002X,1200\n合计,,1200\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["import", str(file)]) == 0
    out = capsys.readouterr().out
    assert "补助花名册：1 行" in out
    assert "张**" in out
    assert run(["import", str(file), "--json"]) == 0
    raw = capsys.readouterr().out
    assert "张三丰" not in raw
    assert "11010519491231002X" not in raw
    seen = json.loads(raw)
    assert (seen["kind"], seen["rows"][0]["amount_fen"], seen["totals"][0]["computed_fen"]) == (
        "beneficiaries",
        120_000,
        120_000,
    )
    assert "加 --commit" in out


def test_a_package_of_the_standard_is_shown_and_a_statement_is_sent_to_be_reconciled(
    office: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    package = tmp_path / "package.json"
    package.write_text('{"projects": [{"title": "Road", "budget": {"amount": {"amount": 5}}}]}', encoding="utf-8")
    statement = tmp_path / "statement.csv"
    header = profiles()[0].header
    statement.write_text(",".join(header) + "\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["import", str(package), "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert (seen["kind"], seen["rows"][0]["name"], seen["rows"][0]["amount_fen"]) == ("oc4ids", "Road", 500)
    assert run(["import", str(statement)]) == 1
    assert "请用 earmark reconcile" in capsys.readouterr().err


def test_a_row_that_cannot_be_taken_is_skipped_and_the_others_are_taken(clerk: Any, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("项目名称,村,金额(元)\n修路,甲村,5000\n种树,乙村,500元/亩\n架桥,丙村,约20\n", encoding="utf-8")
    assert len(refusals(clerk, path)) == 2
    assert [each[:4] for each in refusals(clerk, path, replace(JT, skip=frozenset({3})))] == ["第 4 行"[:4]]
    wish = replace(JT, skip=frozenset({3, 4}))
    assert fates(clerk, path, wish) == ["new", "left-out", "left-out"]
    assert len(take(clerk, path, wish)["projects"]) == 1
    with pytest.raises(FileRefused):
        take(clerk, path, replace(wish, skip=frozenset({3, 4, 9})))
