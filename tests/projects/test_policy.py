"""The policy: every number with its document, a file read strictly, shares of money and people to the fen and the head."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger import messages
from ledger.errors import Refusal
from ledger.messages import explain
from projects.policy import policy_at
from projects.policy.file import read
from projects.policy.history import build, shipped
from projects.policy.model import Policy, binding_verbs, kinds
from projects.policy.numbers import Least, Percent

DAY = date(2024, 3, 1)


@pytest.fixture(scope="module")
def defaults() -> Policy:
    return build(shipped())


def test_the_shipped_policy_has_every_number_there_is(defaults: Policy) -> None:
    assert [key for key, _ in defaults.numbers() if not key.startswith("gates.")] == list(kinds())


def test_every_shipped_number_has_its_document_and_says_how_sure_it_is(defaults: Policy) -> None:
    lacking = [key for key, each in defaults.numbers() if not each.document or each.mark not in {"S", "K", "?"}]
    unnumbered = [key for key, each in defaults.numbers() if each.mark == "K" and not (each.number or each.document)]
    assert lacking == unnumbered == []


@pytest.mark.parametrize("lang", messages.LANGS)
def test_every_number_has_a_name_and_is_shown_with_its_unit(defaults: Policy, lang: messages.Lang) -> None:
    for key, each in defaults.numbers():
        assert messages.text("projects", f"policy.name.{key}", lang)
        assert each.plain in messages.phrase(each.shown, lang).replace(",", "")


@pytest.mark.parametrize("lang, warning", [("zh", ("未核对", "未核实")), ("en", ("not checked", "not verified"))])
def test_only_what_was_read_in_its_source_is_cited_without_a_warning(
    defaults: Policy, lang: messages.Lang, warning: tuple[str, ...]
) -> None:
    for key, each in defaults.numbers():
        warned = messages.phrase(each.rule, lang).endswith(warning)
        assert warned is (each.mark != "S"), key


def test_the_numbers_that_the_field_s_documents_give(defaults: Policy) -> None:
    assert defaults.retention.cap.value == 3
    assert defaults.tender.works.value == 4_000_000_00
    assert defaults.recall.term.value == 24
    assert (defaults.notice.days.value, defaults.household.money.value, defaults.loan.most.value) == (
        10,
        15_00,
        50_000_00,
    )
    assert defaults.binding("contract")[0] == "tender"
    assert defaults.binding("pay") == ("started",)
    assert defaults.binding("release") == ()


@pytest.mark.parametrize(
    "percent, fen, share", [("3", 100, 3), ("3", 99, 2), ("0.5", 199, 0), ("0", 100, 0), ("100", 7, 7)]
)
def test_a_share_of_money_is_rounded_down(percent: str, fen: int, share: int) -> None:
    made = Percent(unit="percent", value=percent, document="文", key="retention.cap")
    assert made.of(fen) == share


@pytest.mark.parametrize(
    "asked, part, whole, met",
    [
        (">= 2/3", 2, 3, True),
        (">= 2/3", 19, 29, False),
        ("> 1/2", 15, 30, False),
        ("> 1/2", 16, 30, True),
        ("> 1/2", 0, 0, False),
    ],
)
def test_a_share_of_people_counts_heads(asked: str, part: int, whole: int, met: bool) -> None:
    said = {"value": asked, "unit": "share", "document": "文"}
    numbers = read_one("deliberation.party_quorum", said)
    assert numbers.met(part, whole) is met
    assert isinstance(numbers.value, Least)


def read_one(key: str, said: dict[str, Any]) -> Any:
    return dict(build({**shipped(), key: said}).numbers())[key]


GOOD = '[retention.cap]\nvalue = 2\nunit = "percent"\ndocument = "县里的规定"\nnumber = "县财〔2024〕5号"\ndate = "2024-02-01"\n'


def test_a_file_is_read_into_what_the_log_keeps() -> None:
    assert read(GOOD) == {
        "retention.cap": {
            "value": "2",
            "unit": "percent",
            "document": "县里的规定",
            "number": "县财〔2024〕5号",
            "date": "2024-02-01",
            "mark": "S",
        }
    }


def test_a_share_with_decimals_never_becomes_a_float() -> None:
    assert read(GOOD.replace("value = 2", "value = 2.7182"))["retention.cap"]["value"] == "2.7182"


def test_a_date_of_the_file_may_be_written_without_quotes() -> None:
    assert read(GOOD.replace('"2024-02-01"', "2024-02-01")) == read(GOOD)


@pytest.mark.parametrize(
    "change, code, message",
    [
        (("retention.cap", "retention.cup"), "policy-unknown", "政策里没有“retention.cup”这一项：最接近的是 retention.cap。全部项目见 earmark policy export。"),
        (("retention.cap", "retentions.cap"), "policy-unknown", "政策里没有“retentions”这一项：最接近的是 retention。全部项目见 earmark policy export。"),
        (("unit", "units"), "policy-unknown", "政策“retention.cap”里没有“units”这一栏：最接近的是 unit。"),
        (('"percent"', '"yuan"'), "policy-unfit", "政策“retention.cap”的单位写的是“yuan”，应是 percent。"),
        (("value = 2\n", ""), "policy-unfit", "政策“retention.cap”缺少 value：每个数字都要写明数值、单位（percent）和依据的文件。"),
        (('document = "县里的规定"\n', ""), "policy-unfit", "政策“retention.cap”缺少 document：每个数字都要写明数值、单位（percent）和依据的文件。"),
        (("value = 2\n", "value = 101\n"), "policy-unfit", "政策“retention.cap”的数值不行：比例“101%”看不懂：请写大于 0、不超过 100 的百分数，例如 20%。"),
        (("value = 2\n", "value = true\n"), "policy-unfit", "政策“retention.cap”的数值不行：比例“True%”看不懂：请写大于 0、不超过 100 的百分数，例如 20%。"),
        (('"2024-02-01"', '"去年"'), "policy-unfit", "政策“retention.cap”的 date 写的是“去年”，不合要求：单位是 percent，写法见 earmark policy export。"),
        (('"2024-02-01"\n', '"2024"\nmark = "sure"\n'), "policy-unfit", "政策“retention.cap”的把握程度写的是“sure”，应是 S（读过原文）、K（未核对）或 ?（拿不准）。"),
        ((GOOD, "\nx = [\n"), "policy-unreadable", "政策文件第 2 行看不懂：请写成 TOML，可以从 earmark policy export 的内容改起。"),
        (("[retention.cap]\n", "[retention.cap\n"), "policy-unreadable", "政策文件第 1 行看不懂：请写成 TOML，可以从 earmark policy export 的内容改起。"),
        (("[retention.cap]\n", "[retention]\ncap = 2\n[x.y]\n"), "policy-unfit", "政策“retention.cap”要写成一张表，写明 value、unit、document、number、date、mark：写法见 earmark policy export。"),
        ((GOOD, "retention = 3\n"), "policy-unknown", "政策里没有“retention”这一项：最接近的是 retention.cap。全部项目见 earmark policy export。"),
        ((GOOD, '[gates.contract]\nvalue = ["tendr"]\nunit = "gates"\ndocument = "文"\n'), "policy-unknown", "政策“gates.contract”里的关口“tendr”不存在：最接近的是 tender。"),
        ((GOOD, '[gates.contracts]\nvalue = []\nunit = "gates"\ndocument = "文"\n'), "policy-unknown", "政策里没有“gates.contracts”这一项：最接近的是 gates.contract。全部项目见 earmark policy export。"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_is_refused(change: tuple[str, str], code: str, message: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(GOOD.replace(*change))
    assert (refused.value.code, explain(refused.value, "zh")) == (code, message)


def test_without_a_change_the_shipped_numbers_hold_on_every_day(clerk: Any) -> None:
    with clerk.workspace.read() as connection:
        assert policy_at(connection, DAY) == policy_at(connection, date(2031, 1, 1)) == build(shipped())
        assert policy_at(connection, DAY) is policy_at(connection, DAY)


def test_the_verbs_that_refuse_are_verbs_of_the_desk() -> None:
    from projects.events.verbs import PROPOSE

    assert {verb for verbs in binding_verbs().values() for verb in verbs} <= PROPOSE.keys()
