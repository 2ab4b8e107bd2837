"""Closing a month of a book and opening it again, as the command line and the desk do it.

Where the office's key is at hand a checkpoint is signed behind the close, in the same unit of work.
"""

from __future__ import annotations

from typing import Any

from ledger import checkpoints, keyring, periods
from ledger.signing import Signer
from ledger.statements.period import Period
from ledger.store.workspace import Unit
from projects.desk import Desk


def close_month(
    desk: Desk, month: Period, *, reason: str = "", signer: Signer | None = None, key: str | None = None
) -> dict[str, Any]:
    """Close a month and return what its leaf says, with the `note` that was signed behind it, "" without a signer.

    Raises:
        KeyNotCurrent: the signer's key is not the one that the office's log says.
        Refusal: whatever `periods.close` refuses.
    """
    path = desk.workspace.path

    def act(unit: Unit) -> dict[str, Any]:
        made = periods.close(unit, desk.book, month, by=desk.user, reason=reason)
        if signer is None:
            return made | {"note": ""}
        keyring.need_current(unit.connection, path, signer)
        return made | {"note": checkpoints.sign(unit, signer, desk.book, user=desk.user)}

    signs = signer is not None
    content = {"book": desk.book, "month": month.name, "reason": reason, "user": desk.user, "signs": signs}
    made = desk.change("close", content, act, key=key)
    if made["note"]:
        checkpoints.keep(desk.workspace, desk.book, made["note"])
    return made


def reopen_month(desk: Desk, month: Period, *, reason: str, key: str | None = None) -> dict[str, Any]:
    """Open the month that was closed last again and return what its leaf says.

    Raises:
        Refusal: whatever `periods.reopen` refuses.
    """
    content = {"book": desk.book, "month": month.name, "reason": reason, "user": desk.user}
    return desk.change(
        "reopen",
        content,
        lambda unit: periods.reopen(unit, desk.book, month, by=desk.user, reason=reason),
        key=key,
    )
