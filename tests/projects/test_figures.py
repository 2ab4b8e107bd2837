"""A project's money on the screen: channels across at any width, each figure's vouchers, the identities."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import ROAD
from rich.cells import cell_len

from ledger.messages import text
from projects.cli import output as outputs
from projects.cli.across import Row, across
from projects.cli.main import run
from projects.cli.output import Output
from projects.figures import FIGURES

STORY = """
allot project=P001 channel=JT2024 amount=880000
allot project=P001 channel=JZ2024 amount=220000
plan project=P001 channel=ZC2024 amount=650000
receive project=P001 channel=JT2024 amount=500000
receive project=P001 channel=ZC2024 amount=100000
contract contract=P001C01 parts=JT2024=600000,ZC2024=400000 party=施工单位
advance contract=P001C01 percent=10%
certify contract=P001C01 amount=333333.33
pay contract=P001C01 parts=JT2024=100000
"""


@pytest.fixture
def told(clerk: Any, capfd: Any) -> Any:
    """Run a command on a road half built; return its exit code and what it said."""
    clerk.begin(STORY)
    clerk.do("reverse", voucher="2024-03-0009", reason="错记")
    clerk.play("pay contract=P001C01 parts=JT2024=120000")

    def call(line: str, lang: str = "zh") -> tuple[int, str]:
        capfd.readouterr()
        code = run(["--workspace", str(clerk.workspace.path), "--lang", lang, *line.split()])
        said = capfd.readouterr()
        return code, said.out + said.err

    return call


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_followed_to_vouchers_that_sum_to_it(told: Any, figure: str) -> None:
    lines = json.loads(told("status P001 --json")[1])["SF"]["P001"]
    for channel in ROAD:
        code, said = told(f"status P001 --figure {figure} --channel {channel} --json")
        made = json.loads(said)["SF"]
        assert (code, made["sums"]) == (0, {channel: lines[channel][figure]})
        assert sum(each["amount"] for each in made["vouchers"]) == lines[channel][figure]
        assert {each["channel"] for each in made["vouchers"]} <= {channel}


def test_a_reversed_payment_stands_in_the_list_with_its_reversal(told: Any) -> None:
    code, said = told("status P001 --figure 已支付 --channel JT2024")
    assert code == 0
    assert [line.split()[:5] for line in said.splitlines() if line.startswith("2024")] == [
        ["2024-03-0007", "2024-03-01", "预付款", "JT2024", "60,000.00"],
        ["2024-03-0009", "2024-03-01", "支付", "JT2024", "100,000.00"],
        ["2024-03-0010", "2024-03-01", "红冲支付", "JT2024", "-100,000.00"],
        ["2024-03-0011", "2024-03-01", "支付", "JT2024", "120,000.00"],
    ]
    assert said.splitlines()[-1].split() == ["合计", "JT2024", "180,000.00"]


def test_a_figure_is_named_as_the_table_names_it_in_either_language(told: Any) -> None:
    same = {told(f"status P001 --figure {name} --json")[1] for name in ("left", "可用预算", "Left")}
    assert len(same) == 1


@pytest.mark.parametrize(
    "line, said",
    [
        ("status P001 --figure 花销", "没有“花销”这个数字：请选 allotted、received、"),
        ("status P001 --figure 预算", "预算数是登记项目预算时写的，不出自凭证：请看 earmark project show P001。"),
        ("status P001 --channel WS2024", "项目 P001 通村公路 的预算里没有渠道 WS2024 卫生部门专项补助"),
        ("status P001 --channel XX2024", "没有登记资金渠道“XX2024”"),
        ("status --figure paid", "PROJECT"),
        ("status --identity", "PROJECT"),
    ],
)
def test_what_cannot_be_followed_is_refused(told: Any, line: str, said: str) -> None:
    code, answer = told(line)
    assert (code, said in answer, answer.count("\n")) == (1, True, 1)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_identity_is_printed_with_each_term_and_holds(told: Any, lang: str) -> None:
    code, said = told("status P001 --identity", lang)
    assert code == 0
    assert said.count("✓") == 5
    assert "✗" not in said
    rows = {line.split("  ")[0].strip(): line.split() for line in said.splitlines()}
    awaited = f"+ {text('projects', 'term.awaited', lang)}"  # type: ignore[arg-type]
    assert rows[awaited][-len(ROAD) :][:3] == ["380,000.00", "—", "220,000.00"]


def test_an_identity_in_json_has_its_terms_in_fen(told: Any) -> None:
    made = json.loads(told("status P001 --identity --channel ZC2024 --json")[1])["SF"]["P001"]["ZC2024"]
    money = made[1]
    assert (money["name"], money["off"]) == ("money", 0)
    assert money["right"]["due"] == 550_000_00
    assert sum(money["left"].values()) == sum(money["right"].values()) == 650_000_00 - 133_333_33 - 26_666_67


def test_a_project_shows_its_money_with_what_it_is(told: Any) -> None:
    code, said = told("project show P001")
    whole = told("status P001")[1]
    assert code == 0
    # How long ago that was, and whether it is still to be spent, is told behind the table.
    table = [line for line in whole.splitlines()[1:-2] if not line.startswith("提醒：")]
    assert "\n".join(table) in said
    # What says nothing is not shown, what households owe is.
    assert ("农户应缴" in whole, "垫出" in whole) == (True, False)


def test_every_project_is_seen_at_a_glance(told: Any) -> None:
    code, said = told("status")
    rows = {line.split()[0]: line.split() for line in said.splitlines() if line.strip()}
    assert code == 0
    assert rows["P001"][-5:] == ["1,750,000.00", "600,000.00", "333,333.33", "220,000.00", "750,000.00"]
    assert rows["JT2024"][-5:] == ["880,000.00", "500,000.00", "200,000.00", "180,000.00", "280,000.00"]


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_columns_that_do_not_fit_stand_in_a_table_below(
    width: int, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    """A terminal of 80 cells takes four channels of a million yuan, and no line runs over."""
    monkeypatch.setattr(outputs, "WIDTH_WHEN_PIPED", width)
    heads = {f"JT20{number:02}": "交通部门专项补助资金第一批" for number in range(9)}
    rows = [Row("已列支", dict.fromkeys(heads, 1_234_567_89)), Row("质保金", {"JT2000": 100})]
    across(Output("zh"), heads, rows)
    lines = capfd.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert sum(line.count("1,234,567.89") for line in lines) == len(heads)
    assert [code for line in lines for code in line.split() if code.startswith("JT")] == list(heads)
    for code, figures in zip(
        [line for line in lines if "JT20" in line], [line for line in lines if "已列支" in line], strict=True
    ):
        # Codes end where the figures below them end, cell by cell.
        assert cell_len(code.rstrip()) == cell_len(figures.rstrip())
