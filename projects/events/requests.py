"""What a clerk asks for: one model per event, read from text as typed, validated before anything is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from ledger import money
from ledger.errors import ChoiceUnknown, Names
from ledger.text import code, words
from projects.errors import (
    AssetUnreadable,
    InvoiceTwice,
    ItemUnreadable,
    ObservationUnreadable,
    PartTwice,
    PartUnreadable,
)
from projects.purposes.rule import read_category
from projects.request import (
    BankCode,
    ChannelCode,
    ContractCode,
    Day,
    Fen,
    GoodCode,
    Heads,
    LoanCode,
    Needed,
    PayeeCode,
    Percent,
    ProjectCode,
    Request,
    Words,
)

CONTRACT_KINDS = ("works", "goods", "services")
"""What a contract is about: 工程, 货物, 服务; the thresholds of tenders and procurement go by it."""


def read_contract_kind(text: str) -> str:
    """Read what a contract is about."""
    if text not in CONTRACT_KINDS:
        raise ChoiceUnknown(about="contract-kind", text=text, choices=Names(CONTRACT_KINDS))
    return text


ContractKind = Annotated[str, BeforeValidator(read_contract_kind)]


Category = Annotated[str, BeforeValidator(read_category)]


def read_parts(texts: list[str]) -> dict[str, int]:
    """Read parts such as ``JT2024=860000``."""
    parts: dict[str, int] = {}
    for text in texts:
        channel, equals, amount = text.replace("＝", "=").partition("=")
        if not equals:
            raise PartUnreadable(text=text)
        channel = code(channel.strip(), "channel")
        if channel in parts:
            raise PartTwice(channel=channel)
        parts[channel] = money.parse(amount)
    return parts


def read_invoices(texts: list[str]) -> dict[str, int | None]:
    """Read invoices such as ``24532000000012345678``, or ``053001900104-12345678=500`` where a part is paid."""
    found: dict[str, int | None] = {}
    for text in texts:
        number, equals, amount = text.replace("＝", "=").partition("=")
        number = number.strip()
        if number in found:
            raise InvoiceTwice(invoice=number)
        found[number] = money.parse(amount) if equals else None
    return found


def read_observations(texts: list[str]) -> dict[str, tuple[int, int]]:
    """Read observations such as ``paved-road=5/5``."""
    found = {}
    for text in texts:
        match = re.fullmatch(r"([a-z][a-z0-9-]{1,39})=([0-9]{1,9})/([0-9]{1,9})", text.strip(), re.ASCII)
        if match is None or int(match[3]) == 0 or match[1] in found:
            raise ObservationUnreadable(text=text)
        found[match[1]] = (int(match[2]), int(match[3]))
    return found


ASSETS = ("fixed", "consumable", "productive", "public", "intangible")
"""Kinds of assets: 固定资产, 消耗性、生产性、公益性生物资产, 无形资产."""


def read_assets(texts: list[str]) -> dict[str, tuple[int | None, str]]:
    """Read assets such as ``fixed=800000:3.5 km``; the one without an amount takes what is left."""
    found: dict[str, tuple[int | None, str]] = {}
    for text in texts:
        kind, _, rest = text.replace("＝", "=").replace("：", ":").partition("=")
        amount, _, measured = rest.partition(":")
        kind, open_ended = kind.strip(), any(fen is None for fen, _ in found.values())
        if kind not in ASSETS or kind in found or (not amount.strip() and open_ended):
            raise AssetUnreadable(text=text, kinds=Names(ASSETS))
        found[kind] = (money.parse(amount) if amount.strip() else None, words(measured, "assets", needed=False))
    return found


@dataclass(frozen=True)
class ItemAsked:
    """A work item as it was typed: quantity in thousandths, price in fen; only a new item has name, unit and price."""

    code: str
    quantity: int
    name: str = ""
    unit: str = ""
    price: int = 0
    channel: str = ""


_ITEM = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
_NEW = range(3, 5)
"""A new item has name, unit, quantity and price, and may have a channel: so many colons."""


def read_items(texts: list[str]) -> dict[str, ItemAsked]:
    """Read work items: a new one such as ``A01=路面:m2:12000:85.50``, more or less of an old one such as ``A01=30``."""
    found: dict[str, ItemAsked] = {}
    for text in texts:
        typed, equals, rest = text.replace("＝", "=").replace("：", ":").partition("=")
        item, told = typed.strip().upper(), [each.strip() for each in rest.split(":")]
        if not equals or not _ITEM.fullmatch(item) or len(told) - 1 not in {0, *_NEW}:
            raise ItemUnreadable(text=text)
        if item in found:
            raise ItemUnreadable(about="twice", text=item)
        if len(told) == 1:
            found[item] = ItemAsked(item, money.parse_quantity(told[0], scale=3))
            continue
        name, unit, quantity, price, *channel = told
        if "|" in name + unit:
            raise ItemUnreadable(text=text)
        found[item] = ItemAsked(
            item,
            money.parse_quantity(quantity, scale=3),
            words(name, "items"),
            words(unit, "items"),
            money.parse(price),
            code(channel[0], "channel") if channel and channel[0] else "",
        )
    return found


def read_assigned(texts: list[str]) -> dict[str, str]:
    """Read which channel pays for an item, such as ``B02=SL2024``."""
    found = {}
    for text in texts:
        typed, equals, channel = text.replace("＝", "=").partition("=")
        item = typed.strip().upper()
        if not equals or not _ITEM.fullmatch(item) or item in found:
            raise ItemUnreadable(about="assigned", text=text)
        found[item] = code(channel.strip(), "channel")
    return found


Invoices = Annotated[dict[str, int | None], BeforeValidator(read_invoices)]
Parts = Annotated[dict[str, int], BeforeValidator(read_parts)]
Items = Annotated[dict[str, ItemAsked], BeforeValidator(read_items)]
Assigned = Annotated[dict[str, str], BeforeValidator(read_assigned)]
Assets = Annotated[dict[str, tuple[int | None, str]], BeforeValidator(read_assets)]
Observations = Annotated[dict[str, tuple[int, int]], BeforeValidator(read_observations)]


class Addressed(Request):
    """What is about somebody who may be a payee of the register."""

    payee: PayeeCode | None = None


class Invoiced(Addressed):
    """What may be paid on invoices; those without an amount take what is left."""

    invoices: Invoices = Field(default_factory=dict)


class Allot(Request):
    """指标下达: the authority of a channel allots money to a project."""

    verb = "allot"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    number: Words = ""


class Plan(Request):
    """筹资方案: the households decide to raise money (一事一议); by `people` the cap a head is judged."""

    verb = "plan"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    number: Words = ""
    people: Heads | None = None


class Receive(Request):
    """到账: money arrives in the bank, or a household pays in cash, or cash is banked."""

    verb = "receive"
    exclusive = (
        ("cash", "from_cash"),
        ("cash", "bank"),
        ("cash", "from_own"),
        ("from_cash", "from_own"),
        ("hold", "cash"),
        ("hold", "from_cash"),
        ("hold", "from_own"),
        ("hold", "allot"),
    )
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    bank: BankCode | None = None
    cash: bool = False
    from_cash: bool = False
    from_own: BankCode | None = None
    hold: bool = False
    allot: bool = False
    number: Words = ""


class ReviseUp(Request):
    """追加指标: an allotment is raised, by a document and for a reason."""

    verb = "revise-up"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    number: Needed
    reason: Needed


class ReviseDown(Request):
    """调减指标: what has not arrived is taken back; without an amount all of it that is still free."""

    verb = "revise-down"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen | None = None
    number: Needed
    reason: Needed


class Waive(Request):
    """免收筹资: households need not pay a part of what they owe."""

    verb = "waive"
    project: ProjectCode
    channel: ChannelCode | None = None
    amount: Fen
    number: Words = ""


class RefundHousehold(Addressed):
    """退还筹资: what a household paid goes back to it, and is no longer part of the plan."""

    verb = "refund-household"
    exclusive = (("cash", "bank"),)
    project: ProjectCode
    channel: ChannelCode | None = None
    amount: Fen
    cash: bool = False
    bank: BankCode | None = None
    number: Words = ""


class SendBack(Request):
    """退回暂收款: what came over plan goes back to who sent it."""

    verb = "send-back"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen | None = None
    bank: BankCode | None = None


class ReturnSurplus(Request):
    """结余上缴: what is left goes back to its source, after acceptance or cancellation."""

    verb = "return"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen | None = None
    bank: BankCode | None = None
    to_own: BankCode | None = None


class Interest(Request):
    """利息: the bank's interest on a dedicated account, split by the daily balances of its channels."""

    verb = "interest"
    project: ProjectCode
    amount: Fen | None = None
    bank: BankCode | None = None
    start: Day | None = None
    until: Day | None = None
    parts: Parts = Field(default_factory=dict)
    reason: Words = ""


