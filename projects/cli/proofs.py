"""Commands that prove: the office's key, signed checkpoints, proofs of vouchers and of growth."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger import checkpoints, log, people, register, signing
from ledger.errors import DocumentUnreadable, PassphraseMissing
from ledger.store.workspace import Unit, Workspace
from projects.cli.session import As, Book, Json, session
from projects.desk import Desk

SHORTEST_PASSPHRASE = 8
key = typer.Typer(no_args_is_help=True, help="@help.key")


@key.command("make", help="@help.key-make")
def key_make() -> None:
    """Make the office's key, if it has none."""
    make_key(session.workspace, passphrase(twice=True))


@key.command("show", help="@help.key-show")
def key_show() -> None:
    """Print the public key, for others to check checkpoints with."""
    session.output().line(signing.load_verifier(session.workspace.path).text())


def make_key(workspace: Workspace, secret: str) -> None:
    """Make a workspace's key and say where it is."""
    signer = signing.make_key(workspace.path, workspace.settings.office, secret)
    output = session.output()
    output.say("print.key", path=workspace.path / "office.key")
    output.line(signer.verifier.text())


def checkpoint(as_name: As = None, at: Book = None, as_json: Json = False) -> None:
    """Sign what the logs are now."""
    workspace = session.workspace
    desk = Desk(workspace, session.user(as_name))
    signer = signing.load_key(workspace.path, passphrase())
    notes: dict[str, str] = {}
    folder = workspace.path

    def act(unit: Unit) -> dict[str, Any]:
        people.need_user(unit.connection, desk.user)
        if at is not None:
            register.need_book(unit.connection, at)
        for of in [at] if at else log.logs(unit.connection):
            notes[of] = checkpoints.sign(unit, signer, of, user=desk.user)
        return {}

    desk.change("checkpoint", {}, act)
    for of, note in notes.items():
        folder = checkpoints.keep(workspace, of, note).parent
    output = session.output(as_json=as_json)
    if output.data(notes):
        return
    for note in notes.values():
        output.line(note)
    output.say("print.checkpoint", folder=folder, count=len(notes))


def prove(
    voucher: Annotated[str | None, typer.Argument(metavar="VOUCHER", help="@argument.voucher")] = None,
    since: Annotated[Path | None, typer.Option("--since", metavar="FILE", help="@option.since")] = None,
    at: Book = None,
) -> None:
    """Print a proof as JSON."""
    output = session.output(as_json=True)
    with session.workspace.read() as connection:
        if since is not None:
            verifier = signing.load_verifier(session.workspace.path)
            output.data(checkpoints.prove_since(connection, verifier, read_note(since)))
        if voucher is not None:
            output.data(checkpoints.prove(connection, session.book(at), voucher))


def read_note(path: Path) -> str:
    """Return the text of a note.

    Raises:
        DocumentUnreadable: the file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentUnreadable(path=path, reason=getattr(error, "strerror", "") or "UTF-8") from None


def passphrase(*, twice: bool = False) -> str:
    """Return the passphrase: from EARMARK_PASSPHRASE, or typed in the terminal.

    Raises:
        PassphraseMissing: neither is there, it is too short, or the second typing differs.
    """
    secret = os.environ.get("EARMARK_PASSPHRASE", "")
    if not secret and sys.stdin.isatty():
        text = session.text("print.passphrase")
        secret = str(typer.prompt(text, hide_input=True, confirmation_prompt=twice, default="", show_default=False))
    if len(secret) < SHORTEST_PASSPHRASE:
        raise PassphraseMissing
    return secret


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("checkpoint", help="@help.checkpoint")(checkpoint)
    app.command("prove", help="@help.prove")(prove)
    app.add_typer(key, name="key")
