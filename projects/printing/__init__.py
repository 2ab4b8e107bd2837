"""Vouchers as paper: 记账凭证 for the binder, a page for each."""

from projects.printing.voucher import SHEETS, print_vouchers

__all__ = ["SHEETS", "print_vouchers"]
