"""Notices: the sheet of paper on the wall, made from the ledger, and the proof that it says what the ledger says."""
