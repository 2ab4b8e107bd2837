"""Deposits of contractors: other people's money, in an account of its own, in no project's budget."""

from __future__ import annotations

from ledger.balances import State
from ledger.chart import Place
from ledger.proposals import Proposal
from projects.contracts import Contract, need_contract
from projects.errors import NothingLeft
from projects.events.entries import Say, bank_for, entry, need_source, only_channel, proposal
from projects.events.requests import DepositReceive, DepositReturn


def receive_deposit(state: State, ask: DepositReceive, say: Say) -> Proposal:
    """收保证金: a contractor's deposit lies in the deposit account until it goes back.

    Raises:
        SourceUnfit: the channel is not one of deposits.
        ChannelAmbiguous, BankMissing, BankAmbiguous: which channel and account it is.
    """
    contract, place, channel = _place(state, ask)
    lines = entry(state, "deposit_received", place, {channel: {"amount": ask.amount}})
    narration = say("deposit-received", contract=ask.contract)
    return proposal(ask, "deposit_received", place, lines, narration=narration, party=contract.payee)


def return_deposit(state: State, ask: DepositReturn, say: Say) -> Proposal:
    """退保证金: a deposit goes back; without an amount all that is held for the contract.

    Raises:
        NothingLeft: nothing is held.
        SourceUnfit, ChannelAmbiguous, BankMissing, BankAmbiguous: which channel and account it is.
        BelowFloor: more than is held.
    """
    contract, place, channel = _place(state, ask)
    amount = state.left("deposit", place, channel) if ask.amount is None else ask.amount
    if amount == 0:
        raise NothingLeft(about="deposit", contract=ask.contract)
    lines = entry(state, "deposit_returned", place, {channel: {"amount": amount}})
    narration = say("deposit-returned", contract=ask.contract)
    return proposal(ask, "deposit_returned", place, lines, narration=narration, party=contract.payee)


def _place(state: State, ask: DepositReceive | DepositReturn) -> tuple[Contract, Place, str]:
    contract, _ = need_contract(state, ask.contract)
    held = {channel for bank in state.banks.values() for channel in bank.channels}
    fit = [channel for channel in held if state.source(channel) == "deposit"]
    channel = only_channel(state, contract.project, ask.channel, fit)
    need_source(state, channel, "deposit", "deposit")
    bank = bank_for(state, channel, ask.bank)
    return contract, state.place(contract.project, contract=contract.code, bank=bank), channel
