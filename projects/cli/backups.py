"""Commands that keep a workspace safe: a backup, putting it back, making the record again from the books."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.backup import backup
from ledger.books.rebuild import Rebuilt, rebuild
from ledger.errors import TextMissing
from ledger.putback import Restored, restore
from ledger.restores import Answer, Known
from projects.cli.output import Output
from projects.cli.session import As, Json, read_note, session
from projects.cli.verification import print_checks
from projects.events.verbs import EFFECTS

WRONG = 3
"""The exit code of a verification that found something."""

Second = Annotated[str, typer.Option("--second", metavar="NAME", help="@option.second")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="@option.restore-reason")]
Against = Annotated[list[Path] | None, typer.Option("--against", metavar="FILE", help="@option.restore-against")]


def backup_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="@argument.backup-out")],
    force: Annotated[bool, typer.Option("--force", help="@option.force")] = False,
    as_json: Json = False,
) -> None:
    """Write a backup of the workspace into one file, and open it to see that it is whole."""
    output = session.output(as_json=as_json)
    workspace = session.workspace
    with _bar(output) as progress:
        made = backup(workspace, file, force=force, progress=progress)
    about = made.manifest
    if output.data(
        {"path": made.path, "size": made.size, "lacking": made.lacking, "beside": made.beside, **vars(about)}
    ):
        return
    output.say("print.backup", path=made.path, size=f"{made.size:,}", vouchers=about.vouchers)
    for of, head in about.logs.items():
        _log(output, Known(of, head["size"], head["root"]))
    for name in made.lacking:
        output.say("print.backup-lacking", name=name)
    if made.beside:
        output.say("print.backup-beside")
    output.say("print.backup-private")
    output.say("print.backup-key")


def restore_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="@argument.backup-in")],
    directory: Annotated[Path | None, typer.Argument(metavar="DIR", help="@argument.restore-dir")] = None,
    as_name: As = None,
    second: Second = "",
    reason: Reason = "",
    against: Against = None,
    as_json: Json = False,
) -> None:
    """Put a backup back, into a new folder or over a workspace, which is moved aside."""
    output = session.output(as_json=as_json)
    notes = [read_note(path) for path in against or []]
    answer = Answer(_user(as_name), second, reason)
    with _bar(output) as progress:
        done = restore(file, directory or session.path, answer=answer, notes=notes, progress=progress)
    if not output.data(_restored(done)):
        _say_restored(output, done)
        print_checks(output, list(done.checks))
    if any(check.findings for check in done.checks):
        raise typer.Exit(WRONG)


def rebuild_command(
    books: Annotated[Path, typer.Option("--from", metavar="BOOKS", help="@option.rebuild-from")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="@argument.dir")],
    as_name: As = None,
    second: Second = "",
    reason: Reason = "",
    against: Against = None,
    as_json: Json = False,
) -> None:
    """Make a workspace again from the books alone, to the same log roots."""
    output = session.output(as_json=as_json)
    notes = [read_note(path) for path in against or []]
    answer = Answer(_user(as_name), second, reason)
    with _bar(output) as progress:
        done = rebuild(
            books,
            directory,
            effects=EFFECTS,
            answer=answer,
            notes=notes,
            progress=lambda done, of: progress("leaves", done, of),
        )
    facts = {name: value for name, value in vars(done).items() if name != "checks"}
    facts |= {name: [vars(each) for each in facts[name]] for name in ("logs", "behind")} | {"office": vars(done.office)}
    if not output.data(facts | {"right": done.right}):
        _say_rebuilt(output, done, directory)
        print_checks(output, list(done.checks))
    if not done.right:
        output.say("print.rebuilt-wrong")
        raise typer.Exit(WRONG)


def _user(name: str | None) -> str:
    """Return who acts, empty if nobody was named: where nothing is lost nobody has to answer."""
    try:
        return session.user(name)
    except TextMissing:
        return ""


def _restored(done: Restored) -> dict[str, Any]:
    names = ("path", "aside", "schema", "before", "after", "missing", "key")
    facts = {name: getattr(done, name) for name in names}
    return facts | {"made_at": done.manifest.made_at, "behind": [vars(each) for each in done.behind]}


def _say_restored(output: Output, done: Restored) -> None:
    output.say("print.restored", path=done.path, at=done.manifest.made_at, vouchers=done.manifest.vouchers)
    for of, size in done.after.items():
        output.say("print.restored-log", log=of, before=done.before.get(of, "—"), after=size)
    for book, numbers in done.missing.items():
        output.say("print.restored-missing", book=book, count=len(numbers), numbers=output.join(numbers))
    if done.aside:
        output.say("print.restored-aside", aside=done.aside)
    if done.schema:
        output.say("print.restored-schema", schema=done.schema)
    if not done.key:
        output.say("print.restored-key", path=done.path / "office.key")


def _say_rebuilt(output: Output, done: Rebuilt, path: Path) -> None:
    facts = {"books": done.books, "vouchers": done.vouchers, "documents": done.documents}
    output.say("print.rebuilt" if done.right else "print.rebuilt-not", path=path, **facts)
    for head in done.logs:
        _log(output, head)
    output.say("print.rebuilt-office", size=done.office.size)
    _log(output, done.office)
    output.say("print.rebuilt-compared", count=done.compared, behind=len(done.behind))
    output.say("print.rebuilt-absent", **done.absent)


def _log(output: Output, head: Known) -> None:
    output.say("print.log-head", log=head.log, size=head.size, root=head.base64)


def _bar(output: Output) -> AbstractContextManager[Callable[[str, int, int], None]]:
    """Show how far a long command is, step by step."""
    return output.progress(lambda step: output.text(f"print.step-{step}"))


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("backup", help="@help.backup")(backup_command)
    app.command("restore", help="@help.restore")(restore_command)
    app.command("rebuild", help="@help.rebuild")(rebuild_command)
