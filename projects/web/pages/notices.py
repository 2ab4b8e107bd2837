"""Notices: what is published and what is due, one as it stands in the log, its files; preparing and publishing one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response, g, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from ledger.errors import KeyReused, Refusal
from ledger.register import GENERAL_PROJECT
from ledger.text import parse_date
from projects import registry
from projects.errors import AddressUnfit, NoticeSame, NoticeUnsent, NoticeUnsigned
from projects.life.notices import Notice, hung
from projects.notices import publish as notices_of
from projects.notices.address import address_of, of_office, tell
from projects.notices.content import Content, read
from projects.notices.due import due
from projects.notices.files import find, need_notice, preview
from projects.notices.kinds import Kind, kinds, need_kind
from projects.notices.names import CHECKER, PAGE, PAPER, PROOF, SHEET
from projects.notices.proof import signed_size
from projects.notices.publish import Listed
from projects.policy import policy_at
from projects.types import types_of
from projects.web import instead
from projects.web.office import office
from projects.web.pages.frame import Page, command_key, desk, form_key, look, new_key, pages, write
from projects.web.sessions import language

FILES = {
    "html": (PAGE, "text/html; charset=utf-8"),
    "pdf": (PAPER, "application/pdf"),
    "xlsx": (SHEET, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "proof": (PROOF, "application/json"),
}
"""As what a notice is taken away."""
STAGES = ("plan", "before", "completion")
"""The stages of a project's life at which a notice hangs on the wall."""
SHOWN = "page"
"""The page of a notice to be read in the browser, in a sandbox."""
SAID = "say-"
"""How the names of inputs begin for what only the writer of a notice knows."""


@pages.get("/desk/<book>/notices")
def notices(book: str) -> Page:
    """List what is published and what is due, and let who may publish choose what to prepare."""
    return _notices(book)


def _notices(book: str, **seen_too: str) -> str:
    shared, lang = office(), language()
    with shared.workspace.read() as connection:
        seen = look(connection, book)
        today = shared.workspace.clock().date()
        published, signed = notices_of.list_notices(connection, book), signed_size(connection, book)
        later = _later(published)
        rows = [
            _row(connection, each) | {"later": later.get(each.label, ""), "signed": signed > each.position}
            for each in reversed(published)
        ]
        on_wall = hung(connection, book, today)
        for row in rows:
            row["hung"] = next(iter(_where(row, on_wall)), None)
        waiting = [
            {"kind": each.kind, "project": each.project, "since": each.since, "says": instead.phrase(each.why, lang)}
            for each in due(connection, book, today)
        ]
        projects = project_choices(connection, book)
        address = address_of(connection, office().workspace.settings.publication, book)
    of_kinds = [(name, each.about) for name, each in kinds().items()]
    shown = {"rows": rows, "due": waiting, "kinds": of_kinds, "projects": projects, "hung": on_wall}
    shown |= {"address": address, "of_office": of_office(office().workspace.settings.publication, book)} | seen_too
    return render_template("notices.html", **seen, **shown, stages=STAGES, key=new_key())


@pages.get("/desk/<book>/notices/<label>")
def notice(book: str, label: str) -> Page:
    """Show a published notice: its words, whose place it takes and which took its own, where it hangs, its files."""
    with office().workspace.read() as connection:
        seen = look(connection, book)
        fact = need_notice(connection, book, label)
        published = notices_of.list_notices(connection, book)
        signed = signed_size(connection, book) > fact.position
        row = _row(connection, notices_of.listed(fact)) | {
            "later": _later(published).get(fact.label, ""),
            "signed": signed,
        }
        on_wall = _where(row, hung(connection, book, office().workspace.clock().date()))
    unsigned = "" if signed else instead.explain(NoticeUnsigned(fact=fact.label, book=book), language())
    shown = {"row": row, "content": read(book, fact.data), "unsigned": unsigned, "files": list(FILES), "hung": on_wall}
    return render_template("notice.html", **seen, **shown)


