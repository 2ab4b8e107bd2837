"""What is personal is in none of the files that are published, whatever a clerk typed it into."""

from __future__ import annotations

import random
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from ledger import erasure, register
from ledger.books.write import settle
from ledger.verify import verify
from projects import registry
from projects.cli.main import run
from projects.disclosure.folder import MARKER
from projects.disclosure.proved import Proved
from projects.disclosure.site import publish
from projects.identity import citizen_check
from projects.privacy import Privacy, policy
from tests.publication import let_publish

NAMES = ["欧阳小凤", "蒲君君", "李二狗"]
CONTACT = ["--issuer", "村委会", "--phone", "12345", "--as", "li", "--book", "SF"]


def planted(dice: random.Random) -> list[str]:
    """Return 500 personal strings: citizens' numbers, cards, mobiles, telephones, house numbers."""
    found = []
    digits = lambda count: "".join(dice.choice("0123456789") for _ in range(count))  # noqa: E731 - used eight times
    for number in range(100):
        first = f"51{digits(4)}19{dice.randint(50, 99)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}{digits(3)}"
        found.append(first + citizen_check(first))
        found.append(f"622848{digits(13)}")
        found.append(f"1{dice.choice('3456789')}{digits(9)}")
        found.append(f"{dice.choice(['023', '010', '0851'])}-{dice.randint(2, 8)}{digits(7)}")
        found.append(f"柳荫巷{number + 100}号{dice.randint(1, 9)}单元")
    return found


def told(dice: random.Random) -> list[str]:
    """Return 500 personal strings known by how they are told: WeChat, passports, numbers with words in them, mail, plates."""
    found = []
    some = lambda letters, count: "".join(dice.choice(letters) for _ in range(count))  # noqa: E731 - used twice
    for _ in range(100):
        name, digits = some("abcdefghijkmnpqrstuvw", 6), some("0123456789", 8)
        province, city, ways = dice.choice("桂川渝"), dice.choice("ABCF"), [" at ", "#", "（at）", "[at]", "艾特"]
        found.append(f"{dice.choice(['微信号', '微信：', 'VX:'])}{name}{digits[:3]}")
        found.append(f"{dice.choice(['E', 'G', 'EA'])}7{digits}"[:9])
        found.append(f"139{dice.choice(['转', '，再'])}{digits[:4]}{dice.choice(['转', '后四位'])}{digits[4:]}")
        found.append(f"{name}{dice.choice(ways)}{dice.choice(['163.com', 'qq.com'])}")
        found.append(f"{province}{city}{dice.choice(['·', '', ' '])}{dice.choice(['', 'D'])}{digits[:5]}")
    return found


def disguised(said: str, dice: random.Random) -> str:
    """Return a number or an address as somebody may type it: another width, blanks, dashes, numerals."""
    if not said.isascii() or "-" in said:
        return said.translate({ord(letter): ord(letter) + 0xFEE0 for letter in "0123456789"})
    step = dice.choice([4, 4, 3]) if len(said) > 11 else 4
    first = len(said) % 4 if step == 4 else 6
    groups = [said[:first], *(said[at : at + step] for at in range(first, len(said), step))]
    between = dice.choice([" ", "-", "－", "\u3000"])
    return between.join(each for each in groups if each)


