"""What is asked in the terminal, in the user's language: a secret, and whether somebody means it."""

from __future__ import annotations

import sys

import typer

from projects.cli.session import session
from projects.errors import ConfirmationMissing


def secret(asked: str, *, twice: bool = False) -> str:
    """Return what is typed and not shown, "" for nothing; a second typing that differs begins anew."""
    while True:
        typed = _hidden(asked)
        if not twice or not typed or _hidden(session.text("print.again")) == typed:
            return typed
        typer.echo(session.text("print.differs"), err=True)


def confirm(*, yes: bool) -> None:
    """Make sure that somebody means it: by `yes`, or by an answer in the terminal.

    Raises:
        ConfirmationMissing: there is neither.
        Abort: the answer was anything but yes.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfirmationMissing
    answer = typer.prompt(session.text("print.sure"), default="", show_default=False, prompt_suffix=" ", err=True)
    if str(answer).strip().casefold() not in {"y", "yes", "是"}:
        raise typer.Abort


def _hidden(asked: str) -> str:
    return str(typer.prompt(asked, hide_input=True, default="", show_default=False))