@pages.get("/desk/<book>/notices/<label>/<kind>")
def notice_file(book: str, label: str, kind: str) -> Page:
    """Hand out a file of a published notice, the same bytes as the command line writes; or show its page.

    The page leads to what lies beside it in a folder: to its proof, and to the page that checks it.
    """
    if kind == CHECKER:
        return redirect(url_for("desk.public_page", rest=CHECKER))
    if kind not in {*FILES, SHOWN} and not kind.endswith(PROOF):
        raise NotFound
    workspace = office().workspace
    with workspace.read() as connection:
        url = address_of(connection, workspace.settings.publication, book)
        found = find(connection, workspace.path, book, label, url=url)
    named = {SHOWN: "html", found.name + PROOF: "proof"}.get(kind, kind)
    if named not in FILES:
        raise NotFound
    ending, kind_of = FILES[named]
    return _file(found.name + ending, kind_of, found.file(ending), shown=kind == SHOWN)


@pages.post("/desk/<book>/notices/address")
def notice_address(book: str) -> Page:
    """Keep where the notices of this book lie, to which the square code on them leads."""
    key, url = command_key(), request.form.get("url", "")
    try:
        write(lambda: tell(desk(book), url, key=key))
    except AddressUnfit as refusal:
        return _notices(book, says=instead.explain(refusal, language()), address=url), 422
    return redirect(url_for("desk.notices", book=book) + "#address", 303)


@pages.route("/desk/<book>/notices/prepare", methods=["GET", "POST"])
def prepare_notice(book: str) -> Page:
    """Show what a notice would say and what is missing for it; show it as page and paper; publish it."""
    asked = request.form if request.method == "POST" else request.args
    project = asked.get("project", "").strip()
    kind = need_kind(asked.get("kind", ""), project=project)
    key = form_key() if request.method == "POST" else new_key()
    typed = {name: " ".join(text.split()) for name, text in asked.items()}
    step = typed.get("step", "") if request.method == "POST" else ""
    try:
        if step == "publish":
            made = _publish(book, kind, project, typed)
            return redirect(url_for("desk.notice", book=book, label=made["fact"]), 303)
        if step in {"look", "html", "pdf"}:
            return _look(book, kind, project, typed, step=step, key=key)
    except Refusal as refusal:
        says = instead.explain(refusal, language())
        # What was published under the key is published; what was changed since is another notice.
        key = new_key() if isinstance(refusal, KeyReused) else key
        return _form(book, kind, project, typed, key=key, says=says), 422
    return _form(book, kind, project, typed, key=key)


def _form(book: str, kind: Kind, project: str, typed: dict[str, str], *, key: str, says: str = "") -> str:
    """Return the form: each field with what the record says there, what is missing with the way to it."""
    shared = office()
    today = shared.workspace.clock().date()
    with shared.workspace.read() as connection:
        seen = look(connection, book)
        types, lang = types_of(shared.workspace.path), language()
        slots = notices_of.slots(connection, book, kind, project, on=_day(typed, today), lang=lang, types=types)
        issuer, phone = notices_of.contact(notices_of.list_notices(connection, book))
    typed = {"issuer": issuer, "phone": phone, "date": today.isoformat()} | typed
    shown = {"kind": kind, "project": project, "slots": slots, "typed": typed, "key": key, "says": says}
    return render_template("notice_form.html", **seen, **shown, signs=shared.signer is not None)