class MakeContract(Addressed):
    """合同: budget of the named channels is committed."""

    verb = "contract"
    contract: ContractCode
    parts: Parts = Field(default_factory=dict)
    name: Words = ""
    items: Items = Field(default_factory=dict)
    kind: ContractKind = "works"
    category: Category = ""


class Advance(Invoiced):
    """预付款: paid before the work, from each channel's cash."""

    verb = "advance"
    exclusive = (("amount", "percent"), ("percent", "parts"))
    contract: ContractCode
    amount: Fen | None = None
    percent: Percent | None = None
    parts: Parts = Field(default_factory=dict)
    bank: BankCode | None = None


class RefundAdvance(Request):
    """退回预付款: the contractor pays an advance back; the contract has it to use again."""

    verb = "refund-advance"
    exclusive = (("amount", "parts"),)
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    bank: BankCode | None = None


class ChangeUp(Request):
    """合同变更增加: more work for more money, from the channels that are named."""

    verb = "change-up"
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    number: Words = ""
    reason: Needed
    items: Items = Field(default_factory=dict)


class ChangeDown(Request):
    """合同变更减少: less work; its budget is free again."""

    verb = "change-down"
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    number: Words = ""
    reason: Needed
    items: Items = Field(default_factory=dict)


class Decommit(Request):
    """释放合同占用: the contract is settled; what it does not need is free again."""

    verb = "decommit"
    exclusive = (("amount", "settled"), ("parts", "settled"))
    contract: ContractCode
    amount: Fen | None = None
    settled: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    reason: Words = ""


