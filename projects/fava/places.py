"""Where a book lies on the machine, which is nobody's business who looks at it through a login.

Fava tells with every account, entry and paper in which file it stands, and a query may ask for it. So a book that was
loaded forgets the way to its folder: `V13/2024-01.beancount` is all that is left of it, whatever is made of that.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from beancount.core.data import Document
from fava.beans.helpers import replace
from fava.core import FavaLedger


def hide(ledger: FavaLedger, folder: Path) -> None:
    """Let a book that was loaded name its files from its own folder on; `folder` is where it lies."""
    way = f"{folder.parent}/"
    for meta in _metas(ledger):
        if "filename" in meta:
            meta["filename"] = str(meta["filename"]).removeprefix(way)
    ledger.all_entries = [
        replace(each, filename=each.filename.removeprefix(way)) if isinstance(each, Document) else each
        for each in ledger.all_entries
    ]
    # Of the other kinds extensions may have added some, as stored queries: they stay.
    papers: Any = [each for each in ledger.all_entries if isinstance(each, Document)]
    ledger.all_entries_by_type = ledger.all_entries_by_type._replace(Document=papers)
    ledger.load_errors = [each._replace(message=each.message.replace(way, "")) for each in ledger.load_errors]
    options: Any = ledger.options
    for name in ("include", "documents"):
        options[name] = [each.removeprefix(way) for each in options[name]]
    options["filename"] = options["filename"].removeprefix(way)


def _metas(ledger: FavaLedger) -> Iterator[Any]:
    for entry in (*ledger.all_entries, *ledger.all_entries_by_type.Query):
        yield entry.meta
        yield from (each.meta for each in getattr(entry, "postings", ()) if each.meta)
    yield from (each.source for each in ledger.errors if each.source)
