"""The worked example: a road's whole life in 75 vouchers, each account compared after each of them.

All of it is entered through the desk with the clerk's facts alone; each verb has to find the example's figures by
itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data

from ledger import channels, chart, people, register, restores
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from ledger.errors import Refusal
from ledger.messages import explain
from projects import registry
from projects.events.verbs import EFFECTS

EXAMPLE = Path(__file__).parents[1] / "data" / "example-book.beancount"
CHART = chart.load()
TITLES = {"P000": "村集体", "P001": "通村公路", "P002": "技术培训", "P003": "风险金"}
SCALES = {"CEMENT": 3}

SOURCES = {
    "JT2024": "department",
    "ZC2024": "households",
    "JZ2024": "donation_tied",
    "SN2024": "in_kind",
    "TG2024": "labour",
    "JL2024": "award",
    "CJ2024": "collective",
    "DB2024": "deposit",
    "FX2024": "risk_reserve",
    "PX2024": "department",
}
BANKS = {
    "B00": ("村基本户", "own", ["CJ2024"]),
    "B01": ("农商行专户", "dedicated", ["CJ2024", "JL2024", "JT2024", "JZ2024", "ZC2024", "PX2024"]),
    "B02": ("保证金户", "dedicated", ["DB2024"]),
    "B03": ("风险金专户", "dedicated", ["FX2024"]),
}
BUDGETS = {
    "P001": ["JT2024", "ZC2024", "JZ2024", "SN2024", "TG2024", "JL2024", "CJ2024"],
    "P002": ["PX2024"],
    "P003": ["FX2024"],
}

# What the clerk types: 75 vouchers, each by its verb. The example's second offset, its interest and its audit cut were
# agreed and not computed, so the clerk names them.
TYPED = """
V2024-01-0001 allot project=P001 channel=JT2024 amount=88万元 number=交财〔2024〕7号
V2024-01-0002 plan project=P001 channel=ZC2024 amount=65万元
V2024-01-0003 allot project=P001 channel=JZ2024 amount=22万元
V2024-01-0004 allot project=P001 channel=SN2024 amount=20200
V2024-01-0005 allot project=P001 channel=TG2024 amount=30000
V2024-01-0006 allot project=P001 channel=JL2024 amount=50000
V2024-02-0001 receive project=P001 channel=JT2024 amount=500,000
V2024-02-0002 receive project=P001 channel=ZC2024 amount=300000 cash
V2024-02-0003 receive project=P001 channel=ZC2024 amount=300000 from_cash
V2024-02-0004 receive project=P001 channel=JZ2024 amount=110000
V2024-02-0005 contract contract=P001C01 parts=JT2024=860000,ZC2024=630000,JZ2024=210000 party=施工单位
V2024-02-0006 deposit-receive contract=P001C01 amount=50000
V2024-02-0007 advance contract=P001C01 percent=20%
V2024-02-0008 purchase project=P001 channel=JT2024 amount=15000 party=设计单位
V2024-03-0001 inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=30 amount=12000
V2024-03-0002 inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=20 amount=8200
V2024-03-0003 inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=30 lot=S1
V2024-03-0004 labour project=P001 channel=TG2024 days=120 rate=100
V2024-03-0005 revise-up project=P001 channel=JT2024 amount=60000 number=交财〔2024〕15号 reason=增加里程
V2024-03-0006 certify contract=P001C01 amount=612,345.67
V2024-03-0007 pay contract=P001C01 partial
V2024-04-0001 change-up contract=P001C01 parts=JT2024=40000 reason=增加排水沟
V2024-04-0002 receive project=P001 channel=ZC2024 amount=250000
V2024-04-0003 pay contract=P001C01 channel=ZC2024
V2024-04-0004 bounce voucher=V2024-04-0003 party=农商行
V2024-04-0005 pay contract=P001C01 channel=ZC2024
V2024-04-0006 labour project=P001 channel=TG2024 days=180 rate=100
V2024-04-0007 wages-earn project=P001 channel=JT2024 days=60 rate=100
V2024-04-0008 wages-pay project=P001
V2024-04-0009 certify contract=P001C01 amount=70万元 offset=140000.00
V2024-04-0010 pay-direct contract=P001C01 channel=JT2024 amount=28万元
V2024-04-0011 pay-direct contract=P001C01 channel=JZ2024 amount=6万元
V2024-05-0001 pay contract=P001C01 parts=ZC2024=170000
V2024-05-0002 pay contract=P001C01 parts=JT2024=4500
V2024-06-0001 reverse voucher=V2024-05-0002 reason=渠道错记
V2024-06-0002 pay contract=P001C01 parts=ZC2024=4500
V2024-06-0003 interest project=P001 amount=321.45 parts=JT2024=176.80,ZC2024=96.43,JZ2024=48.22 reason=银行已分渠道计息
V2024-06-0004 inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=18
V2024-06-0005 inkind-return project=P001 channel=SN2024 good=CEMENT quantity=2
V2024-06-0006 decommit contract=P001C01 settled=1731234.56
V2024-06-0007 certify contract=P001C01 amount=418888.89
V2024-06-0008 revise-down project=P001 channel=JT2024 amount=15000 number=交财〔2024〕33号 reason=结算低于指标
V2024-06-0009 receive project=P001 channel=JT2024 amount=135469.84
V2024-06-0010 receive project=P001 channel=JZ2024 amount=27500
V2024-06-0011 pay contract=P001C01 partial
V2024-07-0001 contract contract=P001C02 parts=JL2024=50000 party=护栏厂
V2024-07-0002 certify contract=P001C02 amount=50000
V2024-07-0003 opening project=P000 lines=own_bank:B00=CJ2024:80000
V2024-07-0004 prefinance contract=P001C02 number=村代会〔2024〕9号
V2024-07-0005 receive project=P001 channel=CJ2024 amount=5000
V2024-07-0006 change-source contract=P001C01 from_channel=JZ2024 to_channel=CJ2024 amount=5000 number=村代会〔2024〕10号
V2024-07-0007 pay contract=P001C01 channel=CJ2024
V2024-07-0008 waive project=P001 amount=20000
V2024-07-0009 receive project=P001 channel=ZC2024 amount=80300 hold
V2024-07-0010 send-back project=P001 channel=ZC2024
V2024-07-0011 pay contract=P001C01 channel=ZC2024
V2024-07-0012 cut contract=P001C01 parts=JT2024=2000 number=审〔2024〕18号
V2024-07-0013 refund-cut contract=P001C01
V2024-07-0014 accept project=P001 quantity=3.5 warranty_until=2025-07-20
V2024-08-0001 receive project=P001 channel=JL2024 amount=50000
V2024-08-0002 repay project=P001
V2024-08-0003 receive project=P001 channel=JZ2024 amount=6500
V2024-08-0004 pay contract=P001C01 channel=JZ2024
V2024-08-0005 deposit-return contract=P001C01
V2024-08-0006 return project=P001 channel=JT2024
V2024-08-0007 return project=P001 channel=ZC2024
V2024-08-0008 return project=P001 channel=JZ2024
V2024-08-0009 revise-down project=P001 channel=JT2024 number=交财〔2024〕40号 reason=未到账核销
V2024-08-0010 revise-down project=P001 channel=JZ2024 number=捐资协议 reason=未到账核销
V2024-09-0001 receive project=P003 channel=FX2024 amount=30000
V2024-09-0002 relief project=P003 amount=5000
V2024-10-0001 receive project=P002 channel=PX2024 amount=10000 allot
V2024-10-0002 spend project=P002 channel=PX2024 amount=9000 party=培训机构
V2024-12-0001 year-end
V2025-07-0001 release project=P001
"""
BY_VERB = dict(line.split(" ", 1) for line in TYPED.strip().splitlines())


Balances = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Shown:
    """A voucher of the example: its postings, and every balance after it."""

    number: str
    day: date
    project: str
    payee: str
    narration: str
    postings: tuple[tuple[str, str, int], ...]
    after: Balances


@dataclass
class Entered:
    """How a voucher was entered, and what stood in the record after it."""

    number: str = ""
    refusal: str = ""
    moved: Balances = field(default_factory=dict)
    after: Balances = field(default_factory=dict)


def _units(amount: Any, commodity: str) -> int:
    return int(amount.scaleb(SCALES.get(commodity, 2)))


def read_example() -> list[Shown]:
    entries, errors, _ = loader.load_file(str(EXAMPLE))
    assert errors == []
    running: Counter[tuple[str, str]] = Counter()
    found = []
    for each in entries:
        if not isinstance(each, data.Transaction):
            continue
        postings = tuple(
            (posting.account, posting.units.currency, _units(posting.units.number, posting.units.currency))
            for posting in each.postings
        )
        for account, commodity, amount in postings:
            running[account, commodity] += amount
        [number], [project] = each.links, each.tags
        after = {key: has for key, has in running.items() if has}
        found.append(Shown(number, each.date, project, each.payee, each.narration, postings, after))
    return found


EVERY = read_example()


def _moved(postings: Any) -> Balances:
    moved: Counter[tuple[str, str]] = Counter()
    for account, commodity, amount in postings:
        moved[account, commodity] += amount
    return {key: amount for key, amount in moved.items() if amount}


def _fill_registers(clerk: Any) -> None:
    with clerk.workspace.write() as unit:
        people.add_user(unit, "zhang", roles=["maker"])
        people.add_user(unit, "li", roles=["approver"])
        registry.add_village(unit, "V13", name="示范村")
        register.add_book(unit, "SF", village="V13", name="示范村通村公路专账", started_on=date(2024, 1, 1))
        for channel, source in SOURCES.items():
            channels.add_channel(unit, channel, name=channel, source=source)
        channels.add_good(unit, "CEMENT", name="水泥", unit_name="吨", scale=3)
        for bank, (name, kind, held) in BANKS.items():
            register.add_bank(unit, "SF", bank, name=name, kind=kind, channels=held)
        for project, budget in BUDGETS.items():
            title = TITLES[project]
            lines = dict.fromkeys(budget, 0)
            registry.add_project(unit, "SF", project, title=title, name=title, budget=lines, detail={"unit": "km"})
        unit.commit()


def _enter(clerk: Any, shown: Shown) -> Entered:
    """Enter a voucher by its verb, as it stands in the book then."""
    entered = Entered()
    clerk.day = shown.day.isoformat()
    try:
        draft = clerk.try_draft(BY_VERB[shown.number])
    except Refusal as refusal:
        entered.refusal = f"{type(refusal).__name__}: {explain(refusal, 'zh')}"
        return entered
    entered.moved = _moved((each["account"], each["commodity"], each["amount"]) for each in draft["postings"])
    entered.number = clerk.seal(draft["draft"])
    entered.after = clerk.balances()
    return entered


@pytest.fixture(scope="module")
def desk(blank_clerk: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    with blank_clerk() as clerk:
        _fill_registers(clerk)
        yield clerk


@pytest.fixture(scope="module")
def book(desk: Any) -> dict[str, Entered]:
    """The example, entered voucher by voucher."""
    entered = {shown.number: _enter(desk, shown) for shown in EVERY}
    settle(desk.workspace)
    return entered


def test_the_example_has_75_vouchers() -> None:
    assert len(EVERY) == 75
    assert list(BY_VERB) == [shown.number for shown in EVERY]


@pytest.mark.parametrize("shown", EVERY, ids=lambda each: each.number)
def test_a_verb_finds_the_figures_of_the_example(shown: Shown, book: dict[str, Entered]) -> None:
    entered = book[shown.number]
    assert entered.refusal == ""
    assert entered.moved == _moved(shown.postings)


@pytest.mark.parametrize("shown", EVERY, ids=lambda each: each.number)
def test_every_balance_is_that_of_the_example(shown: Shown, book: dict[str, Entered]) -> None:
    assert book[shown.number].after == shown.after
    assert f"V{book[shown.number].number}" == shown.number


def test_the_books_of_the_example_pass_beancount_and_close_alike(desk: Any, book: dict[str, Entered]) -> None:
    entries, errors, _ = loader.load_file(str(desk.workspace.books / "SF" / "main.beancount"))
    assert [each.message for each in errors] == []
    postings = [
        (posting.account, posting.units.currency, _units(posting.units.number, posting.units.currency))
        for each in entries
        if isinstance(each, data.Transaction)
        for posting in each.postings
    ]
    assert _moved(postings) == EVERY[-1].after


def test_the_books_open_the_accounts_that_the_example_opens(desk: Any, book: dict[str, Entered]) -> None:
    def opened(path: Path) -> dict[str, set[str]]:
        entries, _, _ = loader.load_file(str(path))
        return {each.account: set(each.currencies) for each in entries if isinstance(each, data.Open)}

    assert opened(desk.workspace.books / "SF" / "main.beancount") == opened(EXAMPLE)


def test_the_example_is_made_again_from_its_books_alone(desk: Any, book: dict[str, Entered], tmp_path: Path) -> None:
    made = rebuild(desk.workspace.books, tmp_path / "again", effects=EFFECTS)
    assert made.right
    with desk.workspace.read() as connection:
        assert list(made.logs) == restores.heads(connection)
    assert made.vouchers == len(book) == 75
    for path in (desk.workspace.books / "SF").rglob("*"):
        if path.is_file():
            again = tmp_path / "again" / "books" / path.relative_to(desk.workspace.books)
            assert again.read_bytes() == path.read_bytes()
