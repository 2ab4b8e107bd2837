"""Commands of the office's key: make it, show it, put another in its place."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ledger import keyring, signing
from ledger.books.write import settle
from ledger.errors import PassphraseMissing
from ledger.signing import Verifier
from ledger.store.workspace import Workspace
from projects.cli import asking
from projects.cli.erase import Yes
from projects.cli.session import As, read_note, session
from projects.errors import DemonstrationOnly, UsageWrong

SHORTEST_PASSPHRASE = 8
keys = typer.Typer(no_args_is_help=True, help="@help.key")


@keys.command("make", help="@help.key-make")
def key_make() -> None:
    """Make the office's key, if it has none."""
    make_key(session.workspace, new_passphrase())


@keys.command("show", help="@help.key-show")
def key_show() -> None:
    """Print the public key, for others to check checkpoints with."""
    session.output().line(signing.load_verifier(session.workspace.path).text())


@keys.command("rotate", help="@help.key-rotate")
def key_rotate(as_name: As = None) -> None:
    """Put a new key in the place of the office's; both sign the change."""
    workspace, user = session.workspace, session.user(as_name)
    with workspace.read() as connection:
        keyring.need_answerable(connection, user)
    old, new = passphrase(), new_passphrase(follows=True)
    _changed(workspace, keyring.rotate(workspace, passphrase=old, new_passphrase=new, user=user), "print.key-rotated")


@keys.command("replace", help="@help.key-replace")
def key_replace(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="@option.replace-reason")],
    second: Annotated[str, typer.Option("--second", metavar="NAME", help="@option.second")],
    lost: Annotated[bool, typer.Option("--lost", help="@option.lost")] = False,
    as_name: As = None,
    yes: Yes = False,
) -> None:
    """Put a new key in the place of one that nobody can open any more; two people answer for it.

    Raises:
        UsageWrong: `--lost` was not said: a key that opens is rotated.
    """
    if not lost:
        raise UsageWrong(about="replace", command="earmark key replace")
    workspace, users = session.workspace, [session.user(as_name), second]
    with workspace.read() as connection:
        for user in users:
            keyring.need_answerable(connection, user)
    if not yes:
        session.output().say("print.key-second", second=second)
    asking.confirm(yes=yes)
    new = new_passphrase(follows=True)
    found = keyring.replace_lost(workspace, new_passphrase=new, users=users, reason=reason)
    _changed(workspace, found, "print.key-replaced")


def make_key(workspace: Workspace, secret: str) -> None:
    """Make a workspace's key, note it in the office's log and say where it is."""
    signer = signing.make_key(workspace.path, workspace.settings.office, secret)
    with workspace.write() as unit:
        keyring.log_made(unit, signer)
        unit.commit()
    settle(workspace)
    output = session.output()
    output.say("print.key", path=workspace.path / signing.KEY)
    output.line(signer.verifier.text())


def _changed(workspace: Workspace, verifier: Verifier, message: str) -> None:
    settle(workspace)
    output = session.output()
    output.say(message, path=workspace.path / signing.KEY)
    output.line(verifier.text())


def read_keys(text: str | None) -> list[Verifier]:
    """Return the public keys that somebody names, newest first: a key itself, or a file of keys; none for nothing.

    Raises:
        NoteUnfit: a line of it is no public key.
    """
    if not text:
        return []
    return signing.read_verifiers(text if text.count("+") > 1 else read_note(Path(text)))


def passphrase(*, variable: str = "EARMARK_PASSPHRASE", ask: str = "print.passphrase", twice: bool = False) -> str:
    """Return the passphrase: from the environment, or typed in the terminal.

    Raises:
        PassphraseMissing: neither is there, or it is too short.
    """
    secret = os.environ.get(variable, "")
    if not secret and sys.stdin.isatty():
        secret = asking.secret(session.text(ask), twice=twice)
    if not secret:
        raise PassphraseMissing(variable=variable)
    if len(secret) < SHORTEST_PASSPHRASE:
        raise PassphraseMissing(about="short")
    return secret


def new_passphrase(*, optional: bool = False, follows: bool = False) -> str:
    """Return the passphrase of a key that is to be made, typed twice; empty if it is optional and nothing was typed.

    That of a key that follows another is EARMARK_NEW_PASSPHRASE.

    Raises:
        PassphraseMissing: it is missing or too short.
        DemonstrationOnly: it is the demonstration's, which everybody knows.
    """
    from projects.demo.builder import PASSPHRASE

    try:
        if follows:
            secret = passphrase(variable="EARMARK_NEW_PASSPHRASE", ask="print.new-passphrase", twice=True)
        else:
            secret = passphrase(twice=True)
    except PassphraseMissing as refusal:
        if optional and "about" not in refusal.facts:
            return ""
        raise
    if secret == PASSPHRASE:
        raise DemonstrationOnly
    return secret


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(keys, name="key")
