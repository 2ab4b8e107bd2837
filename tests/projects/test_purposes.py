"""What a channel may serve: each rule refuses, and lets pass what is within it; a reversal is exempt; one place judges."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import read_line

from ledger import chart, facts, log
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from ledger.errors import ChoiceUnknown, HeldByDrafts, Refusal, RoleMissing, Unknown
from ledger.messages import LANGS, explain, text
from ledger.verify import verify
from projects import registry
from projects.cli.main import run
from projects.errors import CarryingUnfit, PurposeUnfit, RuleUnfit
from projects.events.verbs import EFFECTS
from projects.purposes import rulebook
from projects.purposes.rule import CARRIES, CATEGORIES, SUPPORTS, Carrying, Widening
from projects.purposes.telling import Told, carry_over, set_rule, widen

CASES = Path(__file__).parents[1] / "data" / "channel-refusals.txt"
TOLD = {"village", "rule", "pool", "carry"}
LISTS = {"types", "where", "words", "categories", "projects"}
Unchanged = Callable[[], AbstractContextManager[None]]


def tell(clerk: Any, line: str) -> facts.Fact | None:
    """Add a village, tell a rule or an approval."""
    what, *words = shlex.split(line)
    typed: dict[str, Any] = {}
    plain = [word for word in words if "=" not in word]
    for name, _, value in (word.partition("=") for word in words if "=" in word):
        typed[name] = tuple(value.split(",")) if name in LISTS else value
    told = Told(by=typed.pop("by", "li"), on=date.fromisoformat(typed.pop("on", "2024-01-01")))
    with clerk.workspace.write() as unit:
        made = None
        if what == "village":
            registry.add_village(unit, plain[0], name=plain[1], township=plain[2])
        elif what == "rule":
            made = set_rule(unit, plain[0], typed, told)
        elif what == "pool":
            made = widen(unit, plain[0], Widening(number=plain[1], **typed), told)
        else:
            made = carry_over(unit, plain[0], Carrying(year=plain[1], number=plain[2], **typed), told)
        unit.commit()
    return made


def play(clerk: Any, story: str) -> list[str]:
    """Tell what is told and do what is done, in order; return the numbers of the vouchers."""
    numbers = []
    for line in (each.strip() for each in story.splitlines() if each.strip()):
        if line.split()[0] in TOLD:
            tell(clerk, line)
        else:
            numbers += clerk.play(line)
    return numbers


def cases() -> list[tuple[str, list[str], str, list[str]]]:
    """Return title, what comes before, what is typed, and what is expected."""
    found = []
    for block in CASES.read_text(encoding="utf-8").split("\n\n"):
        lines = [line.strip() for line in block.strip().splitlines() if not line.startswith("#")]
        if not lines:
            continue
        title, *rest = lines
        cut = next(number for number, line in enumerate(rest) if line.startswith("> "))
        found.append((title, rest[:cut], rest[cut].removeprefix("> "), rest[cut + 1 :]))
    return found


@pytest.mark.parametrize("before, line, expected", [pytest.param(*rest, id=title) for title, *rest in cases()])
def test_a_rule_refuses_and_says_what_can_be_done(
    before: list[str], line: str, expected: list[str], clerk: Any, unchanged: Unchanged
) -> None:
    play(clerk, "\n".join(before))
    with unchanged(), pytest.raises(Refusal) as caught:
        clerk.try_draft(line)
    said = [caught.value.code, *(explain(caught.value, lang) for lang in LANGS)]
    assert said == expected


FUNDED = """
    allot project=P001 channel=JT2024 amount=1000
    allot project=P001 channel=JZ2024 amount=1000
    allot project=P001 channel=JL2024 amount=1000
    receive project=P001 channel=JT2024 amount=1000
    receive project=P001 channel=JZ2024 amount=1000
    receive project=P001 channel=JL2024 amount=1000
"""
OWED = f"""{FUNDED}
    contract contract=P001C01 parts=JT2024=300,JZ2024=600
    certify contract=P001C01 amount=900 no_retention
