"""A village's own Beancount ledger: what stood on its accounts on a day, read without running anything in it."""

from importers.beans.reading import Balance, Book, Oddity, read

__all__ = ["Balance", "Book", "Oddity", "read"]
