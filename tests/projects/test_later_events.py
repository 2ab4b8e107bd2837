"""Everything else that happens to a project's money: entries, refusals for each floor, reversals, what is computed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import test_events as first_events
from conftest import Clerk, Clock, Salts, Stories, read_line

from ledger import channels, register
from ledger.balances import State
from ledger.books.write import settle
from ledger.errors import LeansOn, Refusal
from ledger.messages import explain
from ledger.store import workspace as workspaces
from ledger.verify import verify
from projects import errors, registry
from projects.events.prefinancing import open_prefinancing
from projects.events.verbs import PROPOSE
from projects.figures import FIGURES
from projects.identities import identities
from projects.status import status
from projects.traces import trace

DATA = Path(__file__).parents[1] / "data"
Unchanged = Callable[[], AbstractContextManager[None]]
MORE = [
    ("DB2024", "施工保证金", "deposit"),
    ("FX2024", "项目风险金", "risk_reserve"),
    ("WX2024", "不定向社会捐赠", "donation_untied"),
    ("XD2024", "小额信贷", "micro_loan"),
]
TRAINING = {"WS2024": 1000_00, "ZC2024": 100_00, "WX2024": 100_00, "CJ2024": 100_00}

# The road P001 and the clinic P002: what was allotted, and what of it has arrived.
FUNDED = """
allot project=P001 channel=JT2024 amount=1000
allot project=P001 channel=JZ2024 amount=500
plan project=P001 channel=ZC2024 amount=300
allot project=P001 channel=SN2024 amount=400
allot project=P001 channel=TG2024 amount=200
receive project=P001 channel=JT2024 amount=600
receive project=P001 channel=JZ2024 amount=200
allot project=P002 channel=WS2024 amount=1000
receive project=P002 channel=WS2024 amount=400
opening project=P000 lines=own_bank:B00=CJ2024:50
"""
CASH = f"""{FUNDED}
receive project=P001 channel=ZC2024 amount=200 cash
"""
STORED = f"""{FUNDED}
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=10 amount=100
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=20 amount=250
"""
CONTRACTED = f"""{FUNDED}
contract contract=P001C01 parts=JT2024=600,JZ2024=400 party=施工单位
"""
ADVANCED = f"""{CONTRACTED}
advance contract=P001C01 percent=10%
"""
CERTIFIED = f"""{ADVANCED}
certify contract=P001C01 amount=500
"""
PAID = f"""{CERTIFIED}
pay contract=P001C01 partial
"""
DEPOSITED = f"""{CONTRACTED}
deposit-receive contract=P001C01 amount=50
"""
OVERPAID = f"""{FUNDED}
receive project=P001 channel=ZC2024 amount=310 hold
receive project=P001 channel=JT2024 amount=500 hold
"""
HIRED = f"""{FUNDED}
wages-earn project=P001 channel=JT2024 days=2 rate=100
wages-earn project=P001 channel=JZ2024 days=1 rate=100
"""
WAGED = f"""{HIRED}
wages-pay project=P001
"""
OWN = f"""{CERTIFIED}
receive project=P001 channel=CJ2024 amount=20
"""
LENT = f"""{PAID}
prefinance contract=P001C01 number=村代会1号
receive project=P001 channel=JZ2024 amount=50
"""
CUT = f"""{PAID}
cut contract=P001C01 amount=100 number=审1号
"""
BUILT = f"""{CONTRACTED}
receive project=P001 channel=CJ2024 amount=20
certify contract=P001C01 amount=700
pay contract=P001C01 partial
decommit contract=P001C01
accept project=P001 quantity=3.5 warranty_until=2024-03-02
"""
PAID_OFF = f"""{BUILT}
receive project=P001 channel=JT2024 amount=100
receive project=P001 channel=JZ2024 amount=150
pay contract=P001C01
"""
FORFEITED = f"""{PAID_OFF}
forfeit contract=P001C01 amount=10 reason=不来维修 party=维修队
"""
REPAIRED = f"""{FORFEITED}
repair-pay contract=P001C01
"""
TRAINED = f"""{FUNDED}
receive project=P004 channel=WS2024 amount=1000 allot
receive project=P004 channel=WX2024 amount=100 allot
spend project=P004 channel=WS2024 amount=300 party=培训机构
"""
RESERVED = f"""{FUNDED}
receive project=P003 channel=FX2024 amount=300
"""
BOUGHT = f"""{FUNDED}
inkind-buy project=P001 channel=JT2024 good=CEMENT quantity=10 amount=100
"""
LOST = f"""{STORED}
inkind-lose project=P001 channel=SN2024 good=CEMENT quantity=4 lot=S1 reason=水淹
"""
HALFWAY = f"""{CONTRACTED}
certify contract=P001C01 amount=500
"""
SPENT_EARLY = f"""{CONTRACTED}
certify contract=P001C01 parts=JT2024=600,JZ2024=400 no_retention reason=实测
accept project=P001 quantity=3.5 no_asset
"""
RELEASED = f"""{PAID_OFF}
release project=P001 date=2024-03-02
"""
LENT_WITHIN = f"""{CERTIFIED}
prefinance contract=P001C01 borrower=JZ2024 lender=JT2024 amount=10 number=村代会1号
"""
ZC_HELD = f"""{OVERPAID}
contract contract=P001C01 parts=ZC2024=260
"""
CASH_HELD = f"""{CASH}
contract contract=P001C01 parts=ZC2024=260
"""
LENT_HELD = f"""{OVERPAID}
contract contract=P001C01 parts=JZ2024=400
certify contract=P001C01 amount=400 no_retention
prefinance contract=P001C01 borrower=JZ2024 lender=ZC2024 amount=305 number=村代会1号
"""
EARNING = f"""{FUNDED}
interest project=P001 parts=JT2024=1 reason=银行分渠道计息 until=2024-03-01
"""
ZC_CONTRACT = f"""{FUNDED}
contract contract=P001C01 parts=ZC2024=100,JT2024=100
certify contract=P001C01 amount=100
"""
TIGHT = f"""{FUNDED}
contract contract=P001C01 parts=JT2024=900
certify contract=P001C01 amount=800
"""
SMALL = f"""{FUNDED}
contract contract=P001C01 parts=JT2024=500
certify contract=P001C01 amount=450 no_retention
"""
BOUNCED = f"""{PAID}
bounce voucher=V2024-03-0014
"""
HIRED_POOR = f"""{FUNDED}
wages-earn project=P001 channel=JZ2024 days=3 rate=100
"""
LENT_POOR = f"""{PAID}
prefinance contract=P001C01 number=村代会1号
"""
TRAINED_UP = f"""{TRAINED}
receive project=P004 channel=WS2024 amount=1 hold
"""
BUILT_POOR = f"""{FUNDED}
contract contract=P001C01 parts=JZ2024=400
certify contract=P001C01 amount=400
pay-direct contract=P001C01 channel=JZ2024 amount=199
pay contract=P001C01 parts=JZ2024=189
purchase project=P001 channel=JZ2024 amount=11
accept project=P001 quantity=3.5 warranty_until=2024-03-02
"""
FORFEITED_POOR = f"""{BUILT_POOR}
forfeit contract=P001C01 amount=10 reason=不来维修 party=维修队
"""
STILL_COMMITTED = f"""{FUNDED}
receive project=P001 channel=CJ2024 amount=20
receive project=P001 channel=JT2024 amount=400
contract contract=P001C01 parts=JT2024=600,CJ2024=10 party=施工单位
certify contract=P001C01 parts=JT2024=300 no_retention reason=实测
accept project=P001 quantity=3.5
"""
OWN_LENT = f"""{OWN}
prefinance contract=P001C01 borrower=JZ2024 lender=CJ2024 bank=B01 amount=15 number=村代会1号
accept project=P001 quantity=3.5
"""
LATE_INCOME = f"""{SPENT_EARLY}
year-end
receive project=P001 channel=JZ2024 amount=250
"""
STORIES = {
    "funded": FUNDED,
    "cash": CASH,
    "stored": STORED,
    "contracted": CONTRACTED,
    "advanced": ADVANCED,
    "certified": CERTIFIED,
    "paid": PAID,
    "deposited": DEPOSITED,
    "overpaid": OVERPAID,
    "hired": HIRED,
    "waged": WAGED,
    "own": OWN,
    "lent": LENT,
    "cut": CUT,
    "built": BUILT,
    "paidoff": PAID_OFF,
    "forfeited": FORFEITED,
    "repaired": REPAIRED,
    "trained": TRAINED,
    "reserved": RESERVED,
    "bought": BOUGHT,
    "lost": LOST,
    "zcheld": ZC_HELD,
    "earning": EARNING,
    "zccontract": ZC_CONTRACT,
    "tight": TIGHT,
    "small": SMALL,
    "bounced": BOUNCED,
    "hiredpoor": HIRED_POOR,
    "lentpoor": LENT_POOR,
    "trainedup": TRAINED_UP,
    "builtpoor": BUILT_POOR,
    "halfway": HALFWAY,
    "spentearly": SPENT_EARLY,
    "released": RELEASED,
    "lentwithin": LENT_WITHIN,
    "cashheld": CASH_HELD,
    "lentheld": LENT_HELD,
    "forfeitedpoor": FORFEITED_POOR,
    "stillcommitted": STILL_COMMITTED,
    "ownlent": OWN_LENT,
    "lateincome": LATE_INCOME,
}


def read_cases(name: str) -> list[Any]:
    """Read a table of cases: a name, the story before and what is typed, the lines that say what comes of it."""
    found = []
    blocks = (DATA / name).read_text(encoding="utf-8").split("\n\n")
    for title, first, *rest in (block.splitlines() for block in blocks if block.strip() and block[0] != "#"):
        story, _, typed = first.strip().partition(" > ")
        found.append(pytest.param(STORIES[story], typed, [each.strip() for each in rest], id=title))
    return found


ENTRIES = read_cases("later-entries.txt")
REFUSALS = read_cases("later-refusals.txt")


FIRST, FIRST_REFUSALS = first_events.ENTRIES, first_events.REFUSALS


@pytest.fixture(scope="session")
def village(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The village of all tests, with deposits, a risk reserve, an untied gift and a training besides."""
    path = tmp_path_factory.mktemp("later") / "ws"
    shutil.copytree(template, path)
    made = workspaces.open_workspace(path, clock=Clock(), salts=Salts())
    with made.write() as unit:
        for code, name, source in MORE:
            channels.add_channel(unit, code, name=name, source=source)
        register.allow_in_bank(unit, "SF", "B01", "WX2024")
        register.add_bank(unit, "SF", "B02", name="保证金户", kind="dedicated", channels=["DB2024"])
        register.add_bank(unit, "SF", "B03", name="风险金专户", kind="dedicated", channels=["FX2024"])
        registry.add_project(
            unit, "SF", "P003", title="风险金", name="项目风险金", budget={"FX2024": 1000_00}, detail={}
        )
        registry.add_project(unit, "SF", "P004", title="技术培训", name="技术培训", budget=TRAINING, detail={})
        unit.commit()
    settle(made)
    made.close()
    return path


