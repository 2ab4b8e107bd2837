"""What is personal is in none of the files that are published, whatever a clerk typed it into."""

from __future__ import annotations

import random
import re
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from ledger import checkpoints, erasure, register, signing
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

PASSPHRASE = "correct horse battery"  # noqa: S105 - of a key that lives as long as the test
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


def test_no_planted_personal_string_is_in_anything_that_is_published(clerk: Any, tmp_path: Path) -> None:
    strings = planted(random.Random(8))
    assert len(set(strings)) == 500
    plant(clerk, tmp_path, strings)
    signer = signing.make_key(clerk.workspace.path, clerk.workspace.settings.office, PASSPHRASE)
    with clerk.workspace.write() as unit:
        checkpoints.sign(unit, signer, "SF", user="li")
        unit.commit()
    workspace = let_publish(clerk)
    site = tmp_path / "site"
    assert publish(workspace, site).projects > 50
    workspace.close()
    out = tmp_path / "notices"
    command = ["--workspace", str(workspace.path), "notice", "publish"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", PASSPHRASE)
        for kind in ("plan", "allotment", "quarter"):
            say = ["--say", f"principles=按批复分配 {strings[0]} {NAMES[1]}"] if kind == "allotment" else []
            assert run([*command, kind, *CONTACT, *say, "--date", "2024-04-02", "--out", str(out)]) == 0
    for folder in (site, out):
        for name, text in said_in(folder).items():
            assert [each for each in (*strings, *NAMES) if each in text] == [], name
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
    signing.make_key(clerk.workspace.path, clerk.workspace.settings.office, PASSPHRASE)
    out = tmp_path / "notices"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", PASSPHRASE)
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
    signer = signing.make_key(clerk.workspace.path, clerk.workspace.settings.office, PASSPHRASE)
    with clerk.workspace.write() as unit:
        checkpoints.sign(unit, signer, "SF", user="li")
        unit.commit()
    publish(clerk.workspace, site)
    assert (site / "SF/proof.json").is_file()
    assert [page for page, text in said_in(site).items() if name in text] == []
