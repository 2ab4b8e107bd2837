"""What a clerk can record: each verb with what it asks for and the function that makes a proposal of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ledger.balances import State
from ledger.proposals import Proposal
from ledger.seal import Sealed
from ledger.store.workspace import Unit
from projects.events import (
    budgets,
    changes,
    closing,
    contracts,
    cuts,
    deposits,
    direct,
    expenses,
    goods,
    interest,
    openings,
    payments,
    prefinancing,
    receipts,
    requests,
    retention,
    returns,
    works,
)
from projects.events.entries import Say
from projects.request import Request

PROPOSE: Mapping[str, tuple[type[Request], Callable[[State, Any, Say], Proposal]]] = {
    "allot": (requests.Allot, budgets.allot),
    "revise-up": (requests.ReviseUp, budgets.revise_up),
    "revise-down": (requests.ReviseDown, budgets.revise_down),
    "plan": (requests.Plan, budgets.plan),
    "waive": (requests.Waive, budgets.waive),
    "receive": (requests.Receive, receipts.receive),
    "send-back": (requests.SendBack, returns.send_back),
    "refund-household": (requests.RefundHousehold, returns.refund_household),
    "interest": (requests.Interest, interest.interest),
    "contract": (requests.MakeContract, contracts.make_contract),
    "change-up": (requests.ChangeUp, changes.change_up),
    "change-down": (requests.ChangeDown, changes.change_down),
    "decommit": (requests.Decommit, changes.decommit),
    "deposit-receive": (requests.DepositReceive, deposits.receive_deposit),
    "deposit-return": (requests.DepositReturn, deposits.return_deposit),
    "advance": (requests.Advance, contracts.advance),
    "refund-advance": (requests.RefundAdvance, cuts.refund_advance),
    "certify": (requests.Certify, works.certify),
    "change-source": (requests.ChangeSource, changes.change_source),
    "pay": (requests.Pay, payments.pay),
    "pay-direct": (requests.PayDirect, direct.pay_direct),
    "bounce": (requests.Bounce, direct.bounce),
    "prefinance": (requests.Prefinance, prefinancing.prefinance),
    "repay": (requests.Repay, prefinancing.repay),
    "purchase": (requests.Purchase, expenses.purchase),
    "spend": (requests.Spend, expenses.spend),
    "aid": (requests.Aid, expenses.aid),
    "relief": (requests.Relief, expenses.relief),
    "wages-earn": (requests.WagesEarn, expenses.earn_wages),
    "wages-pay": (requests.WagesPay, expenses.pay_wages),
    "inkind-buy": (requests.InkindBuy, goods.buy_goods),
    "inkind-lose": (requests.InkindLose, goods.lose_goods),
    "inkind-receive": (requests.InkindReceive, goods.receive_goods),
    "inkind-issue": (requests.InkindIssue, goods.issue_goods),
    "inkind-return": (requests.InkindReturn, goods.return_goods),
    "labour": (requests.Labour, works.labour),
    "cut": (requests.Cut, cuts.cut),
    "refund-cut": (requests.RefundCut, cuts.refund_cut),
    "accept": (requests.Accept, works.accept),
    "release": (requests.ReleaseRetention, retention.release),
    "forfeit": (requests.ForfeitRetention, retention.forfeit),
    "repair-pay": (requests.PayRepair, retention.pay_repair),
    "return": (requests.ReturnSurplus, returns.return_surplus),
    "cancel": (requests.Cancel, closing.cancel),
    "year-end": (requests.CloseYear, closing.close_year),
    "opening": (requests.Opening, openings.opening),
}
"""For each verb of the clerk what it asks for, and how a proposal comes of it."""

EFFECTS: Mapping[str, Callable[[Unit, Sealed], None]] = {
    "contract": contracts.keep_contract,
    "acceptance": works.keep_observations,
}
"""What the application writes beside the postings when an event is sealed."""
