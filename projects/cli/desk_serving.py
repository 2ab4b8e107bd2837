"""The commands of the clerk's desk in a browser: serve it, and give its users passwords."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from ledger import keyring, signing
from projects import admission
from projects.cli import asking, registers
from projects.cli.office_key import passphrase
from projects.cli.serving import read_port
from projects.cli.session import As, session
from projects.desk import Desk
from projects.errors import HostUnreadable

Name = Annotated[str, typer.Argument(metavar="NAME", help="@argument.user")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    registers.user.command("password", help="@help.user-password")(user_password)
    registers.user.command("unlock", help="@help.user-unlock")(user_unlock)
    app.command("serve", help="@help.serve")(serve)


def serve(
    port: Annotated[str, typer.Option("--port", help="@option.port")] = "8000",
    name: Annotated[str, typer.Option("--name", metavar="HOST", help="@option.serve-name")] = "",
    sign: Annotated[bool, typer.Option("--sign", help="@option.serve-sign")] = False,
) -> None:
    """Open the clerk's desk in a browser."""
    from projects.web.serve import serve_desk

    if name and not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", name):
        raise HostUnreadable(text=name)
    output = session.output()
    number = read_port(port)
    workspace, signer = session.workspace, None
    if sign:
        # A key that does not open, or is not the office's any more, is told before anybody works.
        signer = signing.load_key(workspace.path, passphrase())
        with workspace.read() as connection:
            keyring.need_current(connection, workspace.path, signer)

    def ready(url: str) -> None:
        output.say("print.serving-desk", url=url)
        if sign:
            output.say("print.serving-signs")

    serve_desk(workspace, port=number, name=name, signer=signer, ready=ready)


def user_password(name: Name, as_name: As = None) -> None:
    """Give a user a first password; it is changed at the first login."""
    from projects.web.logins import Logins

    by = registers.granter(as_name)
    with session.workspace.read() as connection:
        admission.need_admitter(connection, by, name)
    if sys.stdin.isatty():
        secret = asking.secret(session.text("print.password"), twice=True)
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    workspace = session.workspace
    admission.give_password(Desk(workspace, by), Logins(workspace.path, workspace.clock), name, secret)
    session.output().say("print.password-set", user=name)


def user_unlock(name: Name, as_name: As = None) -> None:
    """Open a login that wrong passwords have locked."""
    from projects.web.logins import Logins

    workspace, by = session.workspace, registers.granter(as_name)
    admission.unlock(Desk(workspace, by), Logins(workspace.path, workspace.clock), name)
    session.output().say("print.unlocked", user=name)