def plant(clerk: Any, folder: Path, strings: list[str]) -> None:
    """Type each string somewhere: narrations, names of projects and contracts, parties, papers, names of files."""
    words = iter(strings)
    clerk.play(
        f"""
        allot project=P001 channel=JT2024 amount=880000 date=2024-01-10 party=市交通局
        plan project=P001 channel=ZC2024 amount=650000 date=2024-01-15
        receive project=P001 channel=JT2024 amount=500000 date=2024-02-01 note={next(words)}{NAMES[0]}
        receive project=P001 channel=ZC2024 amount=300000 date=2024-02-05 party={NAMES[1]} person note={next(words)}
        receive project=P001 channel=ZC2024 amount=20000 date=2024-02-06 party={NAMES[0]} person
        """
    )
    for number, said in zip(range(1, 42), words, strict=False):
        paper = folder / f"{said}.txt"
        paper.write_text(f"{said} {NAMES[2]}", encoding="utf-8")
        code = f"P001C{number:03}"
        typed: dict[str, Any] = {"contract": code, "parts": ["JT2024=10"], "name": f"路面 {said} {NAMES[0]}"}
        typed |= {"party": NAMES[number % 3], "person": True} if number % 3 else {"party": f"宏达路桥 {said}"}
        clerk.do("contract", **typed, note=f"{said} {NAMES[0]}", papers=[paper], date="2024-02-20")
    said = next(words)
    clerk.do("certify", contract="P001C001", amount="10", note=f"{said} {NAMES[1]}", date="2024-03-01")
    clerk.do("pay", contract="P001C001", partial=True, note=f"{said} {NAMES[1]}", date="2024-03-02")
    rest = list(words)
    with clerk.workspace.write() as unit:
        for number, said in enumerate(" ".join(rest[place : place + 8]) for place in range(0, len(rest), 8)):
            detail = {"type": "road", "benefit": said, "place": said, "responsible": NAMES[0], "remark": said}
            name = f"修路 {said} {NAMES[1]}"
            registry.add_project(
                unit, "SF", f"P{number + 100}", title=f"路{number}", name=name, budget={"JT2024": 100}, detail=detail
            )
        unit.commit()


def said_in(folder: Path) -> dict[str, str]:
    """Return the text of every file of a folder by name, and the names too; packed files are opened, PDF is read."""
    found = {}
    for path in (each for each in sorted(folder.rglob("*")) if each.is_file()):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                text = "".join(book.read(each).decode() for each in book.namelist())
        elif path.suffix == ".pdf":
            with pypdfium2.PdfDocument(path) as paper:
                text = "".join(page.get_textpage().get_text_range() for page in paper) + str(paper.get_metadata_dict())
        else:
            text = path.read_text(encoding="utf-8")
        found[path.relative_to(folder).as_posix()] = path.name + re.sub(r"\s", "", text) + text
    return found