@pytest.fixture(scope="session")
def later_stories(village: Path, tmp_path_factory: pytest.TempPathFactory) -> Stories:
    """Workspaces of that village in which a story was played."""
    return Stories(village, tmp_path_factory.mktemp("later-stories"))


@pytest.fixture
def clerk(village: Path, later_stories: Stories, tmp_path: Path) -> Iterator[Clerk]:
    """A clerk's desk in that village."""
    path = tmp_path / "ws"
    shutil.copytree(village, path)
    clock = Clock()
    made = Clerk(workspaces.open_workspace(path, clock=clock, salts=Salts()), clock, later_stories)
    yield made
    made.workspace.close()


def check_figures(clerk: Any) -> None:
    """Compare each figure with the vouchers behind it, and the two sides of each identity."""
    with clerk.workspace.read() as connection:
        for project, lines in status(connection, "SF").items():
            for figure in FIGURES:
                sums = dict.fromkeys(lines, 0)
                for each in trace(connection, "SF", project, figure):
                    sums[each.channel] += each.amount
                assert sums == {channel: getattr(of, figure) for channel, of in lines.items()}, (project, figure)
            for channel, told in identities(connection, "SF", project).items():
                assert [each.name for each in told if each.off] == [], (project, channel, told)


@pytest.mark.parametrize("before, line, entry", ENTRIES)
def test_an_event_makes_exactly_its_entry_and_its_reversal_undoes_it(
    before: str, line: str, entry: list[str], clerk: Any
) -> None:
    clerk.begin(before)
    balances = clerk.balances()
    number = clerk.seal(clerk.try_draft(line)["draft"])
    assert clerk.entry(number).splitlines() == entry
    assert clerk.balances() != balances
    day = clerk.sql("SELECT date FROM voucher WHERE number = ?", number)[0][0]
    clerk.do("reverse", voucher=number, reason="错记", date=day)
    assert clerk.balances() == balances


