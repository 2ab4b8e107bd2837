"""The commands by the module that has them: a run loads what the command that was asked for needs, and no more."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from ledger import messages
from ledger.messages import Lang
from projects.cli import session

PARTS: dict[str, tuple[str, ...]] = {
    "beginning": (
        "init",
        "demo",
    ),
    "registers": (
        "user",
        "village",
        "book",
        "channel",
        "project",
    ),
    "imports": ("import",),
    "life": (
        "project",
        "village",
        "deliberate",
        "approve",
        "inspect",
        "review",
        "notice",
        "milestone",
    ),
    "notices": ("notice", "verify-notice"),
    "pages": ("verify-page",),
    "registry_check": (
        "scorecard",
        "registry",
    ),
    "events": (
        "allot",
        "plan",
        "waive",
        "receive",
        "send-back",
        "interest",
        "contract",
        "bill",
        "decommit",
        "advance",
        "certify",
        "pay",
        "pay-direct",
        "bounce",
        "change-source",
        "prefinance",
        "cut",
        "purchase",
        "spend",
        "aid",
        "relief",
        "labour",
        "accept",
        "repay",
        "return",
        "cancel",
        "year-end",
        "reverse",
        "opening",
        "revise",
        "change",
        "deposit",
        "wages",
        "inkind",
        "refund",
        "retention",
    ),
    "vouchers": (
        "correct",
        "voucher",
    ),
    "payees": ("payee",),
    "invoices": ("invoice",),
    "facts": ("fact",),
    "periods": ("close", "reopen"),
    "policy": ("policy",),
    "loans": ("loan",),
    "reconcile": ("reconcile",),
    "procurement": ("procurement",),
    "figures": ("status",),
    "late": ("late",),
    "search": ("search",),
    "verification": ("verify",),
    "audit": ("audit",),
    "serving": (
        "fava",
        "disclose",
    ),
    "statements": ("statement", "statements"),
    "exporting": ("export",),
    "desk_serving": (
        "user",
        "serve",
    ),
    "credit": ("credit",),
    "exits": ("exit",),
    "indicators": ("indicator",),
    "proofs": (
        "checkpoint",
        "prove",
    ),
    "doctor": ("doctor",),
    "backups": (
        "backup",
        "restore",
        "rebuild",
    ),
    "office_key": ("key",),
    "witness": ("witness",),
    "erase": ("erase",),
}
"""The modules in the order of the help, each with its words: `add_to` puts exactly these into the command line."""


def asked(arguments: list[str]) -> str:
    """Return the command that is asked for, or "" where none is; nothing is judged here."""
    following = False
    for each in arguments:
        if following:
            following = False
        elif not each.startswith("-"):
            return each
        else:
            following = each in {"--workspace", "--lang"}
    return ""


def build(lang: Lang, word: str = "") -> Any:
    """Return the command line with its help in `lang`, made once: all of it, or what the command `word` needs.

    A word that no module has is answered by the whole, which knows what there is.
    """
    return _build(lang, tuple(name for name, words in PARTS.items() if word in words) or tuple(PARTS))


@cache
def _build(lang: Lang, parts: tuple[str, ...]) -> Any:
    app = typer.Typer(no_args_is_help=True, add_completion=False, help="@help.earmark", pretty_exceptions_enable=False)
    app.callback()(_options)
    for part in parts:
        import_module(f"projects.cli.{part}").add_to(app)
    command = typer.main.get_command(app)
    _localise(command, lang)
    return command


def localise_panels(lang: Lang) -> None:
    """Let the printer of help speak `lang`, and fold lines instead of cutting them: Chinese has no blanks."""
    from typer import rich_utils

    def folded(items: list[Text]) -> Text:
        line = Text(" ", overflow="fold").join(items)
        line.overflow = "fold"
        return line

    setattr(rich_utils, "Columns", folded)  # noqa: B010 - it is no part of what the module declares
    rich_utils.REQUIRED_LONG_STRING = messages.text("projects", "print.required", lang)
    rich_utils.DEFAULT_STRING = messages.text("projects", "print.default", lang, value="{}")
    rich_utils.ARGUMENTS_PANEL_TITLE = messages.text("projects", "print.arguments", lang)
    rich_utils.OPTIONS_PANEL_TITLE = messages.text("projects", "print.options", lang)
    rich_utils.COMMANDS_PANEL_TITLE = messages.text("projects", "print.commands", lang)


def _show_version(asked_for: bool) -> None:
    if asked_for:
        from importlib.metadata import version

        typer.echo(f"earmark {version('earmark')}")
        raise typer.Exit


def _options(
    workspace: Annotated[Path | None, typer.Option("--workspace", metavar="DIR", help="@option.workspace")] = None,
    lang: Annotated[str | None, typer.Option("--lang", metavar="zh|en", help="@option.lang")] = None,
    show_version: Annotated[  # noqa: ARG001 - its callback has answered before a command is missed
        bool, typer.Option("--version", help="@option.version", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Read the options that stand before every command."""
    session.start(workspace, lang)


def _localise(command: Any, lang: Lang) -> None:
    """Put the catalogue's words in the place of keys such as ``@help.allot``, all the way down."""
    command.help = _words(command.help, lang)
    asking = command.get_help_option(command.make_context("earmark", [], resilient_parsing=True))
    asking.help, asking.metavar = messages.text("projects", "option.help", lang), ""
    for parameter in command.params:
        parameter.help = _words(getattr(parameter, "help", None), lang)
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = lambda ctx: ""  # noqa: ARG005 - an argument's name has said it
        elif parameter.metavar is None:
            # A flag stands alone, everything else takes what its name says. Python's types say nothing.
            parameter.metavar = "" if getattr(parameter, "is_flag", False) else parameter.opts[0].lstrip("-").upper()
    for child in getattr(command, "commands", {}).values():
        _localise(child, lang)


def _words(key: str | None, lang: Lang) -> str | None:
    return messages.text("projects", key[1:], lang) if key and key.startswith("@") else key
