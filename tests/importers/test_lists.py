"""Lists of people, assets and findings: typed rows, sums checked, personal data masked."""

from __future__ import annotations

from pathlib import Path

import pytest
import workbooks

from importers import lists, oc4ids
from importers.errors import FileUnreadable
from importers.lists import Listing, masks
from importers.reader import read
from ledger.messages import explain

ID, OTHER = "11010519491231002X", "440524188001010014"


def listing(tmp_path: Path, rows: str | workbooks.Table) -> Listing:
    path = tmp_path / "list"
    path.write_bytes(rows.encode("gb18030") if isinstance(rows, str) else workbooks.xlsx(rows))
    return lists.read(read(path), path=path)


def told(found: Listing) -> list[str]:
    return [doubt.sentence("zh") for doubt in found.doubts if doubt.sentence("en")]


def test_beneficiaries_have_amounts_in_yuan_and_people_that_come_twice_are_told(tmp_path: Path) -> None:
    found = listing(
        tmp_path,
        f"示范村2024年产业奖补花名册\n序号,姓名,村组,身份证号码,一卡通账号,补贴金额\n1,张三丰,一组,{ID},6217000000000001,1200.50\n"
        f"2,李四,二组,{OTHER},6217000000000002,“800”\n3,王五,二组,{ID},6217000000000002,800\n"
        f"4,赵六,,11010519491231002{chr(49)},,\n合计,,,,,2000.50\n".replace("“800”", "800"),
    )
    assert (found.kind, found.title) == ("beneficiaries", "示范村2024年产业奖补花名册")
    assert [(row.name, row.place, row.fen) for row in found.rows] == [
        ("张三丰", "一组", 120_050),
        ("李四", "二组", 80_000),
        ("王五", "二组", 80_000),
        ("赵六", "", None),
    ]
    assert told(found) == [
        "第 7 行“合计”（补贴金额）写的是 2,000.50 元，各行相加是 2,800.50 元，相差 800.00 元：请核对原件。",
        "第 5 行的身份证号 **************002X 与第 3 行相同：同一人不能领两次，请核对。",
        "第 5 行的账号 ************0002 与第 4 行相同：请核对是不是一户。",
        "第 6 行的身份证号 **************0021 校验不对：请核对。",
    ]
    shown = found.rows[0].shown()
    assert (shown["person"], shown["identity"], shown["account"]) == ("张**", "*" * 14 + "002X", "*" * 12 + "0001")


def test_households_payments_are_what_is_due_and_what_was_paid(tmp_path: Path) -> None:
    found = listing(tmp_path, "户主,人口,应缴（元）,实缴（元）,交款日期\n张三,4,60,60,2024-03-01\n李四,2,30,31,\n")
    assert found.kind == "contributions"
    assert [(row.values["due_fen"], row.values["paid_fen"]) for row in found.rows] == [(6000, 6000), (3000, 3100)]
    assert told(found) == ["第 3 行 李*：已缴 31.00 元，超过应缴 30.00 元，请核对。"]


def test_assets_have_values_in_the_unit_that_the_list_states(tmp_path: Path) -> None:
    rows: workbooks.Table = [
        ["示范村扶贫资产清单"],
        ["单位：万元"],
        ["序号", "资产名称", "资产类别", "数量", "单位", "资产原值", "坐落", "管护人"],
        [1, "通村公路", "公益性", 3.5, "公里", 175, "一组", "张三"],
        [2, "供水站", "公益性", 2, "座", "约40", "二组", None],
        ["合计", None, None, None, None, 175, None, None],
    ]
    found = listing(tmp_path, rows)
    assert found.kind == "assets"
    assert [(row.name, row.values.get("quantity"), row.fen) for row in found.rows] == [
        ("通村公路", "3.5", 175_000_000),
        ("供水站", "2", None),
    ]
    assert [(total.stated, total.computed) for total in found.totals] == [(175_000_000, 175_000_000)]
    assert [explain(problem, "zh") for problem in found.problems] == [
        "第 5 行“F 资产原值”的“约40”是约数，不能入账：请按批复文件填准确的金额（单位万元），或用 --skip 5 略过这一行，批复后再登记。"
    ]


def test_a_survey_keeps_parts_and_wholes_apart(tmp_path: Path) -> None:
    found = listing(tmp_path, "村名,指标名称,已达标,应达标,备注\n示范村,有硬化路,3500,3500,米\n")
    assert found.kind == "survey"
    assert found.rows[0].values == {
        "village": "示范村",
        "indicator": "有硬化路",
        "numerator": "3500",
        "denominator": "3500",
        "remark": "米",
    }


def test_a_table_of_projects_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("项目名称,村名,金额\n修路,甲村,5\n", encoding="utf-8")
    assert lists.find(read(path)) == ""
    with pytest.raises(FileUnreadable):
        lists.read(read(path), path=path)


@pytest.mark.parametrize(
    "text, fit", [(ID, True), (ID[:-1] + "1", False), ("1101051949****002X", True), ("123", False)]
)
def test_an_identity_is_checked_by_its_last_digit(text: str, fit: bool) -> None:
    assert masks.is_identity(text) is fit


def test_what_is_short_is_masked_whole() -> None:
    assert [masks.masked("telephone", each) for each in ("", "12", "12345")] == ["", "**", "*2345"]
    assert [masks.masked("person", each) for each in ("", "张", "张三")] == ["", "张*", "张*"]


PACKAGE = """{"projects": [
 {"id": "oc4ids-1", "title": "Road", "status": "implementation", "sector": ["transport", "transport.road"],
  "locations": [{"description": "Shifan"}, {"address": {"region": "A", "locality": "B"}}, 3],
  "publicAuthority": {"name": "County"}, "budget": {"amount": {"amount": 1234567.89, "currency": "CNY"}}},
 {"id": 7, "budget": {"amount": {"amount": 5, "currency": "USD"}}},
 {"budget": {"amount": {"amount": 0.001}}}]}"""


def test_projects_of_the_standard_are_read_with_exact_amounts(tmp_path: Path) -> None:
    path = tmp_path / "package.json"
    path.write_text(PACKAGE, encoding="utf-8-sig")
    road, foreign, fine = oc4ids.read(path)
    assert (road.title, road.places, road.sector) == ("Road", ("Shifan", "AB"), "transport、transport.road")
    assert (road.budget_fen, road.owner, road.status) == (123_456_789, "County", "implementation")
    assert (foreign.budget_fen, foreign.budget_text, foreign.id) == (None, "5 USD", "7")
    assert (fine.position, fine.budget_fen) == (3, None)


@pytest.mark.parametrize(
    "content, about",
    [
        (b"[" * 100_000, "no-package"),
        (b"{", "no-package"),
        (b"[]", "no-package"),
        (b'{"projects": {}}', "no-package"),
        (b'{"projects": [1]}', "no-package"),
        (b"\xff", "no-package"),
        (b" " * (9 << 20), "large"),
    ],
)
def test_what_is_no_package_is_refused(tmp_path: Path, content: bytes, about: str) -> None:
    path = tmp_path / "package.json"
    path.write_bytes(content)
    with pytest.raises(FileUnreadable) as refused:
        oc4ids.read(path)
    assert refused.value.facts["about"] == about
    with pytest.raises(FileUnreadable):
        oc4ids.read(tmp_path / "none.json")