@pytest.mark.parametrize("before, line, expected", REFUSALS)
def test_a_refusal_says_why_and_leaves_the_record_as_it_was(
    before: str, line: str, expected: list[str], clerk: Any, unchanged: Unchanged, request: pytest.FixtureRequest
) -> None:
    clerk.begin(before)
    with unchanged(), pytest.raises(Refusal) as caught:
        clerk.try_draft(line)
    assert [caught.value.code, explain(caught.value, "zh")] == expected
    first_events.check_floor(caught.value, request.node.callspec.id)
    assert explain(caught.value, "en")


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_is_undone_from_its_end(story: str, clerk: Any) -> None:
    numbers = clerk.begin(story)
    for number in reversed(numbers):
        clerk.do("reverse", voucher=number, reason="错记", date="2024-03-02")
    assert clerk.balances() == {}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_figure_is_the_sum_of_its_vouchers_and_every_identity_holds(story: str, clerk: Any) -> None:
    clerk.begin(story)
    check_figures(clerk)


def test_a_closed_year_changes_no_figure_and_no_identity(clerk: Any) -> None:
    clerk.begin(TRAINED)
    clerk.play("year-end")
    check_figures(clerk)
    [closed] = clerk.sql("SELECT number FROM voucher WHERE event = 'year_end'")[0]
    clerk.do("reverse", voucher=closed, reason="漏记")
    check_figures(clerk)


