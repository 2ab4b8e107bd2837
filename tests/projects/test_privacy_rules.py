"""Each rule of who is a person, and of what is shown of a field, by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from ledger import erasure, facts, register
from ledger.erasure import Spelled, digest_of
from projects import registry
from projects.privacy import Privacy, may_locate, privacy_of
from projects.types import shipped

NAME = "王小明"
KNOWN = Privacy({3: frozenset({NAME}), 2: frozenset({"张三"}), 4: frozenset({"欧阳小凤"})})


def tell(clerk: Any, of: str, private: Mapping[str, str], **data: Any) -> None:
    with clerk.workspace.write() as unit:
        facts.record(unit, of, "beneficiaries", "P001", on=date(2024, 2, 1), by="li", data=data, private=private)
        unit.commit()


def open_book(clerk: Any) -> None:
    with clerk.workspace.write() as unit:
        registry.add_village(unit, "V14", name="新桥村", township="蒲河镇")
        register.add_book(unit, "XQ", village="V14", name="新桥村专账", started_on=clerk.clock().date())
        unit.commit()


def scrubbed(clerk: Any, said: str, *books: str) -> str:
    with clerk.workspace.read() as connection:
        return privacy_of(connection, *books).scrub(said)


def test_one_household_is_a_person_and_a_group_of_many_is_none(clerk: Any) -> None:
    """What is not counted, and what no group of the leaf belongs to, is a person: a name too much is masked, not one too few."""
    names = {
        "name-1": "赵小刚",
        "name-2": "钱小红",
        "name-3": "三组脱贫户",
        "name-4": "孙小丽",
        "name-0": "李小海",
        "name-x": "周小江",
    }
    tell(clerk, "SF", names, groups=[{"households": 1}, {}, {"households": 30}])
    said = "、".join(names.values())
    assert scrubbed(clerk, said) == "赵某某、钱某某、三组脱贫户、孙某某、李某某、周某某"
    tell(clerk, "SF", {"name-1": "一组脱贫户"}, groups=[{"households": 20}])
    assert scrubbed(clerk, "一组脱贫户") == "一组脱贫户"


def test_a_name_without_groups_is_a_person(clerk: Any) -> None:
    tell(clerk, "SF", {"name-1": "赵小刚"})
    tell(clerk, "SF", {"name-1": "钱小红"}, groups=None)
    assert scrubbed(clerk, "赵小刚和钱小红") == "赵某某和钱某某"


def test_a_name_is_known_in_its_book_and_one_of_the_office_everywhere(clerk: Any) -> None:
    open_book(clerk)
    tell(clerk, "SF", {"name-1": "赵小刚", "number": "K20001234"})
    tell(clerk, "XQ", {"name-1": "钱小红", "number": "K30001234"})
    tell(clerk, "office", {"name-1": "孙小丽", "number": "K40001234"})
    clerk.play(f"""
        plan project=P001 channel=ZC2024 amount=650000 date=2024-01-15
        receive project=P001 channel=ZC2024 amount=300 date=2024-02-05 party={NAME} person
    """)
    said = f"赵小刚、钱小红、孙小丽、{NAME}；K20001234、K30001234、K40001234"
    assert scrubbed(clerk, said) == "赵某某、钱某某、孙某某、王某某；K***、K***、K***"
    assert scrubbed(clerk, said, "SF", "XQ") == scrubbed(clerk, said)
    assert scrubbed(clerk, said, "SF") == "赵某某、钱小红、孙某某、王某某；K***、K30001234、K***"
    assert scrubbed(clerk, said, "XQ") == f"赵小刚、钱某某、孙某某、{NAME}；K20001234、K***、K***"


def test_a_single_letter_is_no_name_and_blanks_around_one_do_not_count(clerk: Any) -> None:
    tell(clerk, "SF", {"name-1": "路", "name-2": " 赵小刚\u3000", "other": " 钱小红 ", "letter": "桥"})
    assert scrubbed(clerk, "路和桥，赵小刚，钱小红") == "路和桥，赵某某，钱某某"


@pytest.mark.parametrize("field", ["title", "name", "place", "responsible", "benefit"])
def test_an_erased_name_is_masked_in_all_texts_of_a_book_that_registered_it(clerk: Any, field: str) -> None:
    open_book(clerk)
    tell(clerk, "SF", {"name-1": NAME})
    said = {"title": "便道", "name": "便道"} | {field: f"{NAME}便道"}
    told = {each: said.pop(each) for each in ("title", "name")}
    with clerk.workspace.write() as unit:
        registry.add_project(unit, "XQ", "P009", **told, budget={"JT2024": 100}, detail=said)
        erasure.erase(unit, NAME, user="li", reason="本人申请")
        unit.commit()
    later = f"支付 {NAME} 材料款"
    assert scrubbed(clerk, later, "XQ") == "支付 王某某 材料款"
    assert scrubbed(clerk, later) == "支付 王某某 材料款"
    assert scrubbed(clerk, later, "SF") == later, "this book has no text that gives the name back"


@pytest.mark.parametrize("field", ["name", "party"])
def test_an_erased_name_is_known_by_the_contract_that_spells_it(clerk: Any, field: str) -> None:
    clerk.play("""
        allot project=P001 channel=JT2024 amount=880000 date=2024-02-10
    """)
    typed = {"name": "便道", "party": "县建筑公司"} | {field: f"{NAME}施工队"}
    clerk.do("contract", contract="P001C01", parts=["JT2024=10"], date="2024-02-20", **typed)
    tell(clerk, "SF", {"name-1": NAME})
    with clerk.workspace.write() as unit:
        erasure.erase(unit, NAME, user="li", reason="本人申请")
        unit.commit()
    assert scrubbed(clerk, f"支付 {NAME} 材料款", "SF") == "支付 王某某 材料款"


def test_all_names_that_were_erased_from_a_text_are_masked_in_it() -> None:
    text = "510101199001011237是赵小刚和钱小红"
    places = [Spelled(digest_of(text), *each) for each in ((0, 18), (19, 3), (23, 3))]
    shown = Privacy({}, {digest_of(text): places})
    assert shown.looked_through(text) == shown.scrub(text) == "***是赵某某和钱某某"
    longer = Privacy({}, {digest_of("ab钱小红"): [Spelled(digest_of("ab钱小红"), 2, 3)]})
    assert longer.scrub("ab钱小红") == "ab钱某某"


@pytest.mark.parametrize(
    "field, said, shown",
    [
        ("bank.account", "6228481234567890123", ""),
        ("beneficiaries.groups", "二组", ""),
        ("payee.identifier", "13812345678", "13812345678"),
        ("village.name", None, ""),
        ("village.name", "示范村 13812345678", "示范村 ***"),
        ("voucher.payee", "王某某", ""),
        ("voucher.payee", "P***", ""),
        ("voucher.payee", "某", ""),
        ("voucher.payee", NAME, ""),
        ("voucher.payee", "王　小明", ""),
        ("voucher.payee", "歐陽小鳳", ""),
        ("voucher.payee", "", ""),
        ("voucher.payee", f"{NAME}建材店 13812345678", "王某某建材店 ***"),
        ("fact.owner", "示范村村民委员会", "示范村村民委员会"),
        ("fact.owner", f"{NAME}合作社", "王某某合作社"),
        ("fact.owner", "李大山", "李某某"),
        ("fact.owner", "李某某", "李某某"),
        ("fact.owner", "李***", "李***"),
        ("fact.owner", "Pu Junjun", "P***"),
        ("fact.owner", "李", "某"),
        ("fact.owner", "", ""),
    ],
)
def test_a_field_is_shown_as_the_policy_says(field: str, said: str | None, shown: str) -> None:
    assert KNOWN.show(field, said) == shown


OFFICES = (
    "村民委员会 镇政府 县建筑公司 便民中心 养殖合作社 扶贫办公室 水务局 财政厅 电站 卫生所 施工队 水泥厂 林场 武装部 卫生院 商会 供销社 二组 "
    "农商银行 党校学校 村小学 市交通局（演示） 示范村 下屯 蒲河乡 新桥镇 某县 某市 村集体 Road_Ltd Roads_Bureau Village_Committee County_Government Post_Office"
)


@pytest.mark.parametrize("name", [each.replace("_", " ") for each in OFFICES.split()])
def test_an_office_is_shown_by_its_name(name: str) -> None:
    assert Privacy({}).show("fact.owner", name) == name


def test_a_field_of_which_the_policy_says_nothing_is_not_shown() -> None:
    with pytest.raises(KeyError):
        KNOWN.show("voucher.unheard-of", "路")


@pytest.mark.parametrize(
    "said, shown",
    [
        ("欧阳小凤", "欧某某某"),
        ("张三张三", "张某张某"),
        ("张三和王小明、张三", "张某和王某某、张某"),
        ("王小明。", "王某某。"),
        ("纸张三份", "纸张某份"),
    ],
)
def test_every_name_is_masked_the_longest_first(said: str, shown: str) -> None:
    """Two letters that touch others may be a name or not: it is masked."""
    known = Privacy({2: frozenset({"张三", "小凤"}), 3: frozenset({NAME}), 4: frozenset({"欧阳小凤"})})
    assert known.scrub(said) == shown


def test_of_a_number_not_even_the_first_digit_stays() -> None:
    assert Privacy({8: frozenset({"20001234"})}).scrub("编号20001234") == "编号***"


def test_a_leaf_with_anything_personal_in_it_is_not_given_away() -> None:
    hashed = "13812345678" + "a" * 53
    assert len(hashed) == 64
    assert KNOWN.may_show(json.dumps({"data": {"note": "路", "hash": hashed, "parts": [["1.00", 13812345678, None]]}}))
    for held in ({"13812345678": 1}, {"a": {NAME: ""}}, {"a": [{"b": ["路", NAME]}]}, f"{hashed}0", f"a{NAME}", NAME):
        assert not KNOWN.may_show(json.dumps({"data": held})), held


def test_a_place_is_shown_from_five_households_on_and_never_a_home() -> None:
    types = shipped()
    homes = [code for code, each in types.items() if each.asset == "household"]
    assert homes
    assert may_locate(types, ["road"], None)
    assert may_locate(types, ["road"], 5)
    assert not may_locate(types, ["road"], 4)
    assert not may_locate(types, ["road"], 0)
    assert may_locate(types, [], 5)
    assert may_locate(types, ["unheard-of"], 5)
    for home in homes:
        assert not may_locate(types, ["road", home], 500)
        below = {**types, "hut": types["road"].model_copy(update={"under": home}), home: types[home]}
        assert not may_locate(below, ["hut"], 500), "a kind of homes is one"
    round_about = {
        **types,
        "one": types["road"].model_copy(update={"under": "other-one"}),
        "other-one": types["road"].model_copy(update={"under": "one"}),
    }
    assert may_locate(round_about, ["one"], 5)
