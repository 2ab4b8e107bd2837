"""The proof of a book's public pages, and the check of a page with nothing but the page and its proof."""

from projects.disclosure.proved.check import Proved
from projects.disclosure.proved.proof import NAME, dump, prove
from projects.disclosure.proved.report import Report

__all__ = ["NAME", "Proved", "Report", "dump", "prove"]