def squeezed(said: str) -> str:
    """Return a text as who looks for a number reads it: narrow, without signs and blanks."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", said))


@pytest.mark.parametrize("way", ["plain", "disguised", "told"])
def test_no_planted_personal_string_is_in_anything_that_is_published(clerk: Any, tmp_path: Path, way: str) -> None:
    strings = told(random.Random(8)) if way == "told" else planted(random.Random(8))
    assert len(set(strings)) == 500
    dice = random.Random(9)
    plant(clerk, tmp_path, [disguised(each, dice) for each in strings] if way == "disguised" else strings)
    clerk.make_key()
    clerk.sign()
    workspace = let_publish(clerk)
    site = tmp_path / "site"
    assert publish(workspace, site).projects > 50
    workspace.close()
    out = tmp_path / "notices"
    command = ["--workspace", str(workspace.path), "notice", "publish"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", clerk.passphrase)
        for kind in ("plan", "allotment", "quarter"):
            say = ["--say", f"principles=按批复分配 {strings[0]} {NAMES[1]}"] if kind == "allotment" else []
            assert run([*command, kind, *CONTACT, *say, "--date", "2024-04-02", "--out", str(out)]) == 0
    for folder in (site, out):
        for name, text in said_in(folder).items():
            assert [each for each in (*strings, *NAMES) if each in text] == [], name
            read = squeezed(text)
            assert [each for each in strings if squeezed(each) in read] == [], name
    proof = Proved((site / "SF/proof.json").read_text("utf-8"))
    for page in ("SF/index.html", "en/SF/P001.html"):
        assert proof.check((site / page).read_text("utf-8")).problems == []
    every = "".join(said_in(site).values())
    assert "宏达路桥" in every, "an office stays to be read"
    assert "个人（不公开姓名）" in every, "a person is one of a group"
    assert (site / MARKER).is_file()
    assert {path.suffix for path in out.iterdir()} >= {".html", ".json"}


def test_who_was_erased_stays_out_and_everything_verifies(clerk: Any, tmp_path: Path) -> None:
    """The name was typed into the narration of the same voucher, and the record no longer knows it."""
    plant(clerk, tmp_path, planted(random.Random(9)))
    with clerk.workspace.write() as unit:
        erasure.erase(unit, NAMES[1], user="li", reason="本人申请")
        unit.commit()
    settle(clerk.workspace)
    assert [each for check in verify(clerk.workspace) for each in check.findings if each.code != "private-erased"] == []
    clerk.make_key()
    out = tmp_path / "notices"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", clerk.passphrase)
        words = ["--workspace", str(clerk.workspace.path), "notice", "publish", "quarter", *CONTACT]
        assert run([*words, "--date", "2024-04-02", "--out", str(out)]) == 0
    proofs = [text for name, text in said_in(out).items() if name.endswith(".json")]
    assert proofs
    # The voucher of the erased person is proved by its hash.
    assert [text for text in proofs if f"party={NAMES[1]}" in text] == []
    assert '"leaf":null' in "".join(proofs)
    assert [each for check in verify(clerk.workspace) for each in check.findings if each.code != "private-erased"] == []


@pytest.mark.parametrize(
    "said, shown",
    [
        ("户主：王小明，3 口人", "户主***，3 口人"),
        ("责任人 示范村甲村民委员会", "责任人 示范村甲村民委员会"),
        ("合同 P001C01 金额 1750000.00 元，2024-02-20", "合同 P001C01 金额 1750000.00 元，2024-02-20"),
        ("6 号公路 3.5 公里，13 号桥", "6 号公路 3.5 公里，13 号桥"),
        ("演示交〔2024〕7号", "演示交〔2024〕7号"),
        ("电话 138 1234 5678", "电话 ***"),
        ("卡号 6228 4812 3456 7890 123", "卡号 ***"),
        ("尾号 510221 1970 0101 001X", "尾号 ***"),
    ],
)
def test_a_text_keeps_what_is_no_personal_data(said: str, shown: str) -> None:
    assert Privacy({}).scrub(said) == shown


WAYS = [
    "138{0}1234{0}5678",
    "6228{0}4812{0}3456{0}7890{0}123",
    "510101{0}19900101{0}123X",
    "5101{0}0119{0}9001{0}0112{0}34",
]
BETWEEN = ["", " ", "-", "  ", ".", "_", "/", "—", "——", "·", "\u00a0", "\u2009", "\u200b", "\u3000", "－"]
SCRIPTS = [
    "0123456789",
    "０１２３４５６７８９",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "〇一二三四五六七八九",
    "零幺贰叁肆伍陆柒捌玖",
    "٠١٢٣٤٥٦٧٨٩",
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_number_is_masked_however_it_is_written(way: str, script: str) -> None:
    for between in BETWEEN:
        said = way.format(between).translate(str.maketrans("0123456789", script))
        shown = Privacy({}).scrub(f"农户（{said}）")
        assert not set(shown) & set(script), (said, shown)


@pytest.mark.parametrize(
    "said",
    [
        "(138)12345678",
        "（0871）6512345",
        "0871 651 2345",
        "电话：65123456",
        "QQ号12345678",
        "微信：wang_xm88",
        "尾号8123",
        "护照E12345678",
        "wang@163.com",
        "wang @ 163.com",
        "柳荫巷12-3号",
        "柳荫巷十二号",
    ],
)
def test_what_is_called_a_number_of_somebody_is_masked(said: str) -> None:
    shown = Privacy({}).scrub(said)
    assert shown.endswith("***")
    assert not re.search("[0-9]|wang|十二", shown)


@pytest.mark.parametrize(
    "said",
    [
        "zhang at 163.com",
        "zhangat163.com",
        "zhang.san at vip.qq.com",
        "zhang AT qq DOT com",
        "zhang#163.com",
        "zhang（at）163.com",
        "zhang(a)163.com",
        "zhang[at]163[dot]com",
        "zhang【at】163.com",
        "zhang{at}mail.example.org",
        "zhang艾特163.com",
        "zhang小老鼠163.com",
        "zhang@163。com",
        "zhang @ 163 点 com",
        "ｚｈａｎｇ＃１６３．ｃｏｍ",
        "zhang#mail.example.gov.cn",
        "zhang#mail.com.hk",
        "zhang@mail.company",
        "桂A12345",
        "桂A·12345",
        "桂A-12345",
        "桂·A12345",
        "桂 A 12345",
        "桂a12345",
        "桂Ａ·１２３４５",
        "桂A·一二三四五",
        "桂AD12345",
        "桂A12345D",
        "川A1B2C3",
        "桂A·B2024",
        "桂A·1234警",
        "京A8888挂",
        "粤Z·1234港",
        "皖A·1234学",
        "新A12345",
        "桂01·12345",
        "138转1234转5678",
        "138中间1234后面5678",
        "138 1234 后四位 5678",
        "1381234尾号5678",
        "138，再1234，再5678",
        "一三八转一二三四转五六七八",
        "1、3、8、1、2、3、4、5、6、7、8",
        "1.3.8.1.2.3.4.5.6.7.8",
        "510101转19900101转123X",
        "6228转4812转3456转7890转123",
        "wxid_abc123def",
        "E12345678",
        "G12345678",
        "EA1234567",
    ],
)
def test_what_is_personal_by_its_shape_is_masked_whole(said: str) -> None:
    for around in ("{}", "农户（{}）", "修路 {}，3.5 公里", "张三家{}。"):
        assert Privacy({}).scrub(around.format(said)) == around.format("***")


@pytest.mark.parametrize(
    "kept, number",
    [
        ("微信号", "abc123"),
        ("微信", "wang88xm"),
        ("微信号是", "abc123"),
        ("薇信：", "zhang-san"),
        ("V信", "abc123"),
        ("VX：", "abc123"),
        ("vx号", "abc123"),
        ("wx:", "abc123"),
        ("WeChat: ", "zhangsan1"),
        ("weixin ", "zhangsan1"),
        ("微信 ", "13812345678"),
        ("QQ：", "123456"),
        ("QQ号是", "12345"),
        ("qq群 ", "123456"),
        ("扣扣", "123456"),
        ("护照", "EA1234567"),
        ("护照号码为 ", "E 12345678"),
        ("通行证", "C12345678"),
        ("台胞证", "01234567"),
        ("回乡证号码：", "H1234567801"),
        ("社保卡", "123456789"),
        ("电话是", "65123456"),
        ("Tel: ", "65123456"),
        ("尾号是", "8123"),
        ("车牌号", "A12345"),
        ("车牌：桂", "A12B45"),
        ("车号：", "A12345"),
        ("拖拉机桂", "01-12345"),
    ],
)
def test_what_a_number_is_called_stays_and_the_number_goes(kept: str, number: str) -> None:
    for around in ("{}", "农户（{}）", "修路 {}，3.5 公里"):
        assert Privacy({}).scrub(around.format(kept + number)) == around.format(kept + "***")


def test_a_number_in_digits_and_one_in_numerals_go_both() -> None:
    said = "身份证510101199001011237，一三八一二三四五六七八，宏达路桥"
    assert Privacy({}).scrub(said) == "身份证***，***，宏达路桥"


@pytest.mark.parametrize(
    "said",
    [
        "1,750,000.00 元、650,000.00 元",
        "2024-02-20 至 2024-12-31",
        "凭证 V2024-12-0004、V2024-12-0005",
        "2021、2022、2023、2024 年度",
        "监督举报电话：12317",
        "施工一标段至十三标段，二〇二四年",
        "二号桥、十二号机井",
        "K12+345 至 K13+678.90",
        "10000000000 元",
        "北纬 29.5600°、东经 106.5500°",
        "合同 2024-0012 号公路",
        "翻新A12345、更新P00101",
        "新JT2024、苏JT2024，吉P001C01",
        "桂财农〔2024〕12号",
        "川K12345+678 至 K13+678",
        "京G45 线、贵 2024 年 12345 元",
        "黑A4 纸 2000 张，川C30 混凝土",
        "通过微信 2024-02-20 公示",
        "微信 100000.00 元、微信支付 100000 元",
        "通行证2024-0012 号，通行证 20240012",
        "E20240101、G20240001、EB2024001",
        "GB50201-2012、EPS100000000",
        "东经 E106.5500、北纬 N29.5600",
        "1、3、5、7、8、10、12 月",
        "第1、3、4、5、6、7、8、9、1、2、3、4 项",
        "138 米、1234 米、5678 米",
        "1380 米转 1234 米",
        "1381234, 5678 元",
        "贵ABCDHF 级",
        "1#楼、2#楼",
        "https://example.org/x#y.com",
        "look at earmark.example.org",
        "hotel 123456",
    ],
)
def test_amounts_days_and_codes_are_nobodys_numbers(said: str) -> None:
    assert Privacy({}).scrub(said) == said


@pytest.mark.parametrize(
    "said, shown",
    [
        ("张 三", "张某"),
        ("户主　张　三", "户主　张某"),
        ("欧阳 小 凤门前", "欧某某某门前"),
        ("歐陽小鳳門前", "歐某某某門前"),
        ("欧\u200b阳小凤", "欧某某某"),
        ("阿依古丽家", "阿某某某家"),
        ("阿依·古丽家", "阿某某某家"),
        ("开张 三天", "开张 三天"),
    ],
)
def test_a_name_is_known_with_gaps_in_it_and_in_other_characters(said: str, shown: str) -> None:
    known = Privacy({4: frozenset({"欧阳小凤"}), 5: frozenset({"阿依·古丽"}), 2: frozenset({"张三"})})
    assert known.scrub(said) == shown


def test_the_policy_says_of_every_field_how_it_is_shown() -> None:
    assert set(policy()["fields"].values()) == {"plain", "text", "office", "payee", "group", "never"}
    assert policy()["fields"]["voucher.narration"] == "never"


def test_an_erased_name_stays_masked_where_sealed_texts_spell_it(clerk: Any, tmp_path: Path) -> None:
    """Typed into a title, a name, a contract and a payee: until the erasure the private store knew it."""
    name = NAMES[1]
    clerk.play(f"""
        plan project=P001 channel=ZC2024 amount=650000 date=2024-01-15
        receive project=P001 channel=ZC2024 amount=300 date=2024-02-05 party={name} person
        allot project=P001 channel=JT2024 amount=880000 date=2024-02-10
        contract contract=P001C01 parts=JT2024=10 party={name} name={name}门前{name}门后 date=2024-02-20
    """)
    with clerk.workspace.write() as unit:
        registry.add_village(unit, "V14", name="新桥村", township="蒲河镇")
        register.add_book(unit, "XQ", village="V14", name="新桥村专账", started_on=clerk.clock().date())
        for book in ("SF", "XQ"):
            detail = {"place": f"{name}家门前", "benefit": f"{name}等户", "responsible": "村委会"}
            told = {"title": f"{name}便道", "name": f"{name}家门前便道", "budget": {"JT2024": 100}, "detail": detail}
            registry.add_project(unit, book, "P009", **told)
        unit.commit()
    site = tmp_path / "site"
    publish(clerk.workspace, site)
    before = said_in(site)
    spelled_by = {page.partition("/")[0] for page, text in before.items() if name in text and page.endswith(".html")}
    assert "SF" not in spelled_by, "the book that knows the person masks the name"
    with clerk.workspace.write() as unit:
        erasure.erase(unit, name, user="li", reason="本人申请")
        unit.commit()
    assert publish(clerk.workspace, site).read == 2, "both books spell it"
    after = said_in(site)
    assert [page for page, text in after.items() if name in text] == []
    assert "蒲某某家门前便道" in after["SF/P009.html"]
    assert "蒲某某家门前便道" in after["XQ/P009.html"]
    assert "蒲某某门前蒲某某门后" in after["SF/P001.html"]
    assert "蒲某某便道" in after["search-all.js"]
    [(leaf,)] = clerk.sql("SELECT leaf FROM log_leaf WHERE kind = 'erasure'")
    assert name not in leaf
    settle(clerk.workspace)
    assert [each for check in verify(clerk.workspace) for each in check.findings if each.code != "private-erased"] == []
    assert publish(clerk.workspace, site).read == 0
    # A voucher that is made later names the project by its title, in its accounts.
    clerk.do("allot", project="P009", channel="JT2024", amount="100", date="2024-03-01")
    clerk.make_key()
    clerk.sign()
    publish(clerk.workspace, site)
    assert (site / "SF/proof.json").is_file()
    assert [page for page, text in said_in(site).items() if name in text] == []


def test_a_payee_that_was_erased_is_nobody_in_particular_as_before() -> None:
    """The record knows the name no more; where a voucher spells it still, it is no firm's of that name, masked."""
    name, text = "王小明", "付王小明材料款"
    found = {
        erasure.digest_of(name): [erasure.Spelled(erasure.digest_of(name), 0, len(name))],
        erasure.digest_of(text): [erasure.Spelled(erasure.digest_of(text), 1, len(name))],
    }
    shown = Privacy({}, found)
    assert shown.show("voucher.payee", name) == ""
    assert shown.show("voucher.payee", text) == "付王某某材料款"
    assert shown.show("voucher.payee", "县建筑公司") == "县建筑公司"
