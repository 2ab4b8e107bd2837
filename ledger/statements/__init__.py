"""Statements of a book for a month or a year, made of its sealed vouchers."""

from ledger.statements.made import STATEMENTS
from ledger.statements.period import Period
from ledger.statements.statement import Statement, text

__all__ = ["STATEMENTS", "Period", "Statement", "text"]
