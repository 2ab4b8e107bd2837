"""Commands of witnessing, on both sides: ask and accept for one's own logs, check and cosign for another office."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger import checkpoints, cosigned, cosigning, keyring, log, register, signing, witness
from ledger.cosigning import Witness
from ledger.errors import CodeUnfit, NoteUnfit, Unknown, WorkspaceThere
from ledger.store import files
from ledger.store.workspace import CHINA, Unit, wall_clock
from projects.cli.office_key import new_passphrase, passphrase
from projects.cli.session import As, Json, read_note, session
from projects.desk import Desk

WITNESS = "witness.pub"
"""A witness's public key as a file, to be handed out."""
witnesses = typer.Typer(no_args_is_help=True, help="@help.witness")

Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="@argument.witness-file")]


@witnesses.command("init", help="@help.witness-init")
def witness_init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="@argument.dir")],
    name: Annotated[str, typer.Option("--name", help="@option.witness-name")],
) -> None:
    """Make a folder for a witness that keeps no ledger: its key, and room for what it sees."""
    if not re.fullmatch(r"[A-Za-z0-9./-]+", name):
        raise CodeUnfit(about="office", text=name)
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise WorkspaceThere(path=directory)
    secret = new_passphrase()
    directory.mkdir(parents=True, exist_ok=True)
    signer = signing.make_key(directory, name, secret)
    output = session.output()
    public = cosigning.witness_of(signer).text()
    files.put(directory / WITNESS, f"{public}\n".encode())
    output.say("print.witness-key", path=directory / signing.KEY, public=directory / WITNESS)
    output.line(public)


@witnesses.command("show", help="@help.witness-show")
def witness_show() -> None:
    """Print the public key under which this folder cosigns."""
    verifier = signing.load_verifier(session.path)
    session.output().line(Witness(verifier.name, verifier.public).text())


@witnesses.command("add", help="@help.witness-add")
def witness_add(vkey: Annotated[str, typer.Argument(metavar="VKEY|FILE", help="@argument.vkey")]) -> None:
    """Enter the public key of an office to witness for, or of a witness to trust."""
    signing.load_verifier(session.path)  # a folder that is neither a workspace nor a witness's has no key
    # A vkey holds a plus sign twice and may hold a slash; a file of that name is nobody's.
    text = vkey if vkey.count("+") > 1 else read_note(Path(vkey)).partition("\n")[0]
    found = witness.add(session.path, text)
    kind = "witness" if isinstance(found, Witness) else "office"
    session.output().say(f"print.witness-added-{kind}", name=found.name, hint=found.hint.hex())


@witnesses.command("list", help="@help.witness-list")
def witness_list(as_json: Json = False) -> None:
    """List whose keys are known here, and what was cosigned last."""
    output = session.output(as_json=as_json)
    rows: list[dict[str, Any]] = [
        {"kind": kind, "name": each.name, "key_id": each.hint.hex(), "size": "", "at": ""}
        for kind, known in (
            ("office", witness.offices(session.path)),
            ("witness", witness.witnesses(session.path)),
        )
        for each in known
    ]
    for origin in witness.origins(session.path):
        last = witness.seen(session.path, origin)
        if last is not None:
            at = datetime.fromtimestamp(last.time, CHINA).isoformat(timespec="seconds")
            rows.append({"kind": "seen", "name": origin, "key_id": "", "size": last.checkpoint.size, "at": at})
    if output.data(rows):
        return
    shown = [row | {"kind": output.text(f"print.witness-kind-{row['kind']}")} for row in rows]
    output.rows(shown, ["kind", "name", "key_id", "size", "at"])


@witnesses.command("ask", help="@help.witness-ask")
def witness_ask(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="@option.ask-out")],
    of: Annotated[str | None, typer.Option("--book", metavar="CODE", help="@option.ask-book")] = None,
    whom: Annotated[str | None, typer.Option("--for", metavar="NAME", help="@option.ask-for")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="SIZE", help="@option.ask-since")] = None,
) -> None:
    """Write a request for each log's newest checkpoint, to be taken to the witness."""
    workspace = session.workspace
    known = witness.witnesses(workspace.path)
    asked = [each for each in known if whom in {None, each.name}]
    if not asked:
        raise Unknown(about="witness", text=whom or "—")
    if since is not None and not re.fullmatch(r"0|[1-9][0-9]{0,15}", since, re.ASCII):
        raise NoteUnfit(about="size", name=since)
    output = session.output()
    with workspace.read() as connection:
        if of is not None and of != log.OFFICE:
            register.need_book(connection, of)
        signed = dict.fromkeys(str(data.get("log")) for _, data in checkpoints.signed(connection))
        for each in asked:
            for one in [of] if of else signed:
                request = cosigned.ask(connection, one, each, since=None if since is None else int(since))
                folder = re.sub(r"[^A-Za-z0-9.-]", "-", each.name).strip(".") or "witness"
                path = out / folder / f"{checkpoints.file_name(one, request.note.text)}.ask.txt"
                files.put(path, request.text().encode())
                output.say("print.witness-asked", path=path, name=each.name)
        if not (of or signed):
            raise Unknown(about="checkpoint", text="—")


@witnesses.command("sign", help="@help.witness-sign")
def witness_sign(
    papers: Files,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="@option.sign-out")] = None,
) -> None:
    """Check requests of another office against what was seen of it, remember, and cosign."""
    requests = {path: witness.read_asked(read_note(path)) for path in papers}
    signer = signing.load_key(session.path, passphrase())
    output = session.output()
    for path, asked in requests.items():
        note = witness.sign(session.path, signer, asked, wall_clock())
        target = (out or path.parent) / (re.sub(r"(\.ask)?\.txt$", "", path.name) + ".cosigned.txt")
        files.put(target, note.whole().encode())
        origin, size, *_ = note.text.split("\n")
        output.say("print.witness-signed", name=origin, size=size, path=target)


@witnesses.command("remember", help="@help.witness-remember")
def witness_remember(papers: Files) -> None:
    """Take checkpoints that this folder itself cosigned back into its memory."""
    verifier = signing.load_verifier(session.path)
    for path in papers:
        last = witness.remember(session.path, Witness(verifier.name, verifier.public), read_note(path))
        session.output().say("print.witness-remembered", name=last.checkpoint.origin, size=last.checkpoint.size)


@witnesses.command("accept", help="@help.witness-accept")
def witness_accept(papers: Files, as_name: As = None) -> None:
    """Take cosignatures on this office's checkpoints into its log, and onto the checkpoints that are kept."""
    workspace = session.workspace
    desk = Desk(workspace, session.user(as_name))
    notes = [read_note(path) for path in papers]
    accepted: list[dict[str, Any]] = []

    def act(unit: Unit) -> dict[str, Any]:
        keyring.need_answerable(unit.connection, desk.user)
        for content in notes:
            of, note, new = cosigned.accept(unit, workspace, content, user=desk.user)
            accepted.append({"log": of, "note": note, "names": [each.name for each in new]})
        return {}

    desk.change("witness accept", {}, act)
    output = session.output()
    for each in accepted:
        path = checkpoints.path_of(workspace, each["log"], each["note"].whole())
        before = signing.read_note(path.read_text(encoding="utf-8")) if path.is_file() else each["note"]
        kept = cosigned.merge(before, each["note"]) if before.text == each["note"].text else each["note"]
        checkpoints.keep(workspace, each["log"], kept.whole())
        output.say("print.witness-accepted", names=output.join(each["names"]), path=path)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(witnesses, name="witness")
