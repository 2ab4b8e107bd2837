"""Commands of published notices: publish one, list them, write it as a file with its proof, and check such a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger import facts, keyring, signing
from ledger.errors import ChoiceUnknown, DocumentUnreadable, Names
from ledger.store import files
from ledger.text import parse_date
from projects.cli.life import notice
from projects.cli.office_key import passphrase
from projects.cli.session import As, Book, Date, Json, Key, read_note, session
from projects.cli.verification import WRONG
from projects.errors import NoticeUnsigned, SayUnreadable
from projects.notices.check import Report, check
from projects.notices.content import read
from projects.notices.kinds import need_kind
from projects.notices.page import render
from projects.notices.proof import covering, dump, prove
from projects.notices.publish import KIND, contact, list_notices, publish
from projects.notices.verifier import NAME, verifier
from projects.typeset.press import SIZES, Size

PAGE, PROOF, PAPER, SHEET = ".html", ".proof.json", ".pdf", ".xlsx"
FIT = "fit"
OutDir = Annotated[Path, typer.Option("--out", metavar="DIR", help="@option.notice-out")]
Paper = Annotated[str, typer.Option("--paper", help="@option.paper")]
Url = Annotated[str, typer.Option("--url", metavar="URL", help="@option.notice-url")]


def notice_publish(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="@argument.notice-kind")],
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="@argument.notice-project")] = "",
    out: OutDir = Path(),
    issuer: Annotated[str | None, typer.Option("--issuer", help="@option.issuer")] = None,
    phone: Annotated[str | None, typer.Option("--phone", help="@option.phone")] = None,
    say: Annotated[list[str] | None, typer.Option("--say", metavar="FIELD=TEXT", help="@option.say")] = None,
    url: Url = "",
    paper: Paper = FIT,
    date: Date = None,
    as_name: As = None,
    at: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Publish a notice: into the log, under a signed checkpoint, and as files."""
    of = need_kind(kind)
    _need_paper(paper)
    desk = session.desk(as_name, at)
    said = _said(say or [], of.fields)
    if (of.about == "project") != bool(project):
        raise SayUnreadable(about="project" if of.about == "project" else "book", kind=kind)
    signer = signing.load_key(desk.workspace.path, passphrase())
    with desk.workspace.read() as connection:
        known = contact(list_notices(connection, desk.book))
    made = publish(
        desk,
        signer,
        kind,
        project,
        on=parse_date(date) if date else desk.workspace.clock().date(),
        lang=session.lang,
        said=said,
        issuer=_needed(issuer, known[0], "issuer"),
        phone=_needed(phone, known[1], "phone"),
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


def notice_list(at: Book = None, as_json: Json = False) -> None:
    """List the published notices."""
    book = session.book(at)
    with session.workspace.read() as connection:
        found = list_notices(connection, book)
        rows = [
            {
                "fact": each.label,
                "date": each.on,
                "notice": each.data["title"],
                "about": each.subject,
                "supersedes": each.data.get("supersedes", ""),
                "signed": "✓" if covering(connection, book, each.position) else "—",
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
    """Check a notice against its proof; no workspace is needed."""
    page = None if file.name.endswith(PROOF) else _text(file)
    beside = file if page is None else file.with_name(file.name.removesuffix(PAGE) + PROOF)
    key = None
    if trusted:
        key = signing.read_verifier(trusted if trusted.count("+") > 1 else read_note(Path(trusted)).split("\n")[0])
    report = check(_text(proof or beside), page, trusted=key)
    output = session.output(as_json=as_json)
    if not output.data(_as_data(report)):
        _say(report, known=key is not None)
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
    }


def _write(book: str, label: str, out: Path, url: str, paper: str) -> list[Path]:
    """Write page, proof, paper and sheet of a published notice, beside them the page that checks; return the four."""
    from projects.notices.sheet import sheet
    from projects.notices.wall import wall

    workspace = session.workspace
    with workspace.read() as connection:
        fact = facts.need(connection, book, label)
        if fact.kind != KIND:
            raise NoticeUnsigned(about="kind", fact=label, book=book)
        if not covering(connection, book, fact.position):
            raise NoticeUnsigned(fact=fact.label, book=book)
        ring = keyring.load(connection, workspace.path)
        content = read(book, fact.data)
        name = f"{book}-{fact.label}-{content.kind}"
        address = f"{url.rstrip('/')}/{name}{PAGE}" if url else ""
        proof = prove(connection, ring, fact, content, url=address)
    made = {
        PAGE: render(content, proof).encode(),
        PROOF: dump(proof).encode(),
        PAPER: wall(content, proof, size=_size(paper)).pdf,
        SHEET: sheet(content, proof),
    }
    out.mkdir(parents=True, exist_ok=True)
    for ending, whole in made.items():
        files.put(out / (name + ending), whole)
    files.put(out / NAME, verifier(session.lang).encode())
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


def _needed(typed: str | None, known: str, option: str) -> str:
    found = (typed or known).strip()
    if not found:
        raise SayUnreadable(about=option)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentUnreadable(path=path, reason=getattr(error, "strerror", "") or "UTF-8") from None


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    notice.command("publish", help="@help.notice-publish")(notice_publish)
    notice.command("list", help="@help.notice-list")(notice_list)
    notice.command("write", help="@help.notice-write")(notice_write)
    app.command("verify-notice", help="@help.verify-notice")(verify_notice)
