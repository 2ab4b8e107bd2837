"""What a file is that somebody wants taken in: a table of projects, a list, projects of the open standard, a ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from importers import lists, oc4ids, reader
from importers.banks import read as banks
from importers.banks.profiles import profiles
from importers.lists import Listing
from importers.oc4ids import StandardProject
from projects.errors import ImportStatement

LEDGERS = frozenset({".beancount", ".bean"})
"""A ledger is known by its name: any text is one to Beancount."""


def recognise(
    file: Path, *, progress: Callable[[float], None] | None = None
) -> reader.Workbook | Listing | tuple[StandardProject, ...]:
    """Return a file's sheets, or what they are if they hold no projects.

    Raises:
        ImportStatement: it is a bank's statement, which is reconciled.
        Refusal: whatever reading refuses.
    """
    if file.suffix.lower() == ".json":
        return oc4ids.read(file)
    workbook = reader.read(file, progress=progress)
    if profile := banks.find(workbook, profiles()):
        raise ImportStatement(path=file, bank=profile.bank)
    return lists.read(workbook, path=file) if lists.find(workbook) else workbook
