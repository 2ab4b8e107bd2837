"""Reconciling at the desk: a statement handed in, read, matched in two columns, decided on, and kept.

Nothing is remembered between one look and the next but by the form: which file, until which day, what was decided.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from flask import Response, current_app, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from importers.banks import Statement
from ledger import register
from ledger.errors import Refusal
from projects.errors import MatchUnfit
from projects.reconciliation import at_desk, choices, kept, wording
from projects.reconciliation.choices import NONE, Choices
from projects.reconciliation.reconcile import Reconciliation, reconcile
from projects.reconciliation.workbook import form
from projects.reconciliation.workbook import write as write_workbook
from projects.web import instead
from projects.web.columns import columns
from projects.web.handed import TABLES, Counter, Handed, Left
from projects.web.office import office
from projects.web.pages.closing import KINDS
from projects.web.pages.frame import Page, command_key, desk, form_key, look, new_key, pages, seen_of, write
from projects.web.papers import hand_out
from projects.web.patience import Tell, patiently
from projects.web.refused import status_of
from projects.web.sessions import language


@pages.get("/desk/<book>/reconcile")
def banks(book: str) -> Page:
    """List the bank accounts of a book: how each stands by its last statement, and what is open."""
    today = office().workspace.clock().date().isoformat()
    with office().workspace.read() as connection:
        seen = look(connection, book)
        rows = [
            kept.how_it_stands(connection, book, each, today=today) for each in register.list_banks(connection, book)
        ]
    return render_template("banks.html", **seen, rows=rows)


@pages.get("/desk/<book>/reconcile/<bank>")
def reconciliation(book: str, bank: str) -> Page:
    """Show the statement that was kept last beside the vouchers as they stand now."""
    return _page(book, bank, _kept(book, bank))


@pages.get("/desk/<book>/reconcile/<bank>/xlsx")
def reconciliation_file(book: str, bank: str) -> Page:
    """Hand out the statement that was kept last as the command line writes it: the form, and every line."""
    work = _kept(book, bank)
    if work is None:
        raise NotFound
    found, say = _found(book, bank, work), _say()
    heads, rows = wording.sheet(found, say)
    with office().workspace.read() as connection:
        title = wording.title(connection, book, found, say)
    content = io.BytesIO()
    write_workbook(content, found.now, rows, title=title, heads=heads, say=_of_form(say))
    return Response(
        content.getvalue(),
        headers={"Content-Disposition": f'attachment; filename="{book}-{bank}-{found.now.on}.xlsx"'},
        content_type=KINDS["xlsx"],
    )


@pages.get("/desk/<book>/reconcile/<bank>/papers/<name>")
def statement_paper(book: str, bank: str, name: str) -> Page:
    """Hand out the file of a statement that was kept."""
    with office().workspace.read() as connection:
        found = kept.statements(connection, book, bank)
    if name not in {f"{sha256}{suffix}" for each in found for sha256, suffix, _ in each.documents}:
        raise NotFound
    return hand_out(office().workspace.documents, name)


@pages.post("/desk/<book>/reconcile/<bank>")
def match(book: str, bank: str) -> Page:
    """Do what the form asks for: read a statement, decide on a match, say why, draft, or keep all of it."""
    form_key()
    try:
        left = _counter(book, bank).leave(request.files.get("file"), request.form.get("statement", ""), TABLES)
    except Refusal as refusal:
        return _page(book, bank, None, refusal=refusal), 422
    return patiently(lambda tell: _match(book, bank, left, tell), lambda: seen_of(book))


def _match(book: str, bank: str, left: Left, tell: Tell) -> Page:
    step, _, about = request.form.get("step", "look").partition(":")
    work = None
    try:
        work = _handed(book, bank, left, tell)
        tell("matching", 1.0)
        work.chosen = choices.read(request.form.getlist("apart"), request.form.getlist("together"))
        until = request.form.get("until", "").strip()
        work.until = at_desk.last_day(work.handed.seen, until or None, today=_today())
        if step == "keep":
            _keep(book, bank, work)
            return redirect(url_for("desk.reconciliation", book=book, bank=bank), 303)
        _do(book, bank, work, step, about)
    except Refusal as refusal:
        return _page(book, bank, work, refusal=refusal, ticked=_ticked()), status_of(refusal)
    return _page(book, bank, work)


@dataclass
class Work:
    """What a form carries: the statement, until which day, what was decided; `found` is what it comes to."""

    handed: Handed[Statement]
    until: date
    chosen: Choices = NONE
    found: Reconciliation | None = None


def _do(book: str, bank: str, work: Work, step: str, about: str) -> None:
    """Do a step that leads back to the page."""
    if step in DECISIONS:
        decided = replace(work, chosen=DECISIONS[step](work.chosen, about))
        work.found, work.chosen = _found(book, bank, decided), decided.chosen
    elif step == "say":
        key, reason = command_key(), request.form.get("reason", "").strip()
        write(lambda: at_desk.remark(desk(book), bank, *_ticked(), says=reason, key=key))
    elif step == "propose":
        key = command_key()
        write(lambda: at_desk.propose_again(desk(book), bank, about, key=key))
    elif step == "draft":
        _draft(book, _found(book, bank, work), about)


def _draft(book: str, found: Reconciliation, about: str) -> None:
    """Draft what is suggested for a line, as the command line does: under the line's own key, so that it is once."""
    if about in found.drafts:
        return
    each = next((each for each in at_desk.suggestions(found, book) if each.line.key == about), None)
    if each is None or each.typed is None:
        raise MatchUnfit
    verb, typed, key = each.verb, each.typed, each.key
    write(lambda: desk(book).record(verb, typed, key=key))


