"""Reading a ledger: the process that parses it is started and watched, and what it prints becomes fen."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from importers.errors import FileUnreadable
from importers.reader.limits import Limits
from ledger.money import LARGEST_FEN

YUAN = {"CNY", "RMB", "YUAN"}
"""Commodities that are yuan."""
_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 6
_DEFAULT = Limits()


@dataclass(frozen=True)
class Balance:
    """What stood on an account, debit positive; `fen` is None where it is no money of ours: `why` says so."""

    account: str
    commodity: str
    number: str
    fen: int | None
    why: str = ""


@dataclass(frozen=True)
class Oddity:
    """What was not understood: a plugin that is never run, or what Beancount itself finds wrong."""

    kind: str
    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Book:
    """A ledger at the end of a day; `after` counts the transactions that came later, `files` are all that was read."""

    day: date
    balances: tuple[Balance, ...]
    odd: tuple[Oddity, ...]
    after: int
    files: tuple[Path, ...]


def read(path: Path, *, day: date | None = None, limits: Limits = _DEFAULT) -> Book:
    """Return what stood on the accounts of the ledger at `path`, at the end of `day` or of the ledger.

    Raises:
        FileUnreadable: it is not there, is no ledger, includes what is not in its folder, or costs more than `limits`.
    """
    try:
        if not path.is_file():
            raise FileUnreadable(about="kind" if path.exists() else "", path=path, reason="—")
    except (OSError, ValueError) as error:
        raise FileUnreadable(path=path, reason=error) from None
    said = _ask(path, day, limits)
    if "refuse" in said:
        raise FileUnreadable(about=said["refuse"], path=path, **said["facts"])
    return Book(
        date.fromisoformat(said["day"]),
        tuple(_balance(each) for each in said["balances"]),
        tuple(Oddity(each["kind"], each["file"], int(each["line"] or 0), each["text"]) for each in said["odd"]),
        int(said["after"]),
        tuple(map(Path, said["files"])),
    )


def _ask(path: Path, day: date | None, limits: Limits) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "importers.beans.child", json.dumps(asdict(limits))]
    command += [str(path.absolute()), day.isoformat() if day else ""]
    try:
        # The environment may hold passphrases; a process that reads strangers' files needs none of it.
        done = subprocess.run(  # noqa: S603 - our own module, by the Python that runs us
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            timeout=limits.seconds * _PATIENCE,
            check=False,
        )
        said = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise FileUnreadable(about="slow", path=path, limit=limits.seconds) from None
    except ValueError:
        raise FileUnreadable(about="ledger", path=path) from None
    assert isinstance(said, dict), "the process prints a table"
    return said


def _balance(said: dict[str, Any]) -> Balance:
    number = Decimal(said["number"])
    fen = number * 100
    why = "commodity" if said["commodity"] not in YUAN else "cost" if said["cost"] else ""
    if not why and (fen != fen.to_integral_value() or abs(fen) > LARGEST_FEN):
        why = "fine"
    return Balance(said["account"], said["commodity"], f"{number:,}", None if why else int(fen), why)