def test_verify_is_content_with_every_event_and_with_their_reversals(clerk: Any) -> None:
    """A year end and its reversal stand outside the mirror, and nothing else does."""
    [*_, number] = [
        *clerk.begin(TRAINED),
        *clerk.play("""
            inkind-buy project=P001 channel=JT2024 good=CEMENT quantity=10 amount=100
            inkind-lose project=P001 channel=JT2024 good=CEMENT quantity=4 reason=水淹
            receive project=P003 channel=FX2024 amount=300
            relief project=P003 amount=120
            year-end
        """),
    ]
    assert [check.findings for check in verify(clerk.workspace, beancount=True) if check.findings] == []
    clerk.do("reverse", voucher=number, reason="漏记")
    clerk.play("spend project=P004 channel=WS2024 amount=1")
    clerk.play("year-end")
    assert [check.findings for check in verify(clerk.workspace, beancount=True) if check.findings] == []
    assert not [key for key in clerk.balances() if key[0].startswith(("Income", "Expenses", "Equity:321"))]


def test_what_was_spent_in_a_closed_year_is_reversed_after_its_year_end_only(clerk: Any, unchanged: Unchanged) -> None:
    spent = clerk.begin(TRAINED)[-1]
    [closed] = clerk.play("year-end")
    with unchanged(), pytest.raises(LeansOn) as caught:
        clerk.draft("reverse", voucher=spent, reason="错记")
    assert str(caught.value.facts["vouchers"]) == f"V{closed}"
    clerk.do("reverse", voucher=closed, reason="错记")
    clerk.do("reverse", voucher=spent, reason="错记")


def test_a_record_of_an_older_chart_learns_a_role_when_it_is_first_used(clerk: Any) -> None:
    clerk.tamper("DELETE FROM chart_role WHERE role IN ('repair', 'deposit_bank', 'wages')")
    clerk.play(f"""{CONTRACTED}
        deposit-receive contract=P001C01 amount=50
        wages-earn project=P001 channel=JT2024 days=1 rate=100
    """)
    assert clerk.sql("SELECT role FROM chart_role WHERE role IN ('repair', 'deposit_bank', 'wages') ORDER BY role") == [
        ("deposit_bank",),
        ("wages",),
    ]


# What is computed.