def _look(book: str, kind: Kind, project: str, typed: dict[str, str], *, step: str, key: str) -> Page:
    """Show a notice as it would be published: its words, or its page or paper."""
    shared, lang = office(), language()
    with shared.workspace.read() as connection:
        seen = look(connection, book)
        published = notices_of.list_notices(connection, book)
        content = notices_of.draft(
            connection,
            book,
            kind,
            project,
            on=_day(typed, shared.workspace.clock().date()),
            lang=lang,
            types=types_of(shared.workspace.path),
            said=_said(kind, typed),
            foot=notices_of.need_contact(published, issuer=typed.get("issuer"), phone=typed.get("phone")),
        )
        earlier = notices_of.before(published, content)
        compared = _compared(connection, earlier, content)
    if step != "look":
        ending, kind_of = FILES[step]
        return _file(f"{book}-preview-{kind.name}{ending}", kind_of, preview(content, ending), shown=step == "html")
    shown = {"kind": kind, "project": project, "content": content, "typed": typed, "key": key, "earlier": earlier}
    return render_template("notice_preview.html", **seen, **shown, **compared, signs=shared.signer is not None)


def _compared(connection: Connection, earlier: Listed | None, content: Content) -> dict[str, Any]:
    """Return what a notice says otherwise than the one before it, or that it says the same."""
    try:
        return {"changed": notices_of.need_changed(connection, earlier, content) if earlier else [], "same": ""}
    except NoticeSame as refusal:
        return {"changed": [], "same": instead.explain(refusal, language())}


def _publish(book: str, kind: Kind, project: str, typed: dict[str, str]) -> dict[str, Any]:
    shared, key = office(), command_key()
    if shared.signer is None:
        raise NoticeUnsent(about="key")
    signer = shared.signer
    if not typed.get("sure"):
        raise NoticeUnsent(about="sure")
    with shared.workspace.read() as connection:
        published = notices_of.list_notices(connection, book)
    foot = notices_of.need_contact(published, issuer=typed.get("issuer"), phone=typed.get("phone"))
    on, lang, said = _day(typed, shared.workspace.clock().date()), language(), _said(kind, typed)
    return write(
        lambda: notices_of.publish(desk(book), signer, kind.name, project, on=on, lang=lang, said=said, key=key, **foot)
    )


def _said(kind: Kind, typed: dict[str, str]) -> dict[str, str]:
    """Return what only the writer knows, by field; an empty input was not typed."""
    return {name: typed[SAID + name] for name in kind.fields if typed.get(SAID + name)}


def _day(typed: dict[str, str], today: date) -> date:
    return parse_date(typed["date"]) if typed.get("date") else today


def _row(connection: Connection, told: Listed) -> dict[str, Any]:
    """Return what a list says of a published notice."""
    on, kind = date.fromisoformat(told.on), need_kind(told.notice)
    return {
        "label": told.label,
        "kind": told.notice,
        "stage": kind.stage,
        "title": told.title,
        "project": told.subject if kind.about == "project" else "",
        "on": told.on,
        "until": on + timedelta(days=policy_at(connection, on).notice.days.value),
        "by": told.by,
        "supersedes": told.supersedes,
        "changed": told.changed,
    }


def _where(row: dict[str, Any], on_wall: list[Notice]) -> list[Notice]:
    """Return where a published notice hangs or hung: what was put up of its project and stage since its day."""
    of = (row["project"], row["stage"])
    return [each for each in on_wall if (each.up.subject, each.stage) == of and each.up.on >= row["on"]]


def _later(published: list[Listed]) -> dict[str, str]:
    """Return by label which notice took the place of another."""
    return {each.supersedes: each.label for each in published if each.supersedes}


def project_choices(connection: Connection, book: str) -> list[tuple[str, str]]:
    """Return the projects that a notice can be about, each with its name."""
    found = registry.list_projects(connection, book)
    return [(str(each["code"]), str(each["name"])) for each in found if each["code"] != GENERAL_PROJECT]


def _file(name: str, kind: str, content: bytes, *, shown: bool) -> Response:
    """Answer with a file: to be kept, or shown in a sandbox where its own style is all that it may have."""
    g.sandboxed = "notices" if shown else "papers"
    how = "inline" if shown else "attachment"
    return Response(content, headers={"Content-Disposition": f'{how}; filename="{name}"'}, content_type=kind)
