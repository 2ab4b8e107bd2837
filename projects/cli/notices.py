"""Commands of notices: what is due, look at one, publish it, list them, write the files, check such a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger import messages, signing
from ledger.errors import ChoiceUnknown, Names
from ledger.store import files
from ledger.text import parse_date
from projects.cli.life import notice
from projects.cli.office_key import passphrase, read_keys
from projects.cli.pages import FILE_MARK, verify_page
from projects.cli.session import As, Book, Date, Json, Key, read_note, session
from projects.cli.verification import WRONG
from projects.disclosure.proved.verifier import verifier
from projects.errors import SayUnreadable
from projects.notices.address import address_of
from projects.notices.check import Report, check
from projects.notices.due import due
from projects.notices.files import find, preview
from projects.notices.kinds import need_kind
from projects.notices.names import CHECKER, ENDINGS, PAGE, PAPER, PROOF
from projects.notices.proof import signed_size
from projects.notices.publish import draft, list_notices, need_contact, publish
from projects.types import types_of
from projects.typeset.press import SIZES, Size

FIT = "fit"
OutDir = Annotated[Path, typer.Option("--out", metavar="DIR", help="@option.notice-out")]
Paper = Annotated[str, typer.Option("--paper", help="@option.paper")]
KindArg = Annotated[str, typer.Argument(metavar="KIND", help="@argument.notice-kind")]
ProjectArg = Annotated[str, typer.Argument(metavar="PROJECT", help="@argument.notice-project")]
Issuer = Annotated[str | None, typer.Option("--issuer", help="@option.issuer")]
Phone = Annotated[str | None, typer.Option("--phone", help="@option.phone")]
Say = Annotated[list[str] | None, typer.Option("--say", metavar="FIELD=TEXT", help="@option.say")]
Url = Annotated[str, typer.Option("--url", metavar="URL", help="@option.notice-url")]


def notice_publish(
    kind: KindArg,
    project: ProjectArg = "",
    out: OutDir = Path(),
    issuer: Issuer = None,
    phone: Phone = None,
    say: Say = None,
    url: Url = "",
    paper: Paper = FIT,
    date: Date = None,
    as_name: As = None,
    at: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Publish a notice: into the log, under a signed checkpoint, and as files."""
    of = need_kind(kind, project=project)
    _need_paper(paper)
    desk = session.desk(as_name, at)
    said = _said(say or [], of.fields)
    signer = signing.load_key(desk.workspace.path, passphrase())
    with desk.workspace.read() as connection:
        foot = need_contact(list_notices(connection, desk.book), issuer=issuer, phone=phone)
    made = publish(
        desk,
        signer,
        kind,
        project,
        on=parse_date(date) if date else desk.workspace.clock().date(),
        lang=session.lang,
        said=said,
        issuer=foot["issuer"],
        phone=foot["phone"],
        key=key,
    )
    paths = _write(desk.book, made["fact"], out, url, paper)
    output = session.output(as_json=as_json)
    if output.data(made | {"files": [str(each) for each in paths]}):
        return
    output.say("print.notice-published", fact=made["fact"], title=made["data"]["title"], date=made["date"])
    if made["supersedes"]:
        output.say("print.notice-supersedes", fact=made["supersedes"], changed=output.join(made["changed"]))
    for path in paths:
        output.say("print.notice-file", path=path)
    output.say("print.notice-next", path=paths[0])


def notice_preview(
    kind: KindArg,
    project: ProjectArg = "",
    out: OutDir = Path(),
    issuer: Issuer = None,
    phone: Phone = None,
    say: Say = None,
    paper: Paper = FIT,
    date: Date = None,
    at: Book = None,
) -> None:
    """Write a notice as it would be published, page and paper, and publish nothing."""
    of = need_kind(kind, project=project)
    _need_paper(paper)
    book, workspace = session.book(at), session.workspace
    with workspace.read() as connection:
        content = draft(
            connection,
            book,
            of,
            project,
            on=parse_date(date) if date else workspace.clock().date(),
            lang=session.lang,
            types=types_of(workspace.path),
            said=_said(say or [], of.fields),
            foot=need_contact(list_notices(connection, book), issuer=issuer, phone=phone),
        )
    name = "-".join(part for part in (book, "preview", kind, project) if part)
    made = {ending: preview(content, ending, size=_size(paper)) for ending in (PAGE, PAPER)}
    for path in _put(out, name, made):
        session.output().say("print.notice-file", path=path)


def notice_due(at: Book = None, as_json: Json = False) -> None:
    """List what is to be published and was not yet."""
    book, workspace = session.book(at), session.workspace
    output = session.output(as_json=as_json)
    with workspace.read() as connection:
        rows = [
            {
                "notice": each.kind,
                "project": each.project,
                "since": each.since,
                "why": messages.phrase(each.why, session.lang),
            }
            for each in due(connection, book, workspace.clock().date())
        ]
    output.rows(rows, ["notice", "project", "since", "why"])


