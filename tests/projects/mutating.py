"""Files that were damaged, or made to do harm: thousands of them from a few published tables, the same in every run."""

from __future__ import annotations

import io
import random
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "importers"))

import workbooks

REAL = Path(__file__).parents[1] / "data" / "real"
TABLE: workbooks.Table = [
    ["甲县2024年第一批中央财政衔接资金安排表"],
    ["单位：万元"],
    ["序号", "村名", "项目名称", "中央", "省级", "小计"],
    *[[number, f"村{number}村", f"项目{number}", number / 4, None, number / 4] for number in range(1, 40)],
    ["合计", None, None, 195, None, 195],
]
BOMB_BYTES = 300 << 20
MILLION = 1_000_000


def files(count: int) -> Iterator[tuple[str, bytes]]:
    """Return `count` files with what was done to them."""
    chance = random.Random(2024)
    for number in range(count):
        change = _CHANGES[number % len(_CHANGES)]
        yield f"{number}-{change.__name__}", change(chance)


@cache
def bases() -> tuple[bytes, ...]:
    kinds = [workbooks.xlsx(TABLE, merges=["A1:F1"]), workbooks.xls(TABLE), workbooks.ods_table(TABLE)]
    kinds.append(workbooks.page(TABLE, encoding="gb18030", merges={(0, 0): (1, 6)}))
    names = ["beita-2020-central.xlsx", "yueyang-2025-batch5.xlsx", "shangqiu-2019-city2.gb18030.csv"]
    names += ["beita-2020-central.csv", "list-luxian-2020-lottery.csv", "yueyang-2025-batch5.csv"]
    return (*kinds, *((REAL / name).read_bytes() for name in names))


def _flip_bits(chance: random.Random) -> bytes:
    content = bytearray(chance.choice(bases()))
    for _ in range(chance.choice([1, 1, 2, 8, 40])):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def _cut_short(chance: random.Random) -> bytes:
    content = chance.choice(bases())
    return content[: chance.randrange(1, len(content))]


