"""The process that reads a ledger: bound to limits, it parses with Beancount's own parser and prints what stood.

Started as ``python -P -m importers.beans.child LIMITS PATH DAY``. Plugins are named and never run, and a file that is
included is read only from the ledger's own folder, so a ledger of a stranger can neither do nor read anything else.
"""

from __future__ import annotations

import glob
import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from importers.reader.child import bind
from importers.reader.limits import Limits
from importers.reader.sink import Unfit

_SHOWN = 200


@dataclass
class _Found:
    entries: list[Any] = field(default_factory=list)
    odd: list[dict[str, Any]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    left: int = 0


def main() -> None:
    """Print what stood on the accounts of a ledger, or why it is not read."""
    limits = Limits(**json.loads(sys.argv[1]))
    bind(limits)
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        said = read(Path(sys.argv[2]), sys.argv[3], limits)
    except Unfit as unfit:
        said = {"refuse": unfit.about, "facts": unfit.facts}
    except MemoryError:
        said = {"refuse": "memory", "facts": {"limit": limits.memory_bytes >> 20}}
    except Exception:  # whatever a parser makes of a damaged file, the file is damaged
        said = {"refuse": "ledger", "facts": {}}
    out.write(json.dumps(said))
    out.flush()


def read(path: Path, day: str, limits: Limits) -> dict[str, Any]:
    """Return what stood on the accounts at the end of a day; without one, at the end.

    Raises:
        Unfit: a file outside of the folder is included, it is too large, or it holds no transaction.
    """
    from beancount.core import data

    # None of these three is typed.
    book, pad, check = (
        getattr(import_module(f"beancount.{where}"), name)
        for where, name in (("parser.booking", "book"), ("ops.pad", "pad"), ("ops.balance", "check"))
    )
    found = _Found(left=limits.file_bytes)
    _parse(path.resolve(), path.resolve().parent, found)
    found.entries.sort(key=data.entry_sortkey)
    entries, errors = book(found.entries, found.options)
    _odd(found, errors)
    entries, errors = pad(entries, found.options)
    _odd(found, errors)
    _odd(found, check(entries, found.options)[1])
    kept = [each for each in entries if isinstance(each, data.Transaction)]
    if not kept:
        raise Unfit(about="ledger")
    last = date.fromisoformat(day) if day else max(each.date for each in kept)
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    costs: set[tuple[str, str]] = set()
    for each in kept:
        if each.date <= last:
            for posting in each.postings:
                assert posting.units, "booking fills in every amount"
                assert posting.units.number is not None, "booking fills in every amount"
                sums[posting.account, posting.units.currency] += posting.units.number
                if posting.cost:
                    costs.add((posting.account, posting.units.currency))
    balances = [
        {"account": account, "commodity": commodity, "number": str(number), "cost": (account, commodity) in costs}
        for (account, commodity), number in sorted(sums.items())
        if number
    ]
    after = sum(each.date > last for each in kept)
    return {"balances": balances, "odd": found.odd, "day": last.isoformat(), "after": after, "files": found.files}


def _parse(path: Path, folder: Path, found: _Found) -> None:
    from beancount.parser import parser

    if str(path) in found.files:
        return
    if not path.is_relative_to(folder):
        raise Unfit(about="include", name=str(path.name)[:_SHOWN])
    found.files.append(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(found.left + 1)
    except OSError as error:
        raise Unfit(about="include-missing", name=str(path.name)[:_SHOWN], reason=error.strerror) from None
    if len(content) > found.left:
        raise Unfit(about="large", limit=Limits().file_bytes >> 20)
    found.left -= len(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unfit(about="encoding", position=error.start) from None
    entries, errors, options = parser.parse_string(text, report_filename=str(path))
    found.entries += entries
    found.options = found.options or options
    _odd(found, errors)
    for plugin, _ in options["plugin"]:
        found.odd.append({"kind": "plugin", "file": path.name, "line": 0, "text": str(plugin)[:_SHOWN]})
    for said in options["include"]:
        # As Beancount reads them: relative to the file that includes, with wildcards.
        pattern = os.path.normpath(path.parent / said)
        if not Path(pattern).is_relative_to(folder):
            raise Unfit(about="include", name=str(said)[:_SHOWN])
        names = sorted(glob.glob(pattern, recursive=True)) or [pattern]  # noqa: PTH207 - the whole path is a pattern
        for name in names:
            _parse(Path(name).resolve(), folder, found)


def _odd(found: _Found, errors: list[Any]) -> None:
    for each in errors:
        where = each.source or {}
        text = " ".join(str(each.message).split())[:_SHOWN]
        name = Path(str(where.get("filename", ""))).name
        if any(said["text"] == text for said in found.odd):
            # An account with an unusual name is told once, not on each of its lines.
            continue
        found.odd.append({"kind": "error", "file": name, "line": where.get("lineno", 0), "text": text})


if __name__ == "__main__":
    main()
