"""Closing of months: what stands in the way of the next one, its statements to read and take away, and reopening."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from ledger import closed, periods
from ledger.errors import Refusal
from ledger.statements import STATEMENTS, Period, text
from ledger.statements import period as months_of
from projects.months import close_month, reopen_month
from projects.statements.drawn import as_pdf, drawn
from projects.statements.form import title
from projects.web import instead
from projects.web.office import office
from projects.web.pages.frame import Page, command_key, desk, look, new_key, pages, write
from projects.web.sessions import language

KINDS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
"""As what a statement is taken away."""
MENDED_AT = {"month-waiting": "desk.drafts", "month-unreconciled": "desk.banks", "year-not-ended": "desk.record"}
"""On which page that is mended which stands in the way, by the code of its refusal."""


@pages.get("/desk/<book>/months")
def months(book: str) -> Page:
    """Show the month that is to be closed next, and those that are closed."""
    return _months(book)


@pages.post("/desk/<book>/months/<month>/close")
def close(book: str, month: str) -> Page:
    """Close a month, with a checkpoint behind it if this desk may sign and was asked to."""
    period, key, signer = months_of.month(month), command_key(), office().signer
    reason = request.form.get("reason", "").strip()
    if not request.form.get("sign"):
        signer = None
    try:
        write(lambda: close_month(desk(book), period, reason=reason, signer=signer, key=key))
    except Refusal as refusal:
        return _months(book, refusal=refusal, typed=reason), 422
    return redirect(url_for("desk.months", book=book), 303)


@pages.post("/desk/<book>/months/<month>/reopen")
def reopen(book: str, month: str) -> Page:
    """Open the month that was closed last again, with a reason."""
    period, key = months_of.month(month), command_key()
    reason = request.form.get("reason", "").strip()
    try:
        write(lambda: reopen_month(desk(book), period, reason=reason, key=key))
    except Refusal as refusal:
        return _months(book, reopening=refusal), 422
    return redirect(url_for("desk.months", book=book), 303)


@pages.get("/desk/<book>/months/<month>/<statement>")
def statement(book: str, month: str, statement: str) -> Page:
    """Show a statement of a month."""
    period = _period(month, statement)
    with office().workspace.read() as connection:
        seen = look(connection, book)
        made, printed = drawn(connection, book, statement, period, language())
        kept = _kept(connection, book).get(period.name, {})
    shown = {"month": period.name, "name": statement, "made": made, "printed": printed}
    return render_template("statement.html", **seen, **shown, names=_titles(), sha256=kept.get(statement, ""))


@pages.get("/desk/<book>/months/<month>/<statement>/<kind>")
def statement_file(book: str, month: str, statement: str, kind: str) -> Page:
    """Hand out a statement as a PDF, as a spreadsheet, or as the table whose SHA-256 a close keeps."""
    from projects.statements.workbook import workbook

    period = _period(month, statement)
    if kind not in KINDS:
        raise NotFound
    lang = language()
    with office().workspace.read() as connection:
        made, printed = drawn(connection, book, statement, period, lang)
    if kind == "csv":
        content = text(made.statement).encode()
    else:
        content = workbook(printed) if kind == "xlsx" else as_pdf(printed, lang)
    name = f"{book}-{period.name}-{statement}.{kind}"
    return Response(
        content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, content_type=KINDS[kind]
    )


def _months(book: str, *, refusal: Refusal | None = None, reopening: Refusal | None = None, typed: str = "") -> str:
    """Return the page, with what was refused where it belongs."""
    shared, lang = office(), language()
    with shared.workspace.read() as connection:
        seen = look(connection, book)
        due = periods.due(connection, book, today=shared.workspace.clock().date())
        hashes = periods.hashes(connection, book, due.month)
        deeds = closed.deeds(connection, book)
        through = closed.closed_through(connection, book)
        open_again = ""
        if through:
            last = max(each.position for each in deeds if each.data["month"] == through)
            open_again = "" if periods.signed_beyond(connection, book, last) else through
    standing = {id(each) for each in _last_of_each(deeds)}
    obstacles = [
        {"says": instead.explain(each, lang), "at": _mended_at(each, book), "softly": _can_be_passed(each)}
        for each in due.obstacles
    ]
    shown: dict[str, Any] = {
        "due": due,
        "obstacles": obstacles,
        "hashes": hashes,
        "names": _titles(),
        "deeds": [(each.data, id(each) in standing) for each in reversed(deeds)],
        "open_again": open_again,
        "signs": shared.signer is not None,
        "refused": instead.explain(refusal, lang) if refusal else "",
        "refused_again": instead.explain(reopening, lang) if reopening else "",
        "typed": typed,
        # Where there is no form any more, it stands above the page.
        "says": instead.explain(reopening, lang) if reopening and not open_again else "",
    }
    return render_template("months.html", **seen, **shown, close_key=new_key(), reopen_key=new_key())


def _last_of_each(deeds: list[closed.Deed]) -> list[closed.Deed]:
    """Return the closes that stand, of what was closed and opened again in this order."""
    found: dict[str, closed.Deed] = {}
    for each in deeds:
        month = str(each.data["month"])
        found.pop(month, None)
        if each.data["deed"] == closed.CLOSE:
            found[month] = each
    return list(found.values())


def _kept(connection: Connection, book: str) -> dict[str, dict[str, str]]:
    """Return by month the hashes of statements that a close keeps."""
    return {str(each.data["month"]): dict(each.data["statements"]) for each in closed.standing(connection, book)}


def _can_be_passed(refusal: Refusal) -> bool:
    """Tell whether a close can do without that, with a reason."""
    return refusal.code == "month-unreconciled"


def _mended_at(refusal: Refusal, book: str) -> str:
    page = MENDED_AT.get(refusal.code, "")
    if not page:
        return ""
    return url_for(page, book=book, verb="year-end") if page == "desk.record" else url_for(page, book=book)


def _titles() -> dict[str, str]:
    return {name: title(name, language()) for name in STATEMENTS}


def _period(month: str, name: str) -> Period:
    if name not in STATEMENTS:
        raise NotFound
    return months_of.month(month)
