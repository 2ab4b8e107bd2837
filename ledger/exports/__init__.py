"""A book for programs of others: the same vouchers and balances as hledger, ledger-cli and spreadsheets read them."""

from ledger.exports.form import FORMS, export

__all__ = ["FORMS", "export"]