"""


@pytest.mark.parametrize(
    "before, line",
    [
        pytest.param("rule JT2024 types=road,water number=1", "allot project=P001 channel=JT2024 amount=1", id="type"),
        pytest.param("rule JT2024 where=示范村 number=1", "allot project=P001 channel=JT2024 amount=1", id="village"),
        pytest.param("rule JT2024 where=V13 number=1", "allot project=P001 channel=JT2024 amount=1", id="its code"),
        pytest.param(
            "rule WS2024 types=road number=1\npool WS2024 统1 projects=SF/P002",
            "allot project=P002 channel=WS2024 amount=1",
            id="a project that an approval names",
        ),
        pytest.param(
            "rule WS2024 types=road where=V13 number=1\npool WS2024 统1 types=clinic",
            "allot project=P002 channel=WS2024 amount=1",
            id="a type that an approval names, at the rule's place",
        ),
        pytest.param(
            "village V14 新村 青山乡\nrule WS2024 types=road where=V14 number=1\npool WS2024 统1 types=clinic where=V13",
            "allot project=P002 channel=WS2024 amount=1",
            id="a type and a place that an approval names",
        ),
        pytest.param(
            f"{FUNDED}\nrule JT2024 words=小轿车 categories=fee number=1",
            "purchase project=P001 channel=JT2024 amount=1 category=materials note=买水泥",
            id="a category and words that are not on the list",
        ),
        pytest.param(
            f"{FUNDED}\nrule JT2024 categories=fee number=1",
            "aid project=P001 channel=JT2024 amount=1",
            id="aid says what it is",
        ),
        pytest.param(
            f"{FUNDED}\nrule JT2024 fee_cap=2% number=1\nspend project=P001 channel=JT2024 amount=19 fee",
            "spend project=P001 channel=JT2024 amount=1 fee",
            id="fees up to the channel's own cap",
        ),
        pytest.param(FUNDED, "spend project=P001 channel=JT2024 amount=10 fee", id="fees up to the policy's"),
        pytest.param(
            f"{OWED}\nrule JT2024 usable_from=2024-03-01 usable_until=2024-03-01 number=1",
            "pay contract=P001C01",
            id="the first and last day",
        ),
        pytest.param(
            f"{FUNDED}\ncontract contract=P001C01 parts=JT2024=300\nrule JT2024 usable_until=2024-02-29 number=1",
            "change-down contract=P001C01 parts=JT2024=0.01 reason=核减",
            id="budget that goes back has no day",
        ),
        pytest.param(
            "rule JT2024 usable_from=2024-06-01 number=1",
            "allot project=P001 channel=JT2024 amount=1",
            id="an allotment ahead of the days",
        ),
        pytest.param(
            "rule JT2024 usable_from=2024-06-01 number=1\nrule JT2024 usable_from= number=2 on=2024-02-01\n"
            "allot project=P001 channel=JT2024 amount=1",
            "contract contract=P001C01 parts=JT2024=1",
            id="a day that a later rule takes away",
        ),
        pytest.param(
            f"{OWED}\nrule JT2024 support=reward number=1\naccept project=P001 quantity=3.5",
            "pay contract=P001C01",
            id="a reward after acceptance",
        ),
        pytest.param(
            f"{OWED}\nrule JT2024 support=reward number=1",
            "pay contract=P001C01 channel=JZ2024",
            id="the other channels before acceptance",
        ),
        pytest.param(
            f"{FUNDED}\nrule JL2024 support=reward number=1",
            "contract contract=P001C01 parts=JL2024=1",
            id="a reward's contract before acceptance",
        ),
        pytest.param(
            f"{OWED}\nrule JT2024 support=reward number=1",
            "prefinance contract=P001C01 borrower=JT2024 lender=JZ2024 bank=B01 number=村1",
            id="a reward that is pre-financed",
        ),
        pytest.param(
            f"{OWED}\nrule JT2024 support=share share=30% number=1\npay contract=P001C01 parts=JZ2024=560",
            "pay contract=P001C01 parts=JT2024=240.99",
            id="a share, within a yuan of its splits' roundings",
        ),
        pytest.param(
            f"{OWED}\nrule JT2024 support=matching partner=JZ2024 ratio=1:2 number=1",
            "pay contract=P001C01 parts=JT2024=150,JZ2024=300",
            id="a match in the same voucher as its partner",
        ),
    ],
)
def test_what_keeps_its_rule_passes(before: str, line: str, clerk: Any) -> None:
    play(clerk, before)
    verb, typed = read_line(line)
    assert clerk.do(verb, **typed)


def test_what_goes_back_makes_room_for_what_a_year_brings(clerk: Any) -> None:
    """600.00 are free at the end of 2024; of 50.00 of the new year every fen can be used, and none of the old ones."""
    play(
        clerk,
        """
        rule JT2024 carry=recalled number=交财1号
        allot project=P001 channel=JT2024 amount=1000 date=2024-12-01
        contract contract=P001C01 parts=JT2024=400 date=2024-12-01
        revise-down project=P001 channel=JT2024 amount=200 number=收回1号 reason=未用 date=2025-01-02
        allot project=P001 channel=JT2024 amount=50 date=2025-01-10
        contract contract=P001C02 parts=JT2024=50 date=2025-01-10
        """,
    )
    with pytest.raises(CarryingUnfit) as caught:
        clerk.draft("contract", contract="P001C03", parts=["JT2024=0.01"], date="2025-01-10")
    assert (caught.value.facts["kept"], caught.value.facts["can"]) == (400_00, 0)
    # What was committed in time is certified in the next year.
    assert clerk.do("certify", contract="P001C01", amount="400", date="2025-01-10")


def test_drafts_of_the_year_before_count_as_what_was_free_then(clerk: Any) -> None:
    tell(clerk, "rule JT2024 carry=recalled number=交财1号")
    clerk.draft("allot", project="P001", channel="JT2024", amount="10", date="2024-12-31")
    with pytest.raises(Refusal) as caught:
        clerk.draft("contract", contract="P001C01", parts=["JT2024=1"], date="2025-01-10")
    assert caught.value.code == "carrying-unfit"


def test_an_approval_lets_last_year_s_money_be_used(clerk: Any) -> None:
    play(
        clerk,
        """
        rule JT2024 carry=approval number=交财1号
        allot project=P001 channel=JT2024 amount=1000 date=2024-12-01
        carry JT2024 2024 结转1号 projects=SF/P001 on=2025-01-05
        contract contract=P001C01 parts=JT2024=1000 date=2025-01-05
        """,
    )


def test_a_rule_that_came_after_the_draft_is_judged_at_the_seal(clerk: Any, unchanged: Unchanged) -> None:
    made = clerk.draft("allot", project="P002", channel="WS2024", amount="1")
    tell(clerk, "rule WS2024 types=road number=卫财1号 on=2024-03-01")
    with unchanged(), pytest.raises(PurposeUnfit):
        clerk.seal(made["draft"])
    with unchanged():
        _, stopped = clerk.at("li").seal_all([made["draft"]])
    assert stopped is not None
    assert stopped[1].code == "purpose-unfit"
    tell(clerk, "pool WS2024 统筹1号 projects=SF/P002 on=2024-03-01")
    assert clerk.seal(made["draft"])


def test_a_rule_of_a_later_day_leaves_the_days_before_alone(clerk: Any) -> None:
    tell(clerk, "rule WS2024 types=road number=卫财1号 on=2024-03-02")
    assert clerk.do("allot", project="P002", channel="WS2024", amount="1")
    with pytest.raises(PurposeUnfit):
        clerk.draft("allot", project="P002", channel="WS2024", amount="1", date="2024-03-02")


def test_a_reversal_is_exempt_from_every_rule(clerk: Any) -> None:
    [*_, first, second] = play(
        clerk, f"{OWED}\npay contract=P001C01 parts=JZ2024=300\npay contract=P001C01 parts=JT2024=150"
    )
    tell(
        clerk,
        "rule JT2024 types=water where=V13 words=公路 categories=fee usable_until=2024-03-01 "
        "support=matching partner=JZ2024 ratio=1:2 carry=recalled number=交财1号",
    )
    for number in (first, second):
        assert clerk.do("reverse", voucher=number, reason="错记", date="2025-06-01")


def test_retention_is_released_when_the_channel_s_days_are_over(clerk: Any) -> None:
    play(
        clerk,
        f"""{FUNDED}
        contract contract=P001C01 parts=JT2024=100
        certify contract=P001C01 amount=100
        accept project=P001 quantity=3.5 warranty_until=2025-03-01
        rule JT2024 usable_until=2024-12-31 number=交财1号
        release project=P001 date=2025-03-01
        """,
    )


def test_a_draft_that_has_taken_a_channel_s_share_is_named(clerk: Any) -> None:
    """It would keep the rule if the draft that waits were not there."""
    play(
        clerk,
        f"{OWED}\nrule JT2024 support=matching partner=JZ2024 ratio=1:2 number=1\npay contract=P001C01 parts=JZ2024=200",
    )
    waiting = clerk.draft("pay", contract="P001C01", parts=["JT2024=100"])["draft"]
    with pytest.raises(HeldByDrafts) as caught:
        clerk.draft("pay", contract="P001C01", parts=["JT2024=50"])
    assert waiting in str(caught.value.facts["drafts"])


def test_what_a_bank_or_a_flood_brings_is_recorded_whatever_the_rule(clerk: Any) -> None:
    play(
        clerk,
        f"""{FUNDED}
        inkind-buy project=P001 channel=JT2024 good=CEMENT quantity=10 amount=100
        rule JT2024 types=water usable_until=2024-02-29 support=reward number=1
        interest project=P001 parts=JT2024=1 reason=银行分渠道计息 until=2024-03-01
        inkind-lose project=P001 channel=JT2024 good=CEMENT quantity=4 reason=水淹
        """,
    )


def test_spending_of_a_category_that_there_is_not_is_refused(clerk: Any, unchanged: Unchanged) -> None:
    play(clerk, FUNDED)
    with unchanged(), pytest.raises(ChoiceUnknown) as caught:
        clerk.try_draft("spend project=P001 channel=JT2024 amount=1 category=小轿车")
    assert explain(caught.value, "zh").startswith("“小轿车”不在可选项之内：请选 basic、vehicles、")


# How a rule is told.


def rule_of(clerk: Any, channel: str, on: str = "2025-12-31") -> dict[str, Any]:
    with clerk.workspace.read() as connection:
        return rulebook(connection).rule(channel, date.fromisoformat(on)).data


def test_a_rule_says_only_what_changes_and_an_empty_text_takes_away(clerk: Any) -> None:
    tell(clerk, "rule JT2024 types=road,water usable_until=2024-12-31 support=share share=40 number=1")
    tell(clerk, "rule JT2024 usable_until=2025-06-30 fee_cap=0.5% number=2 on=2024-06-01")
    tell(clerk, "rule JT2024 support=grant usable_until= number=3 on=2024-07-01")
    assert rule_of(clerk, "JT2024", "2023-12-31") == {}
    assert rule_of(clerk, "JT2024", "2024-05-31")["share"] == "40"
    assert rule_of(clerk, "JT2024", "2024-06-30") == {
        "number": "2",
        "types": ["road", "water"],
        "fee-cap": "0.5",
        "usable-until": "2025-06-30",
        "support": "share",
        "share": "40",
    }
    assert rule_of(clerk, "JT2024") == {"number": "3", "types": ["road", "water"], "fee-cap": "0.5", "support": "grant"}


def test_a_rule_of_an_earlier_day_told_later_does_not_go_before_a_later_day_s(clerk: Any) -> None:
    tell(clerk, "rule JT2024 types=road number=1 on=2024-06-01")
    tell(clerk, "rule JT2024 types=water number=2 on=2024-05-01")
    assert rule_of(clerk, "JT2024")["types"] == ["road"]
    assert rule_of(clerk, "JT2024", "2024-05-31")["types"] == ["water"]


def test_a_rule_that_is_withdrawn_counts_no_more(clerk: Any) -> None:
    tell(clerk, "rule JT2024 types=road number=1")
    made = tell(clerk, "rule JT2024 types=water number=2 on=2024-02-01")
    assert made is not None
    with clerk.workspace.write() as unit:
        facts.withdraw(unit, log.OFFICE, made.label, on=date(2024, 2, 1), by="li", reason="写错")
        unit.commit()
    assert rule_of(clerk, "JT2024")["types"] == ["road"]


@pytest.mark.parametrize(
    "line, about",
    [
        ("rule JT2024 number=1", "empty"),
        ("rule JT2024 types=road", "number"),
        ("rule JT2024 types=road number=", "number"),
        ("rule JT2024 usable_from=2024-02-01 usable_until=2024-01-31 number=1", "days"),
        ("rule JT2024 support=share number=1", "share-missing"),
        ("rule JT2024 share=40% number=1", "share-stray"),
        ("rule JT2024 support=share share=100% number=1", "share"),
        ("rule JT2024 support=matching partner=JZ2024 number=1", "matching-missing"),
        ("rule JT2024 ratio=1:2 number=1", "matching-stray"),
        ("rule JT2024 support=matching partner=JZ2024 ratio=0:2 number=1", "ratio"),
        ("rule JT2024 support=matching partner=JT2024 ratio=1:2 number=1", "partner"),
        ("rule SN2024 support=reward number=1", "goods"),
        ("pool JT2024 统1", "widening"),
        ("pool JT2024 统1 types=road projects=SF/P001", "widening"),
        ("carry JT2024 2024 结1 on=2025-01-01", "carried"),
    ],
)
def test_a_rule_that_does_not_fit_is_not_told(line: str, about: str, clerk: Any, unchanged: Unchanged) -> None:
    with unchanged(), pytest.raises(RuleUnfit) as caught:
        tell(clerk, line)
    assert caught.value.facts["about"] == about
    for lang in LANGS:
        assert explain(caught.value, lang)


@pytest.mark.parametrize("year, about", [("2025", "year"), ("25", "year"), ("2024", "recalled")])
def test_only_a_year_that_is_over_is_carried_and_only_where_the_rule_asks(year: str, about: str, clerk: Any) -> None:
    tell(clerk, "rule JT2024 carry=recalled number=1")
    with pytest.raises(RuleUnfit) as caught:
        tell(clerk, f"carry JT2024 {year} 结1 on=2025-06-01")
    assert caught.value.facts["about"] == about


@pytest.mark.parametrize(
    "line, kind",
    [
        ("rule XX2024 types=road number=1", Unknown),
        ("rule JT2024 types=bridge number=1", ChoiceUnknown),
        ("rule JT2024 where=无此村 number=1", Unknown),
        ("rule JT2024 categories=cars number=1", ChoiceUnknown),
        ("rule JT2024 carry=forever number=1", ChoiceUnknown),
        ("rule JT2024 support=loan number=1", ChoiceUnknown),
        ("rule JT2024 support=matching partner=XX2024 ratio=1:1 number=1", Unknown),
        ("pool JT2024 统1 projects=SF/P099", Unknown),
        ("pool JT2024 统1 projects=P001", Unknown),
        ("rule JT2024 types=road number=1 by=zhang", RoleMissing),
        ("pool JT2024 统1 types=road by=zhang", RoleMissing),
        ("carry JT2024 2024 结1 by=zhang on=2025-01-01", RoleMissing),
    ],
)
def test_what_there_is_not_and_who_may_not_are_refused(
    line: str, kind: type[Refusal], clerk: Any, unchanged: Unchanged
) -> None:
    with unchanged(), pytest.raises(kind):
        tell(clerk, line)


def test_rules_and_approvals_are_rebuilt_from_the_books_and_verify_is_content(clerk: Any, tmp_path: Path) -> None:
    play(clerk, f"rule JT2024 types=road words=小轿车 number=1\npool JT2024 统1 projects=SF/P002\n{FUNDED}")
    settle(clerk.workspace)
    assert [check.findings for check in verify(clerk.workspace) if check.findings] == []
    done = rebuild(clerk.workspace.books, tmp_path / "again", effects=EFFECTS, clock=clerk.clock)
    assert done.right


def test_every_source_of_the_field_has_its_fund_and_its_name() -> None:
    """The channels that FIELD's list names; deposits and money of an unstated source come on top."""
    sources = {
        "central", "province", "city", "county", "department", "partner", "designated", "donation_tied",
        "donation_untied", "collective", "households", "award", "micro_loan", "interest_subsidy", "risk_reserve",
        "in_kind", "labour",
    }  # fmt: skip
    funds = chart.load().funds
    assert funds.keys() ^ sources == {"deposit", "unstated"}
    assert {source: fund for source, fund in funds.items() if fund != "earmarked"} == {
        "donation_untied": "reserve",
        "labour": "reserve",
        "households": "village_raised",
        "collective": "",
        "deposit": "",
        "micro_loan": "",
    }