def _together(chosen: Choices, _about: str) -> Choices:
    lines, vouchers = request.form.getlist("line"), request.form.getlist("voucher")
    if not lines or not vouchers:
        raise MatchUnfit(about="nothing")
    pair = (tuple(lines), tuple(vouchers))
    return replace(chosen, apart=chosen.apart - set(lines), together=(*chosen.together, pair))


def _untie(chosen: Choices, about: str) -> Choices:
    gone = choices.read((), [about]).together
    return replace(chosen, together=tuple(each for each in chosen.together if each not in gone))


DECISIONS: dict[str, Callable[[Choices, str], Choices]] = {
    "apart": lambda chosen, about: replace(chosen, apart=chosen.apart | set(about.split(","))),
    "again": lambda chosen, about: replace(chosen, apart=chosen.apart - set(about.split(","))),
    "together": _together,
    "untie": _untie,
}
"""What a person decides of a match: it is not the same, it may be after all, these are the same, they are not."""


def _keep(book: str, bank: str, work: Work) -> None:
    """Keep what the page showed."""
    key, seen, handed = command_key(), request.form.get("seen", ""), work.handed
    options: dict[str, Any] = {"until": work.until, "file": handed.path, "choices": work.chosen, "seen": seen}
    write(lambda: at_desk.keep(desk(book), bank, handed.seen, **options, key=key))


def _kept(book: str, bank: str) -> Work | None:
    """Return the statement that was kept last, read again; None where there is none, or its file is gone."""
    with office().workspace.read() as connection:
        register.need_bank(connection, book, bank)
        fact = kept.last_kept(connection, book, bank)
    if fact is None:
        return None
    profile, name = str(fact.data["profile"]), _say()("web.match.kept", fact=fact.label)
    for path in kept.papers(office().workspace.documents, fact):
        read = partial(at_desk.read_kept, office().workspace, profile=profile)
        handed = _counter(book, bank).read(Left(name, path), read)
        return Work(handed, at_desk.last_day(handed.seen, None, today=_today()))
    return None


def _handed(book: str, bank: str, left: Left, tell: Tell) -> Work:
    """Return the statement that the form brings, or has brought before, read."""
    with office().workspace.read() as connection:
        register.need_bank(connection, book, bank)
        profiles = kept.profiles(connection, book, bank)

    far = partial(tell, "reading")

    def read(path: Path) -> Statement:
        return at_desk.read_kept(office().workspace, path, profiles.get(path.stem, ""), progress=far)

    handed = _counter(book, bank).read(left, read)
    return Work(handed, at_desk.last_day(handed.seen, None, today=_today()))


def _found(book: str, bank: str, work: Work) -> Reconciliation:
    """Return what a statement comes to with what was decided."""
    with office().workspace.read() as connection:
        again = at_desk.reread(office().workspace)
        return reconcile(connection, book, bank, work.handed.seen, until=work.until, reread=again, choices=work.chosen)


def _page(
    book: str, bank: str, work: Work | None, *, refusal: Refusal | None = None, ticked: Sequence[str] = ()
) -> str:
    """Return the page; a statement that cannot be reconciled is not shown, but why."""
    shared, say = office(), _say()
    try:
        found = (work.found or _found(book, bank, work)) if work else None
    except Refusal as other:
        found, refusal = None, refusal or other
    with shared.workspace.read() as connection:
        seen = look(connection, book)
        of = register.need_bank(connection, book, bank)
        stands = kept.how_it_stands(connection, book, of, today=_today().isoformat())
        statements = kept.statements(connection, book, bank)
    shown: dict[str, Any] = {
        "bank": of,
        "stands": stands,
        "statements": statements,
        "kinds": ",".join(TABLES),
        "limit": shared.workspace.settings.document_limit_mb,
        "says": instead.explain(refusal, language()) if refusal else "",
        "problems": [instead.explain(each, language()) for each in getattr(refusal, "problems", ())],
    }
    if work and found:
        suggested = at_desk.suggestions(found, book)
        shown |= {
            "work": work,
            "found": found,
            "read": wording.read(found, say, name=work.handed.name),
            "columns": columns(found, work.chosen, suggested, say),
            "form": form(found.now, _of_form(say)),
            "together": [choices.written(*each) for each in work.chosen.together],
            "mark": at_desk.mark(found),
            "ticked": ticked,
        }
    return render_template("reconcile.html", **seen, **shown, key=new_key(), upload_key=new_key())


def _ticked() -> list[str]:
    return [*request.form.getlist("line"), *request.form.getlist("voucher")]


def _counter(book: str, bank: str) -> Counter:
    return Counter(desk(book), str(current_app.config["SECRET_KEY"]), office().waiting, f"statement {bank}")


def _today() -> date:
    return office().workspace.clock().date()


def _say() -> Callable[..., str]:
    return instead.saying(language())


def _of_form(say: Callable[..., str]) -> Callable[..., str]:
    return lambda name, **facts: say(f"reconcile.{name}", **facts)
