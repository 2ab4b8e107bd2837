"""Reconciliation: the bank's statement against the sealed vouchers of the account, line by line."""