def test_interest_of_an_account_is_split_without_a_fen_left_over(clerk: Any) -> None:
    """Three shares of two projects, each by its days and its sum, are the bank's slip."""
    clerk.clock.set("2024-03-31")
    clerk.begin(FUNDED)
    clerk.play("""
        receive project=P001 channel=ZC2024 amount=77.77 date=2024-03-11
        purchase project=P001 channel=JT2024 amount=100 date=2024-03-16
    """)
    shares = {}
    for project in ("P001", "P002"):
        shown = clerk.draft("interest", project=project, amount="3.21", bank="B01", date="2024-03-21")
        for line in shown["postings"]:
            if ":102-" in line["account"]:
                shares[project, line["commodity"]] = line["amount"]
        clerk.seal(shown["draft"])
    days = {
        ("P001", "JT2024"): 600_00 * 15 + 500_00 * 5,
        ("P001", "JZ2024"): 200_00 * 20,
        ("P001", "ZC2024"): 77_77 * 10,
        ("P002", "WS2024"): 400_00 * 20,
    }
    exact = {key: 321 * weight / sum(days.values()) for key, weight in days.items()}
    assert sum(shares.values()) == 321
    assert all(abs(shares[key] - exact[key]) < 1 for key in days)
    [second] = [clerk.draft("interest", project="P001", amount="1", date="2024-03-31")]
    assert second["facts"]["interest-from"] == "2024-03-21"


def test_a_release_of_a_project_pays_every_contract_its_own(clerk: Any) -> None:
    clerk.begin(FUNDED)
    [*_, number] = clerk.play("""
        contract contract=P001C01 parts=JT2024=200
        contract contract=P001C02 parts=JT2024=100,JZ2024=100
        certify contract=P001C01 amount=200
        certify contract=P001C02 amount=200
        accept project=P001 quantity=3.5 warranty_until=2024-03-01
        release project=P001
    """)
    lines = [line for line in clerk.entry(number).splitlines() if "质保金" in line]
    assert lines == [
        "Liabilities:211-应付款:P001C01-质保金 6.00 JT2024",
        "Liabilities:211-应付款:P001C02-质保金 3.00 JT2024",
        "Liabilities:211-应付款:P001C02-质保金 3.00 JZ2024",
    ]


def test_pre_financing_stays_a_finding_until_it_is_repaid(clerk: Any) -> None:
    clerk.begin(LENT)

    def open_() -> list[tuple[str, str, int]]:
        with clerk.workspace.read() as connection:
            found = open_prefinancing(State(connection, "SF", drafts=False))
        return [(each.lender, each.borrower, each.amount) for each in found]

    assert open_() == [("CJ2024", "JZ2024", 14_00)]
    clerk.play("repay project=P001 amount=5")
    assert open_() == [("CJ2024", "JZ2024", 9_00)]
    clerk.play("repay project=P001")
    assert open_() == []


def test_money_that_came_is_told_apart_from_money_that_was_spent(clerk: Any) -> None:
    """Neither an expense nor a year end takes back what arrived."""
    clerk.begin(TRAINED)
    clerk.play("year-end")
    with clerk.workspace.read() as connection:
        figures = status(connection, "SF")["P004"]["WS2024"]
    assert (figures.allotted, figures.received, figures.paid, figures.cash) == (1000_00, 1000_00, 300_00, 700_00)


def test_every_verb_has_its_entry_here_or_with_the_first_ones() -> None:
    typed = [row.values[1] for row in [*ENTRIES, *FIRST]]
    assert {read_line(line)[0] for line in typed} >= PROPOSE.keys() - {"opening"}


def test_every_refusal_of_an_event_has_its_case() -> None:
    codes = {row.values[2][0] for row in [*REFUSALS, *FIRST_REFUSALS]}
    new = {
        "channel-ambiguous", "same-channel", "revision-over-unreceived", "not-finished", "already-finished", "over-held",
        "period-unfit", "settlement-unfit", "bounce-unfit", "prefinancing-unknown", "retention-early", "advance-open",
        "asset-unreadable", "assets-differ",
    }  # fmt: skip
    assert new <= {each.code for each in vars(errors).values() if isinstance(each, type) and each is not Refusal}
    assert new - codes == set()
