"""Names that the text of the books is made of; who reads a book without the record needs nothing else of us."""

from __future__ import annotations

HEAD = "main.beancount"
"""What is opened of a book; it includes the rest."""
REGISTER_FILE = "register.beancount"
"""Beside the months of a book, and included by its head."""
OFFICE_FILE = "office.beancount"
"""Beside the folders of the books."""
DOCUMENTS = "documents"
"""The folder of the papers in a book's folder; those of the office lie in one beside its log."""
PUBLIC_KEY = "office.pub"
"""The office's public key beside its log, so that the notes in it can be checked from the books alone."""
NESTED = "-json"
"""The ending of a key whose value is a list or a table: it stands as canonical JSON in quotes."""
BALANCE = "bank-balance"
"""The kind of the fact that a bank confirms; its subject is the bank account, its day the month end, and `balance` what
the bank says."""
PLUGIN = "ledger.plugin"
"""What a head names, so that Beancount checks the rules that its core does not know."""
EXTENSION = "projects.fava.auditor"
"""What a head names for Fava: the auditor's pages. A name only; nothing of it is imported here."""
