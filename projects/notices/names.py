"""How the files of a notice are called: they lie beside each other, with the page that checks them."""

from __future__ import annotations

PAGE, PROOF, PAPER, SHEET = ".html", ".proof.json", ".pdf", ".xlsx"
ENDINGS = (PAGE, PROOF, PAPER, SHEET)
FOLDER = "notices"
"""Where the notices of a book lie, within its folder on the site."""
CHECKER = "verify.html"
"""The page that checks, in a browser."""


def stem(book: str, place: str, kind: str) -> str:
    """Return how the files of a notice begin: its book, its place in the log and its kind."""
    return f"{book}-{place}-{kind}"
