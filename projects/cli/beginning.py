"""Commands that make a workspace: an empty one, or a demonstration from real figures."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from ledger import signing
from ledger.store.workspace import create
from projects.cli.office_key import make_key, new_passphrase
from projects.cli.serving import Port, read_port
from projects.cli.session import session


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("init", help="@help.init")(init)
    app.command("demo", help="@help.demo")(demo)


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
    number = read_port(port)
    with output.progress(lambda _name: output.text("print.demo-building")) as tell:
        made = build(directory, progress=lambda done, whole: tell("", done, whole))
    books = output.join(f"{code} {name}" for code, name in made.books)
    output.say("print.demo-done", path=directory, vouchers=made.vouchers, drafts=made.drafts, books=books)
    first = made.books[0][0]
    for step in ("status", "waiting", "seal", "verify", "bean-check", "fava", "disclose"):
        output.say(f"print.demo-{step}", path=directory, book=first, approver=made.approver)
    if serve:
        session.path = directory
        _open_desk(number)


def _open_desk(port: int) -> None:
    """Give everybody of the demonstration one password, made now, and open the desk with the key that all know."""
    from projects.demo.builder import PASSPHRASE, read_story
    from projects.web.logins import Logins
    from projects.web.serve import serve_desk

    workspace, output, password = session.workspace, session.output(), secrets.token_urlsafe(9)
    users = read_story()["users"]
    logins = Logins(workspace.path, workspace.clock)
    for name in users:
        logins.set_password(name, password, first=False)
    shown = output.join(
        f"{name} {output.text(f'web.people.role-{role}')}" for name, each in users.items() for role in each["roles"]
    )
    output.say("print.demo-logins", users=shown, password=password)

    def ready(url: str) -> None:
        output.say("print.serving-desk", url=url)
        output.say("print.serving-signs")

    serve_desk(workspace, port=port, name="", signer=signing.load_key(workspace.path, PASSPHRASE), ready=ready)