def _damage_a_part(chance: random.Random) -> bytes:
    """The package is whole, one of its parts is not."""
    packages = [content for content in bases() if content.startswith(b"PK")]
    parts = _parts(chance.choice(packages))
    name = chance.choice([each for each in parts if each.endswith((".xml", ".rels"))])
    content = bytearray(parts[name])
    for _ in range(chance.choice([1, 3])):
        at = chance.randrange(len(content))
        how = chance.randrange(4)
        if how == 0:
            content[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            del content[at : at + chance.randrange(1, 30)]
        elif how == 2:
            content[at:at] = chance.choice([b"9" * 20, b"<a>", b"&x;", b"-1", b"\xff\xfe", b'"'])
        else:
            del content[at:]
            content += b" "
    parts[name] = bytes(content)
    return workbooks.packed(parts)


def _lose_a_part(chance: random.Random) -> bytes:
    parts = _parts(chance.choice([content for content in bases() if content.startswith(b"PK")]))
    del parts[chance.choice(list(parts))]
    return workbooks.packed(parts)


def _bomb(chance: random.Random) -> bytes:
    """A few bytes that unpack to hundreds of millions, declared or not."""
    content = bytearray(_bombs()[chance.randrange(2)])
    if chance.random() < 0.5:
        at = content.rindex(b"PK\x01\x02") + 24
        content[at : at + 4] = chance.choice([1000, 1 << 20, 200 << 20]).to_bytes(4, "little")
    return bytes(content)


@cache
def _bombs() -> tuple[bytes, bytes]:
    return _blown("content.xml", {}), _blown("xl/worksheets/sheet1.xml", _parts(workbooks.sheet_of("")))


def _blown(name: str, parts: dict[str, str | bytes]) -> bytes:
    """Return a package with a part of hundreds of millions of blanks, which never stand in our own memory."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for each, content in parts.items():
            if each != name:
                package.writestr(each, content)
        with package.open(name, "w") as part:
            part.write(b"<r>")
            for _ in range(BOMB_BYTES >> 20):
                part.write(b" " * (1 << 20))
    return out.getvalue()


def _share_a_long_text(chance: random.Random) -> bytes:
    cells = '<c t="s"><v>0</v></c>' * chance.choice([10, 16_000])
    text = f"<si><t>{'长' * chance.choice([30_000, 33_000, 3_000_000])}</t></si>"
    return workbooks.sheet_of(f"<row>{cells}</row>" * chance.choice([1, 100]), shared=text)


def _declare(chance: random.Random) -> bytes:
    """Entities that grow, and entities that fetch files."""
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    declared = chance.choice(
        [
            f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>',
            '<!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>',
            '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
            '<!DOCTYPE x [<!ENTITY % a9 SYSTEM "file:///dev/zero"> %a9;]>',
        ]
    )
    parts = _parts(chance.choice([content for content in bases() if content.startswith(b"PK")]))
    name = chance.choice([each for each in parts if each.endswith(".xml")])
    content = parts[name].decode()
    start = content.index("<", content.find("?>") + 2 if content.startswith("<?xml") else 0)
    end = content.rindex("</") if "</" in content else len(content)
    parts[name] = (content[:start] + declared + content[start:end] + "&a9;" + content[end:]).encode()
    return workbooks.packed(parts)


def _put_formulas(chance: random.Random) -> bytes:
    formula = chance.choice(["=1+1", "=SUM(D4:D9)", "=cmd|' /C calc'!A0", '=HYPERLINK("x")', "=1/0", "+1", "@x"])
    table = [list(row) for row in TABLE]
    for _ in range(chance.randrange(1, 4)):
        table[chance.randrange(3, len(table))][chance.randrange(6)] = formula
    kind = chance.randrange(3)
    if kind == 0:
        return workbooks.xlsx(table)
    if kind == 1:
        return workbooks.ods_table(table)
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in table).encode("gb18030")


def _empty_rows(chance: random.Random) -> bytes:
    return _deserts()[chance.randrange(4)]


@cache
def _deserts() -> tuple[bytes, ...]:
    head = b"\xe9\xa1\xb9\xe7\x9b\xae\xe5\x90\x8d\xe7\xa7\xb0,\xe9\x87\x91\xe9\xa2\x9d\n"
    repeated = f'<table:table-row table:number-rows-repeated="{MILLION}"><table:table-cell/></table:table-row>'
    full = f'<table:table-row table:number-rows-repeated="{MILLION}"><table:table-cell table:number-columns-repeated='
    return (
        head + b",,,,\n" * MILLION,
        workbooks.sheet_of("<row/>" * MILLION),
        workbooks.ods(repeated),
        workbooks.ods(full + '"16000"><text:p>1</text:p></table:table-cell></table:table-row>'),
    )


def _put_bytes(chance: random.Random) -> bytes:
    """Lone quotes, NULs, line ends and halves of characters, in text."""
    content = bytearray(chance.choice([each for each in bases() if not each.startswith((b"PK", b"\xd0\xcf"))]))
    for _ in range(chance.choice([1, 1, 5])):
        at = chance.randrange(len(content))
        content[at:at] = chance.choice([b'"', b'"', b"\0", b"\0" * 1000, b"\r", b"\x81", b"\xe2\x80\xae", b"\x1b[2J"])
    return bytes(content)


def _break_a_page(chance: random.Random) -> bytes:
    """Tags that are left open, span the whole sheet, or stand where none may."""
    content = bytearray(workbooks.page(TABLE, merges={(0, 0): (1, 6)}))
    odd = [
        b"</table>",
        b"<table>",
        b"<table>" * 5000,
        b"<!--",
        b"<![CDATA[",
        b"<td colspan=16383>",
        b"<td rowspan=1048576>",
    ]
    odd += [
        b"<script>",
        b"</td",
        b'<td x="',
        b"&#0;",
        b"&#xD800;",
        b"&#99999999;",
        b"<tr>" * 3000,
        b"<style>",
        b"<a " * 2000,
    ]
    for _ in range(chance.choice([1, 1, 3])):
        at = chance.randrange(len(content))
        content[at:at] = chance.choice(odd)
    return bytes(content)


def ledgers(count: int, text: str) -> Iterator[tuple[str, bytes]]:
    """Return `count` Beancount ledgers made from a good one, with what was done to them."""
    chance = random.Random(2025)
    odd = ['include "/etc/passwd"', 'include "../**/*"', 'include "ledger.beancount"', 'include "*.beancount"']
    odd += [
        'plugin "os"',
        'plugin "beancount.plugins.auto"',
        'option "operating_currency" "',
        "pushtag #x",
        "poptag #y",
    ]
    odd += [
        "2024-13-45 open Assets:A",
        '2024-01-05 * "x"',
        "  Assets:102:01  1e9 CNY",
        f"  Assets:153  {'9' * 900} CNY",
    ]
    odd += [
        "  Assets:153  (1/0) CNY",
        f"  Assets:153  {'(' * 3000}1{')' * 3000} CNY",
        '2024-01-06 * "' + "长" * 70_000 + '"',
    ]
    odd += [
        "2024-01-07 pad Assets:153 Equity:Old",
        "2024-01-08 balance Assets:153 5 CNY",
        "  Assets:153  5 CNY {1 USD} @ 2 USD",
    ]
    odd += [
        "9999-12-31 close Assets:153",
        "2024-01-09 price CNY 0 USD",
        '2024-01-09 custom "a" "b" 1 CNY',
        "\0",
        "\ufeff",
        "\u202e",
    ]
    for number in range(count):
        content = bytearray(text.encode())
        if number % 3 == 0:
            for _ in range(chance.choice([1, 1, 2, 8])):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        elif number % 3 == 1:
            lines = text.splitlines()
            for _ in range(chance.choice([1, 1, 3])):
                lines.insert(chance.randrange(len(lines) + 1), chance.choice(odd))
            content = bytearray("\n".join(lines).encode())
        else:
            at = chance.randrange(len(content))
            del content[at : at + chance.choice([1, 3, 40, len(content)])]
            content[at:at] = chance.choice([b"", b'"', b"\xff", b"\0", b"9" * 30, b"\r"])
        yield f"{number}-ledger", bytes(content)


def _odd_numbers(chance: random.Random) -> bytes:
    odd = ["1e999", "NaN", "-5", "9" * 400, "0.00000000001", "1,2,3", "１２", "٣", "½", "1_000", "0x10", "inf", "--5"]
    table = [list(row) for row in TABLE]
    for _ in range(chance.randrange(1, 4)):
        table[chance.randrange(3, len(table))][chance.randrange(6)] = chance.choice(odd)
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in table).encode()


def _odd_shapes(chance: random.Random) -> bytes:
    row = "<row><c><v>1</v></c></row>"
    merges = '<mergeCell ref="A1:XFD1048576"/>' * 20_000
    return chance.choice(
        [
            workbooks.sheet_of(row, after=f"<mergeCells>{merges}</mergeCells>"),
            workbooks.sheet_of('<row r="1"><c r="XFD1"><v>1</v></c></row>' * 3),
            workbooks.sheet_of("".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 3000))),
            workbooks.sheet_of("<a>" * 200_000),
            workbooks.ods("<table:table>" * 5000),
            b"<html><table>" + b"<tr><td>1" * 9000,
            b"," * 5_000_000,
            b'"' * 5_000_001,
            b"\xff\xfe" + b"a\0" * 999_999,
            b"PK\x03\x04" + chance.randbytes(5000),
            bytes.fromhex("d0cf11e0a1b11ae1") + chance.randbytes(50_000),
            chance.randbytes(5000),
            (",".join(["项目名称", "金额(万元)"] * 300) + "\n").encode() * 300,
            ("项目名称,金额(万元)\n" + "合计,1\n" * 4000).encode(),
            ("编号,内容,金额(万元)\n" + "一,甲,1\n(一),乙,1\n" * 2000).encode(),
            ("编号,内容,金额(万元)\n" + "1,甲,1\n,乙,1\n" * 2000).encode(),
        ]
    )


def _parts(content: bytes) -> dict[str, str | bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


_CHANGES: tuple[Callable[[random.Random], bytes], ...] = (
    _flip_bits,
    _cut_short,
    _damage_a_part,
    _put_bytes,
    _odd_numbers,
    _put_formulas,
    _damage_a_part,
    _declare,
    _flip_bits,
    _lose_a_part,
    _put_bytes,
    _odd_shapes,
    _cut_short,
    _bomb,
    _flip_bits,
    _empty_rows,
    _damage_a_part,
    _share_a_long_text,
    _break_a_page,
    _put_bytes,
)
