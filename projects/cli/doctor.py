"""The doctor's command: a line for each thing that was looked at, and how to mend it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.cells import cell_len

from ledger.errors import Refusal
from ledger.messages import explain, reason
from ledger.store.workspace import wall_clock
from projects.cli.output import Output
from projects.cli.session import Json, session

if TYPE_CHECKING:
    from ledger.doctor import Sign

ILL = 3
"""The exit code of an examination that found a problem."""


def doctor(as_json: Json = False) -> None:
    """Say what is wrong with the environment and how to mend it; a workspace need not be in order, nor there."""
    from ledger.doctor import examine  # what it looks at takes longer to load than most commands run

    if hasattr(sys.stdout, "reconfigure"):
        # A terminal that cannot show Chinese is one of the things to tell.
        sys.stdout.reconfigure(errors="replace")
    output = session.output(as_json=as_json)
    # The session would open the workspace, and write to it: here it may be the very thing that does not open.
    with output.progress(lambda name: output.text(f"doctor.{name}.name")) as tell:
        signs = []
        for sign in examine(session.path, now=wall_clock(), wanted=session.path != Path()):
            tell(sign.check, 0, 0)
            signs.append(sign)
    problems = sum(sign.grade == "problem" for sign in signs)
    warnings = sum(sign.grade == "warning" for sign in signs)
    if not output.data([_as_data(output, sign) for sign in signs]):
        names = {sign.check: output.text(f"doctor.{sign.check}.name") for sign in signs}
        width = max(cell_len(name) for name in names.values())
        for sign in signs:
            output.check(sign.grade, names[sign.check], _says(output, sign), width=width)
        verdict = "problems" if problems else "warnings" if warnings else "well"
        output.sentence(output.text(f"print.doctor-{verdict}", problems=problems, warnings=warnings))
    if problems:
        raise typer.Exit(ILL)


def _says(output: Output, sign: Sign) -> str:
    facts = {name: _said(fact, output) for name, fact in sign.facts.items()}
    return output.text(f"doctor.{sign.check}.{sign.code}", **facts)


def _said(fact: object, output: Output) -> object:
    if isinstance(fact, Refusal):
        return explain(fact, output.lang)
    return reason(fact, output.lang) if isinstance(fact, OSError) else fact


def _as_data(output: Output, sign: Sign) -> dict[str, Any]:
    facts = {name: str(_said(fact, output)) for name, fact in sign.facts.items()}
    return {
        "check": sign.check,
        "grade": sign.grade,
        "code": sign.code,
        "sentence": _says(output, sign),
        "facts": facts,
    }


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("doctor", help="@help.doctor")(doctor)
