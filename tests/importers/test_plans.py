"""Plan tables: what is read, what is told, and that a file is taken whole or not at all."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from importers import plans
from importers.errors import FileRefused, FileUnreadable
from importers.plans import COLUMNS, Part
from ledger import messages
from ledger.messages import explain

HEADER = (
    "编号,来源,项目名称,项目类型,建设内容与规模,数量,单位,总投资_万元,资金渠道(万元),计划时间,责任单位,预期效益,备注"
)
ROAD = "13-01,篇13,通村村道,道路,建通,3.5,公里,175,交通部门专项补助=88;农户自筹=65;社会捐资=22,20xx年12月,空,出行,平"


def row(code: str = "1", name: str = "路", total: str = "", channels: str = "") -> str:
    cells = {"编号": code, "项目名称": name, "总投资_万元": total, "资金渠道(万元)": channels}
    return ",".join(cells.get(column, "") for column in HEADER.split(","))


def table(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


def parse(*rows: str) -> tuple[plans.PlanRow, ...]:
    return plans.parse(table(*rows), path=Path("plan.csv"))


def problems(content: bytes, lang: messages.Lang = "zh") -> list[str]:
    with pytest.raises(FileRefused) as refused:
        plans.parse(content, path=Path("plan.csv"))
    return [explain(each, lang) for each in refused.value.problems]


def test_a_row_is_read_into_typed_facts() -> None:
    (road,) = parse(ROAD)
    assert road == plans.PlanRow(
        row=2,
        code="13-01",
        section="篇13",
        name="通村村道",
        type="道路",
        content="建通",
        quantity="3.5",
        unit="公里",
        total_fen=175_000_000,
        channels=(
            Part("交通部门专项补助", 88_000_000),
            Part("农户自筹", 65_000_000),
            Part("社会捐资", 22_000_000),
        ),
        when="20xx年12月",
        responsible="空",
        benefit="出行",
        remark="平",
    )


@pytest.mark.parametrize(
    "typed, parts",
    [
        ("", ()),
        ("未注明", (Part("未注明", None),)),
        ("未注明=50", (Part("未注明", 50_000_000),)),
        ("省补＝0.000001；县补=69.94万元", (Part("省补", 1), Part("县补", 69_940_000))),
        ("捐资=500元", (Part("捐资", 50_000),)),
        ("受益农户自筹=20(“不足部分”推算)", (Part("受益农户自筹", 20_000_000, "“不足部分”推算"),)),
        ("组织部、计生局等=35（未拆分；待核）", (Part("组织部、计生局等", 35_000_000, "未拆分；待核"),)),
        ("实物水泥=50吨;投工投劳=未计价", (Part("实物水泥", None, "50吨"), Part("投工投劳", None, "未计价"))),
        ("水泥=50吨(首批)", (Part("水泥", None, "50吨（首批）"),)),
        ("2024年中央资金=1,000", (Part("2024年中央资金", 1_000_000_000),)),
    ],
)
def test_channels_keep_money_apart_from_words(typed: str, parts: tuple[Part, ...]) -> None:
    assert plans.parse_channels(typed) == parts


@pytest.mark.parametrize(
    "typed",
    [
        "=88",
        "省补=",
        "省补=(推算)",
        "省补88",
        "省补:88万元",
        "省补=1,2",
        "省补=1e3",
        "省补=NaN",
        "省补=8O",
        "省补=八十八",
        "省补=八十八万元",
        "省补=88万多",
        "省补=-3",
        "省补=0.0000001",
        "省补=1亿元",
    ],
)
def test_what_could_be_money_is_never_taken_for_words(typed: str) -> None:
    assert len(problems(table(row(channels=f'"{typed}"')))) == 1


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_is_read_with_and_without_byte_order_mark(mark: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes(mark.encode() + table(ROAD, "", ",,,,,,,,,,,,"))
    assert [each.code for each in plans.read(path)] == ["13-01"]


def test_columns_may_stand_in_any_order_with_others_and_full_width_parentheses() -> None:
    header = "备注二," + ",".join(reversed(COLUMNS)).replace("(万元)", "（万元）")
    cells = "x," + ",".join({"编号": "1", "项目名称": "路"}.get(column, "") for column in reversed(COLUMNS))
    (found,) = plans.parse(f"{header}\n{cells}".encode(), path=Path("plan.csv"))
    assert (found.code, found.name) == ("1", "路")


def test_all_problems_of_a_file_are_told_and_nothing_is_taken() -> None:
    content = table(
        ROAD,
        row("2", "桥", "88万多"),
        row("3", "", "0.0000001", '"省补=1,2"'),
        row("4", "塘", "-5") + ",多",
        row("13-01", "井"),
        row("5", '"a\nb"', "99999999999"),
    )
    assert problems(content) == [
        "第 3 行“总投资_万元”的金额“88万多”看不懂：请写万元数，例如 88 或 69.94。",
        "第 4 行“项目名称”是空的：请补填。",
        "第 4 行“总投资_万元”的金额“0.0000001”小于一分：请核对原件，系统不做四舍五入。",
        "第 4 行“资金渠道(万元)”的金额“1,2”看不懂：请写万元数，例如 88 或 69.94。",
        "第 5 行有 14 格，表头有 13 格：请检查是否有未加引号的逗号。",
        "第 6 行的编号“13-01”与第 2 行相同：一个编号只用一次，请改正。",
        "第 7 行“项目名称”的第 2 个字符（U+000A）不能入账：文字里不能有换行、控制符或方向符，且不超过 400 字。",
        "第 7 行“总投资_万元”的金额“99999999999”太大：请核对单位（此列按万元）。",
    ]


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    assert problems("编号,项目名称\n1,路".encode(), "en")[0] == (
        'plan.csv lacks the column "来源" (it has: 编号, 项目名称): add it and import again.'
    )


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "文件 plan.csv 是空的：请检查是否选错了文件。"),
        (
            "编号".encode("gb18030"),
            "文件 plan.csv 不是 UTF-8 编码（从第 1 个字节起）：请另存为 UTF-8 格式的 CSV 再导入。",
        ),
        (
            b'a,"b',
            "文件 plan.csv 第 1 行不是完整的 CSV（unexpected end of data）：请检查引号是否成对。",
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(FileUnreadable) as refused:
        plans.parse(content, path=Path("plan.csv"))
    assert explain(refused.value, "zh") == says


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable) as refused:
        plans.read(tmp_path / "none.csv")
    assert "No such file" in explain(refused.value, "en")


def test_the_refusal_of_a_file_counts_its_problems() -> None:
    with pytest.raises(FileRefused) as refused:
        parse(row("1", total="x"), row("2", total="y"))
    assert explain(refused.value, "zh") == ("文件 plan.csv 有 2 处问题，整个文件都没有采用：请逐条改正后重新导入。")


def test_channels_that_do_not_add_up_are_warned_of_with_both_figures() -> None:
    rows = parse(
        ROAD,
        row("2", total="100", channels="省补=60;县补=39.5"),
        row("3", total="100", channels="省补=60;投工投劳=未计价"),
        row("4", total="100", channels="省补=101;投工投劳=未计价"),
        row("5", total="100"),
        row("6", channels="省补=60"),
    )
    found = plans.differences(rows)
    assert [(each.code, each.parts, each.total) for each in found] == [
        ("2", 99_500_000, 100_000_000),
        ("4", 101_000_000, 100_000_000),
    ]
    assert found[0].sentence("zh") == (
        "第 3 行 2 路：各渠道合计 995,000.00 元，总投资 1,000,000.00 元，相差 5,000.00 元，请核对原件。"
    )


def test_both_catalogues_have_the_same_keys_and_facts() -> None:
    def facts(lang: messages.Lang) -> dict[str, set[str | None]]:
        found = messages.catalogue("importers", lang).items()
        return {key: {name for _, name, _, _ in string.Formatter().parse(said)} - {None} for key, said in found}

    assert facts("zh") == facts("en")