class ChangeSource(Request):
    """调整资金来源: what is certified and not yet paid is taken over by another channel."""

    verb = "change-source"
    contract: ContractCode
    from_channel: ChannelCode
    to_channel: ChannelCode
    amount: Fen | None = None
    number: Needed
    reason: Words = ""


class Certify(Request):
    """计量: measured work is accepted for payment, less retention and offset of the advance."""

    verb = "certify"
    exclusive = (("retention", "no_retention"), ("items", "amount"), ("parts", "assigned"))
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    retention: Percent | None = None
    no_retention: bool = False
    offset: Fen | None = None
    reason: Words = ""
    items: Items = Field(default_factory=dict)
    assigned: Assigned = Field(default_factory=dict)


class Pay(Invoiced):
    """支付: what was certified is paid, each channel from its own cash."""

    verb = "pay"
    exclusive = (("channel", "parts"),)
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    channel: ChannelCode | None = None
    partial: bool = False
    bank: BankCode | None = None


class PayDirect(Invoiced):
    """直接支付: the treasury or a donor pays the contractor without the money passing through the account."""

    verb = "pay-direct"
    contract: ContractCode
    amount: Fen | None = None
    channel: ChannelCode | None = None
    ahead: bool = False


class Bounce(Request):
    """退汇: the bank sends a payment back; it is owed again."""

    verb = "bounce"
    exclusive = (("amount", "parts"),)
    voucher: str
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)


class Purchase(Invoiced):
    """零星采购: works or services bought without a contract."""

    verb = "purchase"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    category: Category = ""
    bank: BankCode | None = None


class Spend(Invoiced):
    """公益支出: money that forms no asset, such as a training; `fee` says that it is a fee of management."""

    verb = "spend"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    category: Category = ""
    bank: BankCode | None = None
    fee: bool = False
    loan: LoanCode | None = None
    quarter: Words = ""


class Aid(Addressed):
    """到户补助: money for households; with `loan` and `quarter` it is the subsidy of a micro-loan's interest."""

    verb = "aid"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    bank: BankCode | None = None
    number: Words = ""
    loan: LoanCode | None = None
    quarter: Words = ""


class Relief(Addressed):
    """风险金救助: the risk reserve helps who was struck."""

    verb = "relief"
    project: ProjectCode
    channel: ChannelCode | None = None
    amount: Fen
    bank: BankCode | None = None
    number: Words = ""


class WagesEarn(Request):
    """以工代赈: workdays that villagers are paid for."""

    verb = "wages-earn"
    project: ProjectCode
    channel: ChannelCode
    days: str
    rate: Fen


class WagesPay(Addressed):
    """发放劳务报酬: the wages that were earned are paid, each channel from its own cash."""

    verb = "wages-pay"
    exclusive = (("channel", "parts"),)
    project: ProjectCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    channel: ChannelCode | None = None
    bank: BankCode | None = None


class Prefinance(Invoiced):
    """垫付: one channel pays for another that has not come yet, until it is repaid."""

    verb = "prefinance"
    contract: ContractCode
    borrower: ChannelCode | None = None
    lender: ChannelCode | None = None
    amount: Fen | None = None
    bank: BankCode | None = None
    number: Needed


