"""What may stand in a book: the directives that we write, from the files that we write, and no other plugin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from beancount.core import data

from ledger.books.keys import DOCUMENTS, HEAD, PLUGIN, REGISTER_FILE
from ledger.plugin.reading import Text
from ledger.plugin.report import Report

_ALLOWED = (
    data.Transaction,
    data.Open,
    data.Commodity,
    data.Price,
    data.Custom,
    data.Document,
    data.Event,
    data.Balance,
    data.Query,
)
_CUSTOMS = frozenset({"bank", "project", "budget-line", "fava-option", "fava-extension"})
_FILE = re.compile(r"[0-9]{4}-[0-9]{2}\.beancount")


def directives(text: Text, options: dict[str, Any], report: Report) -> None:
    """Look at what stands beside the vouchers and the leaves, and where it comes from."""
    if text.book is None:
        report.at("book", {"filename": str(text.folder / HEAD), "lineno": 1})
    for entry in text.entries:
        if not isinstance(entry, _ALLOWED):
            report.find("directive", entry, kind=type(entry).__name__.lower())
        elif isinstance(entry, data.Price) and (entry.amount.currency != "CNY" or entry.amount.number != 1):
            report.find("channel-price", entry, channel=entry.currency)
    for entry in text.customs:
        if entry.type not in _CUSTOMS:
            report.find("directive", entry, kind=f'custom "{entry.type}"')
    _opened(text, report)
    _files(text, options, report)


def _opened(text: Text, report: Report) -> None:
    """An account is opened for just the channels that have moved in it: a wider one would let another channel in."""
    moved = {
        (posting.account, posting.units.currency) for voucher in text.vouchers for posting in voucher.entry.postings
    }
    whole = {entry.account for entry in text.entries if isinstance(entry, data.Balance)}
    for entry in text.entries:
        if isinstance(entry, data.Open):
            for commodity in entry.currencies or [""]:
                if (entry.account, commodity) not in moved and entry.account not in whole:
                    report.find("open", entry, account=entry.account, channel=commodity or "*")


def _files(text: Text, options: dict[str, Any], report: Report) -> None:
    """All months that lie there are read, and nothing else; the head names no plugin but ours."""
    included = {Path(each).resolve() for each in options["include"]}
    head = text.folder / HEAD
    place = {"filename": str(head), "lineno": 1}
    own = Path(options["filename"]).resolve() == head.resolve()
    for path in sorted(text.folder.glob("*")):
        ours = path.name in {HEAD, REGISTER_FILE} or _FILE.fullmatch(path.name)
        if ours and path.resolve() not in included:
            report.at("not-included", place, path=path.name)
        elif not ours and path.name != DOCUMENTS:
            report.at("stray", {"filename": str(path), "lineno": 0}, path=path.name)
    if own:
        for file in sorted(path for path in included if path.parent != text.folder.resolve()):
            report.at("stray", place, path=file.name)
        for name, _ in options["plugin"]:
            if name != PLUGIN:
                report.at("foreign-plugin", place, name=name)
