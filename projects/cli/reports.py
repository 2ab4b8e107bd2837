"""Commands that make, look at, check and publish a workspace."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len

from ledger import register
from ledger.books.text import HEAD
from ledger.books.write import settle
from ledger.messages import reason
from ledger.store.workspace import create
from ledger.verify import Check, Finding, check_books, verify
from projects.cli.figures import status_command
from projects.cli.office_key import make_key, new_passphrase
from projects.cli.output import Output
from projects.cli.proofs import read_note
from projects.cli.session import Book, Json, session
from projects.errors import BookChanged, PortUnreadable

WRONG = 3
"""The exit code of a verification that found something."""

Port = Annotated[str, typer.Option("--port", help="@option.port")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("status", help="@help.status")(status_command)
    app.command("verify", help="@help.verify")(verify_command)
    app.command("fava", help="@help.fava")(fava)
    app.command("disclose", help="@help.disclose")(disclose)


def init(directory: Annotated[Path, typer.Argument(metavar="DIR", help="@argument.dir")]) -> None:
    """Make an empty workspace."""
    output = session.output()
    # The passphrase comes first: a wrong one must not leave half of a workspace behind.
    asked = sys.stdin.isatty() or bool(os.environ.get("EARMARK_PASSPHRASE"))
    secret = new_passphrase(optional=True) if asked else ""
    made = create(directory, language=session.lang)
    output.say("print.init", path=directory)
    if secret:
        make_key(made, secret)
    else:
        output.say("print.no-key", path=directory)
    made.close()
    output.say("print.init-next", path=directory)


def demo(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="@argument.dir")],
    serve: Annotated[bool, typer.Option("--serve", help="@option.serve")] = False,
    port: Port = "5000",
) -> None:
    """Build a demonstration from real figures."""
    from projects.demo import build

    output = session.output()
    number = _port(port)
    with output.progress(lambda _name: output.text("print.demo-building")) as tell:
        made = build(directory, progress=lambda done, whole: tell("", done, whole))
    books = output.join(f"{code} {name}" for code, name in made.books)
    output.say("print.demo-done", path=directory, vouchers=made.vouchers, drafts=made.drafts, books=books)
    first = made.books[0][0]
    for step in ("status", "waiting", "seal", "verify", "bean-check", "fava", "disclose"):
        output.say(f"print.demo-{step}", path=directory, book=first, approver=made.approver)
    if serve:
        session.path = directory
        _serve(None, number)


def verify_command(
    beancount: Annotated[bool, typer.Option("--beancount", help="@option.beancount")] = False,
    against: Annotated[list[Path] | None, typer.Option("--against", metavar="FILE", help="@option.against")] = None,
    as_json: Json = False,
) -> None:
    """Check record and books against each other."""
    output = session.output(as_json=as_json)
    notes = [read_note(path) for path in against or []]
    with output.progress(lambda name: output.text(f"check.{name}")) as progress:
        checks = verify(session.workspace, beancount=beancount, against=notes, progress=progress)
    if not output.data([_as_data(output, check) for check in checks]):
        print_checks(output, checks)
    if any(check.findings for check in checks):
        raise typer.Exit(WRONG)


def print_checks(output: Output, checks: list[Check]) -> None:
    """Print a line for each check, below it what it found, and at the end whether all is right."""
    names = {check.name: output.text(f"check.{check.name}") for check in checks}
    width = max(cell_len(name) for name in names.values())
    for check in checks:
        key = "print.check-wrong" if check.findings else "print.check-right"
        says = output.text(key, covered=f"{check.covered:>7,}", findings=len(check.findings))
        output.check("problem" if check.findings else "ok", names[check.name], says, width=width)
        for finding in check.findings:
            output.sentence(_sentence(output, finding), indent=2)
        for notice in check.notices:
            output.sentence(_sentence(output, notice, "notice"), indent=2)
    findings = sum(len(check.findings) for check in checks)
    output.sentence(output.text("print.verify-wrong" if findings else "print.verify-right", findings=findings))


def fava(at: Book = None, port: Port = "5000") -> None:
    """Open a book in Fava."""
    _serve(at, _port(port))


def disclose(out: Annotated[Path, typer.Option("--out", metavar="DIR", help="@option.out")]) -> None:
    """Write the public pages."""
    from projects.disclosure import publish

    made = publish(session.workspace, out, lang=session.lang)
    session.output().say("print.disclosed", pages=made.pages, path=out / "index.html")


def _serve(at: str | None, port: int) -> None:
    from projects.fava.serve import serve

    settle(session.workspace)
    with session.workspace.read() as connection:
        books = [at] if at else [each.code for each in register.list_books(connection)]
        for book in books:
            register.need_book(connection, book)
    _, right = check_books(session.workspace)
    heads = [session.workspace.books / book / HEAD for book in books]
    wrong = [head.parent.name for head in heads if head not in right]
    if wrong:
        raise BookChanged(books=session.output().join(wrong))
    output = session.output()
    serve(heads, port=port, ready=lambda url: output.say("print.serving", url=url))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):  # noqa: PLR2004 - ports are 16 bits
        raise PortUnreadable(text=text)
    return int(text)


def _as_data(output: Output, check: Check) -> dict[str, Any]:
    def said(found: list[Finding], kind: str) -> list[dict[str, str]]:
        return [
            {"code": each.code, "sentence": _sentence(output, each, kind), **{k: str(v) for k, v in each.facts.items()}}
            for each in found
        ]

    found = {"findings": said(check.findings, "finding"), "notices": said(check.notices, "notice")}
    return {"check": check.name, "covered": check.covered, **found}


def _sentence(output: Output, finding: Finding, kind: str = "finding") -> str:
    facts = {
        name: reason(fact, output.lang) if isinstance(fact, OSError) else fact for name, fact in finding.facts.items()
    }
    return output.text(f"{kind}.{finding.code}", **facts)