def notice_list(at: Book = None, as_json: Json = False) -> None:
    """List the published notices."""
    book = session.book(at)
    with session.workspace.read() as connection:
        found, signed = list_notices(connection, book), signed_size(connection, book)
        rows = [
            {
                "fact": each.label,
                "date": each.on,
                "notice": each.title,
                "about": each.subject,
                "supersedes": each.supersedes,
                "signed": "✓" if signed > each.position else "—",
            }
            for each in found
        ]
    session.output(as_json=as_json).rows(rows, ["fact", "date", "notice", "about", "supersedes", "signed"])


def notice_write(
    label: Annotated[str, typer.Argument(metavar="FACT", help="@argument.notice-fact")],
    out: OutDir = Path(),
    url: Url = "",
    paper: Paper = FIT,
    at: Book = None,
) -> None:
    """Write the files of a published notice again: the same bytes as before."""
    _need_paper(paper)
    for path in _write(session.book(at), label, out, url, paper):
        session.output().say("print.notice-file", path=path)


def verify_notice(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="@argument.notice-file")],
    proof: Annotated[Path | None, typer.Option("--proof", metavar="FILE", help="@option.proof")] = None,
    trusted: Annotated[str | None, typer.Option("--office-key", metavar="KEY|FILE", help="@option.office-key")] = None,
    as_json: Json = False,
) -> None:
    """Check a notice against its proof; no workspace is needed. A page of a public site is checked as one."""
    page = None if file.name.endswith(PROOF) else read_note(file)
    if page is not None and FILE_MARK in page:
        verify_page(file, proof, trusted, as_json=as_json)
        return
    beside = file if page is None else file.with_name(file.name.removesuffix(PAGE) + PROOF)
    keys = read_keys(trusted)
    report = check(read_note(proof or beside), page, trusted=keys)
    output = session.output(as_json=as_json)
    if not output.data(_as_data(report)):
        _say(report, known=bool(keys))
    if report.problems:
        raise typer.Exit(WRONG)


def _say(report: Report, *, known: bool) -> None:
    output = session.output()
    for code, given in report.problems:
        output.check("problem", "", output.text(f"notice-problem.{code}", **given), width=0)
    if report.problems:
        output.say("print.notice-wrong", count=len(report.problems))
        return
    output.say("print.notice-right", title=report.content.title if report.content else "", words=report.words)
    output.say("print.notice-figures", figures=report.figures, vouchers=report.vouchers)
    if report.withheld:
        output.say("print.notice-withheld", count=report.withheld)
    if report.since:
        output.say("print.notice-since", size=report.since, now=report.size)
    if report.foreign:
        output.say("print.proof-foreign", count=report.foreign)
    output.say("print.notice-key" if known else "print.notice-compare", log=report.origin, key=report.vkey)


def _as_data(report: Report) -> dict[str, Any]:
    return {
        "right": not report.problems,
        "problems": [{"code": code, **given} for code, given in report.problems],
        "log": report.origin,
        "size": report.size,
        "key": report.vkey,
        "words": report.words,
        "figures": report.figures,
        "vouchers": report.vouchers,
        "withheld": report.withheld,
        "since": report.since,
        "foreign": report.foreign,
    }


def _write(book: str, label: str, out: Path, url: str, paper: str) -> list[Path]:
    """Write page, proof, paper and sheet of a published notice, beside them the page that checks; return the four."""
    workspace = session.workspace
    with workspace.read() as connection:
        where = url or address_of(connection, workspace.settings.publication, book)
        found = find(connection, workspace.path, book, label, url=where)
    made = {ending: found.file(ending, size=_size(paper)) for ending in ENDINGS}
    paths = _put(out, found.name, made)
    files.put(out / CHECKER, verifier(session.lang).encode())
    return paths


def _put(out: Path, name: str, made: Mapping[str, bytes]) -> list[Path]:
    """Write files that begin alike, and return where they are."""
    out.mkdir(parents=True, exist_ok=True)
    for ending, whole in made.items():
        files.put(out / (name + ending), whole)
    return [out / (name + ending) for ending in made]


def _size(paper: str) -> Size | None:
    """Return the size of paper that was asked for, None where it is to fit."""
    return next((each for each in SIZES if each == paper), None)


def _need_paper(paper: str) -> None:
    if paper not in {FIT, *SIZES}:
        raise ChoiceUnknown(about="paper", text=paper, choices=Names([FIT, *SIZES]))


def _said(texts: list[str], known: tuple[str, ...]) -> dict[str, str]:
    """Read texts of fields such as ``principles=…``."""
    said = {}
    for text in texts:
        name, equals, words = text.replace("＝", "=", 1).partition("=")
        if not equals or not words.strip() or name.strip() not in known:
            raise SayUnreadable(text=text[:40], fields=session.output().join(known))
        said[name.strip()] = words.strip()
    return said


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    notice.command("publish", help="@help.notice-publish")(notice_publish)
    notice.command("preview", help="@help.notice-preview")(notice_preview)
    notice.command("due", help="@help.notice-due")(notice_due)
    notice.command("list", help="@help.notice-list")(notice_list)
    notice.command("write", help="@help.notice-write")(notice_write)
    app.command("verify-notice", help="@help.verify-notice")(verify_notice)
