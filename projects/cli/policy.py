"""Commands of the policy: the numbers that hold, who changed which from when, a file to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger import log, messages, register
from ledger.balances import State
from ledger.store.workspace import Unit
from ledger.text import parse_date
from projects.cli.output import Output
from projects.cli.session import As, Book, Json, Key, Papers, session
from projects.desk import Desk
from projects.policy.history import Change, changes, policy_at
from projects.policy.model import Policy
from projects.policy.numbers import MARKS, Gates

policy = typer.Typer(no_args_is_help=True, help="@help.policy")

On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="@option.policy-on")]


@policy.command("show", help="@help.policy-show")
def policy_show(on: On = None, as_json: Json = False) -> None:
    """Show the numbers by which events of a day are judged."""
    day, found, since = _policy(on)
    output = session.output(as_json=as_json)
    numbers = [
        {
            "key": key,
            "name": output.text(f"policy.name.{key}"),
            **each.fields,
            "verified": each.mark == "S",
            "fact": each.fact,
            "from": since.get(each.fact, ""),
        }
        for key, each in found.numbers()
    ]
    if output.data({"on": day, "numbers": numbers}):
        return
    rows = [
        {
            "what": f"{key} {output.text(f'policy.name.{key}')}",
            "policy-number": messages.phrase(each.shown, output.lang),
            "policy-document": output.text("print.policy-document", document=each.document, number=each.number).strip(),
            "mark": output.text(f"policy.mark.{MARKS[each.mark]}"),
            "since": output.text("print.policy-since", start=since[each.fact], fact=each.fact) if each.fact else "",
        }
        for key, each in found.numbers()
        if not isinstance(each, Gates)
    ]
    output.rows(rows, ["what", "policy-number", "policy-document", "mark", "since"])
    gates = [
        {
            "what": f"{key} {output.text(f'policy.name.{key}')}",
            "policy-gates": output.join(output.text(f"gate.{name}") for name in each.value),
            "since": output.text("print.policy-since", start=since[each.fact], fact=each.fact) if each.fact else "",
        }
        for key, each in found.numbers()
        if isinstance(each, Gates)
    ]
    output.line()
    output.rows(gates, ["what", "policy-gates", "since"])


@policy.command("list", help="@help.policy-list")
def policy_list(as_json: Json = False) -> None:
    """List every change of the policy, withdrawn ones too."""
    with session.workspace.read() as connection:
        found = changes(connection)
    output = session.output(as_json=as_json)
    if output.data([_shown(each) for each in found]):
        return
    rows = [
        {
            "fact": each.label,
            "since": each.start,
            "by": each.fact.by if each.fact else "",
            "recorded_at": each.fact.at if each.fact else "",
            "says": output.join(f"{key} {_plain(said['value'])}" for key, said in each.numbers.items()),
            "withdrawn_by": each.withdrawn,
        }
        for each in found
    ]
    output.rows(rows, ["fact", "since", "by", "recorded_at", "says", "withdrawn_by"])


@policy.command("export", help="@help.policy-export")
def policy_export(on: On = None) -> None:
    """Print the policy of a day as a file with comments."""
    from projects.policy.text import text_of

    _, found, _ = _policy(on)
    output = session.output()
    output.line(text_of(found, output.text).rstrip("\n"))


@policy.command("set", help="@help.policy-set")
def policy_set(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="@argument.policy-file")],
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="@option.policy-from")],
    doc: Papers = None,
    as_name: As = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Let other numbers hold from a day on."""
    from projects.policy.file import read_file
    from projects.policy.override import override

    user, day, numbers = session.user(as_name), parse_date(start), read_file(file)
    desk = Desk(session.workspace, user)
    papers = desk.papers(doc or [])

    def act(unit: Unit) -> dict[str, Any]:
        made = override(unit, numbers, start=day, by=user, papers=papers)
        return {"fact": made.label, "log": log.OFFICE, "from": day.isoformat(), "numbers": sorted(numbers)}

    content = {"from": day.isoformat(), "numbers": numbers, "user": user, "papers": [each[0] for each in papers]}
    made = desk.change("policy set", content, act, key=key)
    output = session.output(as_json=as_json)
    if not output.data(made):
        output.say("print.policy-kept", fact=made["fact"], start=made["from"], numbers=_names(output, made["numbers"]))


@policy.command("due", help="@help.policy-due")
def policy_due(on: On = None, book: Book = None, as_json: Json = False) -> None:
    """List what is idle beyond the term after which it is recalled."""
    from projects.idle import idle

    day = session.workspace.clock().date() if on is None else parse_date(on)
    with session.workspace.read() as connection:
        books = [each.code for each in register.list_books(connection)] if book is None else [session.book(book)]
        states = {each: State(connection, each, drafts=False) for each in books}
        found = [{"book": code, **vars(each)} for code, state in states.items() for each in idle(state, day)]
        term = policy_at(connection, day).recall.term
    output = session.output(as_json=as_json)
    if output.data(found):
        return
    columns = ["book", "project", "channel", "since", "idle-due", "idle", "in-hand"]
    rows = [each | {"idle-due": each["due"], "idle": each["fen"], "in-hand": each["in_hand"]} for each in found]
    output.rows(rows, columns, numbers=["idle", "in-hand"])
    shown, rule = (messages.phrase(each, output.lang) for each in (term.shown, term.rule))
    output.sentence(output.text("print.policy-due", term=shown, rule=rule))


def _policy(on: str | None) -> tuple[str, Policy, dict[str, str]]:
    """Return a day, its policy, and from when on each change holds."""
    day = session.workspace.clock().date() if on is None else parse_date(on)
    with session.workspace.read() as connection:
        since = {each.label: each.start for each in changes(connection)}
        return day.isoformat(), policy_at(connection, day), since


def _shown(change: Change) -> dict[str, Any]:
    recorded = {"by": change.fact.by, "at": change.fact.at} if change.fact else {}
    papers = [f"{sha256}{suffix}" for sha256, suffix, _ in change.fact.documents] if change.fact else []
    return {
        "fact": change.label,
        "from": change.start,
        **recorded,
        "documents": papers,
        "withdrawn": change.withdrawn or None,
        "numbers": dict(change.numbers),
    }


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _names(output: Output, keys: list[str]) -> str:
    return output.join(output.text(f"policy.name.{key}") for key in keys)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(policy, name="policy")