@pytest.mark.parametrize("lang", LANGS)
def test_every_category_and_way_has_its_name(lang: Any) -> None:
    named = {"category": CATEGORIES, "support": SUPPORTS, "carry": CARRIES}
    assert all(text("projects", f"{section}.{code}", lang) for section, codes in named.items() for code in codes)


def test_a_channel_is_shown_with_its_rule_and_approvals(
    clerk: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EARMARK_LANG", raising=False)
    clerk.workspace.close()

    def earmark(line: str, code: int = 0) -> list[str]:
        capfd.readouterr()
        assert run(["--workspace", str(clerk.workspace.path), *shlex.split(line)]) == code
        found = capfd.readouterr()
        return [each.rstrip() for each in (found.out + found.err).splitlines() if each.strip()]

    told = earmark(
        "channel rule JT2024 --number 交财1号 --type road --place V13 --forbid-word 小轿车 --forbid bonuses --fee-cap 1% "
        "--from 2024-01-01 --carry approval --support matching --partner JZ2024 --ratio 3:1 --date 2024-01-05 --as li"
    )
    rule = [
        "依据        交财1号",
        "项目类型    road 道路",
        "地方        V13",
        "不许的词    小轿车",
        "不许的类别  奖金津贴福利",
        "管理费上限  1%",
        "使用期      2024-01-01 至 …",
        "年末未用    经批准结转",
        "支持方式    配套 与 JZ2024 按 3:1",
    ]
    assert told == ["已记入办公室日志 F19：渠道 JT2024 从 2024-01-05 起按下列规则使用。", *rule]
    earmark("channel pool JT2024 整合1号 --type water --date 2024-02-01 --as li")
    earmark("channel carry JT2024 2024 结转1号 --project SF/P001 --date 2025-01-05 --as li")
    earmark("channel rule JT2024 --number 交财2号 --until 2026-12-31 --date 2025-01-06 --as li")
    before = earmark("channel show JT2024 --on 2024-12-31")
    assert before[3:] == ["记入  专项应付款", "规则（从 2024-01-05 起，F19）", *rule, *before[14:]]
    assert before[14:16] == ["统筹整合 整合1号（F20）：也用于 water 安全饮水", "其他日子的规则：2025-01-06 F22 交财2号"]
    [english] = [line for line in earmark("--lang en channel show JT2024") if line.startswith("Carried")]
    assert english == "Carried over from 2024: 结转1号 (F21), SF/P001"
    shown = json.loads("\n".join(earmark("channel show JT2024 --json")))
    assert (shown["rule"]["usable-until"], shown["rule"]["fact"], len(shown["history"])) == ("2026-12-31", "F22", 2)
    assert earmark("channel rule JT2024 --number 3 --as li", 1) == [
        "渠道 JT2024 的规则没有写要改什么：请写明（earmark channel rule --help）。"
    ]
