"""The command that verifies: record, books, documents and logs against each other, a line for each check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len

from ledger.messages import reason
from ledger.verify import Check, Finding, verify
from projects.cli.output import Output
from projects.cli.session import Json, read_note, session

WRONG = 3
"""The exit code of a verification that found something."""


def add_to(app: typer.Typer) -> None:
    """Put this command into the command line."""
    app.command("verify", help="@help.verify")(verify_command)


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
