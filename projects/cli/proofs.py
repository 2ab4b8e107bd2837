"""Commands that prove: signed checkpoints, proofs of vouchers and of growth."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger import checkpoints, keyring, log, people, register, signing
from ledger.store.workspace import Unit
from projects.cli.office_key import passphrase
from projects.cli.session import As, Book, Key, read_note, session
from projects.desk import Desk
from projects.errors import UsageWrong


def checkpoint(
    as_name: As = None,
    at: Annotated[str | None, typer.Option("--book", metavar="CODE", help="@option.checkpoint-book")] = None,
    key: Key = None,
    as_json: Annotated[bool, typer.Option("--json", help="@option.checkpoint-json")] = False,
) -> None:
    """Sign what the logs are now."""
    workspace = session.workspace
    desk = Desk(workspace, session.user(as_name))
    signer = signing.load_key(workspace.path, passphrase())
    folder = workspace.path

    def act(unit: Unit) -> dict[str, Any]:
        if at is not None:
            register.need_book(unit.connection, at)
        signed = [at] if at else log.logs(unit.connection)
        # The office's log holds no money: who may sign the books signs it with them.
        for book in [of for of in signed if of != log.OFFICE] or [people.EVERY_BOOK]:
            people.need_overseer(unit.connection, desk.user, book)
        keyring.need_current(unit.connection, workspace.path, signer)
        return {of: checkpoints.sign(unit, signer, of, user=desk.user) for of in signed}

    notes = desk.change("checkpoint", {"user": desk.user, "book": at}, act, key=key)
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
    """Print a proof as JSON; both proofs in one document where both are asked for.

    Raises:
        UsageWrong: neither a voucher nor a checkpoint was named.
    """
    found: dict[str, Any] = {}
    with session.workspace.read() as connection:
        if voucher is not None:
            found["inclusion"] = _with_base64(checkpoints.prove(connection, session.book(at), voucher))
        if since is not None:
            ring = keyring.load(connection, session.workspace.path)
            found["consistency"] = _with_base64(checkpoints.prove_since(connection, ring, read_note(since)))
    if not found:
        raise UsageWrong(about="prove", command="earmark prove")
    session.output(as_json=True).data(found if len(found) > 1 else next(iter(found.values())))


def _with_base64(proof: dict[str, Any]) -> dict[str, Any]:
    """Add the root as a checkpoint writes it, so that the two can be compared by eye."""
    shown: dict[str, Any] = {}
    for name, value in proof.items():
        shown[name] = value
        if name == "root":
            shown["root_base64"] = base64.b64encode(bytes.fromhex(value)).decode()
    return shown


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("checkpoint", help="@help.checkpoint")(checkpoint)
    app.command("prove", help="@help.prove")(prove)