class Repay(Request):
    """归还垫付: the channel that was helped pays back, to the account that the money came from."""

    verb = "repay"
    project: ProjectCode
    borrower: ChannelCode | None = None
    lender: ChannelCode | None = None
    amount: Fen | None = None


class Cut(Request):
    """审减: the audit takes certified work back; what was paid of it has to be refunded."""

    verb = "cut"
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    number: Needed


class RefundCut(Request):
    """退回审减款: the contractor pays back what the audit cut."""

    verb = "refund-cut"
    exclusive = (("amount", "parts"),)
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    bank: BankCode | None = None


class ReleaseRetention(Invoiced):
    """退质保金: the term is over and the retention is paid."""

    verb = "release"
    exclusive = (("contract", "project"), ("amount", "parts"))
    project: ProjectCode | None = None
    contract: ContractCode | None = None
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    due: Day | None = None
    bank: BankCode | None = None


class ForfeitRetention(Addressed):
    """扣用质保金: the contractor does not repair; the retention is owed to who does."""

    verb = "forfeit"
    exclusive = (("amount", "parts"),)
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    reason: Needed


class PayRepair(Invoiced):
    """支付维修款: who repaired is paid out of the retention that was forfeited."""

    verb = "repair-pay"
    exclusive = (("amount", "parts"),)
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    bank: BankCode | None = None


class DepositReceive(Request):
    """收保证金: a contractor's deposit, in an account of its own."""

    verb = "deposit-receive"
    contract: ContractCode
    amount: Fen
    channel: ChannelCode | None = None
    bank: BankCode | None = None


class DepositReturn(Addressed):
    """退保证金: the deposit goes back, all that is held if no amount is named."""

    verb = "deposit-return"
    contract: ContractCode
    amount: Fen | None = None
    channel: ChannelCode | None = None
    bank: BankCode | None = None


class InkindBuy(Invoiced):
    """购入物资: goods bought for the store, paid at once or owed under a contract."""

    verb = "inkind-buy"
    exclusive = (("bank", "contract"),)
    project: ProjectCode
    channel: ChannelCode
    good: GoodCode
    quantity: str
    amount: Fen
    lot: Words = ""
    bank: BankCode | None = None
    contract: ContractCode | None = None


class InkindLose(Request):
    """物资损失: goods that are gone, at the value of their lot."""

    verb = "inkind-lose"
    project: ProjectCode
    channel: ChannelCode
    good: GoodCode
    quantity: str
    lot: Words = ""
    reason: Needed


class InkindReceive(Request):
    """实物入库: goods come into the store, by quantity and value."""

    verb = "inkind-receive"
    project: ProjectCode
    channel: ChannelCode
    good: GoodCode
    quantity: str
    amount: Fen
    lot: Words = ""


class InkindIssue(Request):
    """实物领用: goods leave the store for the works, at the value of their lot."""

    verb = "inkind-issue"
    project: ProjectCode
    channel: ChannelCode
    good: GoodCode
    quantity: str
    lot: Words = ""


class InkindReturn(Request):
    """实物退回: goods go back to their source, at the value of their lot."""

    verb = "inkind-return"
    project: ProjectCode
    channel: ChannelCode
    good: GoodCode
    quantity: str
    lot: Words = ""


class Labour(Request):
    """投工投劳: workdays given by villagers, at a rate."""

    verb = "labour"
    project: ProjectCode
    channel: ChannelCode
    days: str
    rate: Fen
    labourers: Heads | None = None


class Accept(Request):
    """验收: the works become public assets, and what was measured moves the indicators."""

    verb = "accept"
    exclusive = (("assets", "no_asset"),)
    project: ProjectCode
    quantity: str
    observe: Observations = Field(default_factory=dict)
    assets: Assets = Field(default_factory=dict)
    no_asset: bool = False
    warranty_until: Day | None = None


class Cancel(Request):
    """项目终止: contracts are released, and what was built is expense."""

    verb = "cancel"
    project: ProjectCode
    number: Words = ""
    reason: Needed


class CloseYear(Request):
    """年终结转: income and expense of the year are carried to the year's result."""

    verb = "year-end"


class Reverse(Request):
    """红冲: a sealed voucher is negated."""

    verb = "reverse"
    voucher: str
    reason: str


class Opening(Request):
    """期初: balances that stand when the book begins to be kept here."""

    verb = "opening"
    project: ProjectCode
    lines: list[str]
