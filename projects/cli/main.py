"""The entry of the command line: the language, the commands, and what becomes of everything that goes wrong."""

from __future__ import annotations

import gc
import logging
import os
import re
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from typer.exceptions import Abort, Exit, TyperException

from ledger import messages
from ledger.books.write import settle
from ledger.errors import RecordFailed, Refusal
from ledger.messages import Lang
from ledger.text import visible
from projects.cli import session, stream
from projects.cli.commands import asked, build, localise_panels
from projects.errors import UsageWrong

REFUSED = 1
BROKEN = 70
"""The exit code of a fault of the program (EX_SOFTWARE)."""
UNSURE = 74
"""The exit code where the disk or the output failed (EX_IOERR): look whether it was done before it is repeated."""
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit.

    0 done, 1 refused, 3 something was found, 70 a fault of the program, 74 the disk or the output failed.
    """
    signal.signal(signal.SIGINT, _interrupt)
    # SQLAlchemy logs with a traceback what an interrupt does to a connection that it closes.
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    sys.unraisablehook = _end_where_nothing_can_be_raised
    try:
        code = run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        code = _interrupted()
    # What is to be said was said: an interrupt now would only show how Python ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is left is not looked through once more for cycles before Python ends: the system takes it back as a whole.
    gc.freeze()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code; nothing but one line ever says that it was refused."""
    workspace = _option(arguments, "--workspace")
    session.start(Path(workspace) if workspace else None, _option(arguments, "--lang"))
    lang = session.session.lang
    code = BROKEN
    try:
        localise_panels(lang)
        with stream.named_output():
            code = _call(build(lang, asked(arguments)), arguments)
            sys.stdout.flush()
    except Refusal as refusal:
        _complain(messages.explain(refusal, session.session.lang))
        code = UNSURE if isinstance(refusal.facts.get("because", refusal), RecordFailed) else REFUSED
    except (Abort, KeyboardInterrupt):
        code = _interrupted()
    except BrokenPipeError:
        # Whoever read our output has gone away; what was done is done.
        _drop_output()
        code = 0
    except OSError as error:
        code = _failed(error, lang)
    except Exception:
        code = _interrupted() if stopped else _broken(lang)
    finally:
        if session.session.opened is not None:
            if code == 0:
                # What was asked for is done and said; the disk is waited for last.
                settle(session.session.opened)
            # A command that was refused has written nothing that the books could lack.
            if code not in {REFUSED, UNSURE} and session.session.opened.unwritten is not None:
                _complain(_unwritten(session.session.opened.unwritten, lang))
            session.session.opened.close()
    return code


def _failed(error: OSError, lang: Lang) -> int:
    """Say what the system refused, and return the exit code: the output, a file with a name, or one without."""
    why = messages.reason(error, lang)
    if error.filename == stream.NAME:
        # The command went through, its answer was lost.
        _drop_output()
        _complain(messages.text("projects", "print.unprinted", lang, reason=why))
        return UNSURE
    if error.filename is None:
        _complain(messages.text("projects", "print.unfinished", lang, reason=why))
        return UNSURE
    _complain(messages.text("projects", "print.unusable", lang, path=error.filename, reason=why))
    return REFUSED


def _broken(lang: Lang) -> int:
    """Keep the traceback in a file, say where, and return the exit code: the last line of defence, no user sees one."""
    path = _keep_traceback()
    damaged = _damaged()
    _complain(messages.text("projects", "print.damaged" if damaged else "print.fault", lang, path=path))
    return REFUSED if damaged else BROKEN


stopped: list[int] = []
"""The interrupts that came. One that falls into what SQLite calls back is lost there: SQLite says "not authorized"."""


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """Remember an interrupt, and raise it."""
    stopped.append(signum)
    signal.default_int_handler(signum, frame)


def _interrupted() -> int:
    """Say that a command was interrupted and return its exit code."""
    _complain(messages.text("projects", "print.interrupted", session.session.lang))
    return INTERRUPTED


def _end_where_nothing_can_be_raised(caught: Any) -> None:
    """End at once when an interrupt fell into a place that cannot pass it on; the record bears it like a power cut."""
    if issubclass(caught.exc_type, KeyboardInterrupt):
        os._exit(_interrupted())
    sys.__unraisablehook__(caught)


def _unwritten(error: OSError | Refusal, lang: Lang) -> str:
    if isinstance(error, Refusal):
        return messages.text("projects", "print.unwritten-marks", lang, because=messages.explain(error, lang))
    facts = {"path": error.filename or "—", "reason": messages.reason(error, lang)}
    return messages.text("projects", "print.unwritten", lang, **facts)


def _drop_output() -> None:
    """Let what could not be printed go, or it would be tried again, and complained about, when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _call(command: Any, arguments: list[str]) -> int:
    """Call a command; what was wrong with its words becomes a refusal."""
    for argument in arguments:
        if not argument.isascii() and any("\ud800" <= each <= "\udfff" for each in argument):
            raise UsageWrong(about="encoding", name="", command="earmark", reason="")
    words = [
        _minus(each) if not before.startswith("-") else each
        for before, each in zip(["", *arguments], arguments, strict=False)
    ]
    try:
        result = command.main(args=words, prog_name="earmark", standalone_mode=False)
    except Exit as done:
        return done.exit_code
    except SystemExit:
        # Typer ends the process itself in one case: nobody reads its output any more.
        raise BrokenPipeError from None
    except TyperException as error:
        usage = _usage(error)
        if usage is None:
            return 0
        raise usage from None
    if result == INTERRUPTED:
        # Typer makes an exit code of an interrupt, and says nothing.
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0


def _option(arguments: list[str], name: str) -> str | None:
    """Look for an option before anything is parsed: the language decides how parsing speaks."""
    for here, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if here == name:
            return following
        if here.startswith(f"{name}="):
            return here.partition("=")[2]
    return None


def _minus(argument: str) -> str:
    """Let a negative number through to the money's own refusal instead of taking it for an option."""
    return "\u2212" + argument[1:] if re.fullmatch(r"-[0-9][0-9.,]*(?:元|万元|万)?", argument) else argument


def _usage(error: TyperException) -> Refusal | None:
    """Return the refusal that says what was wrong with a command's words; None where its help was printed."""
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return None
    parameter: Any = getattr(error, "param", None)
    context: Any = getattr(error, "ctx", None)
    name = getattr(error, "option_name", "")
    if parameter is not None:
        is_option = parameter.param_type_name == "option"
        name = parameter.opts[0] if is_option else parameter.metavar or parameter.name
    about = {"MissingParameter": "missing", "NoSuchOption": "option", "BadOptionUsage": "value"}.get(kind, "")
    message = error.format_message()
    found = re.search(r"'([^']*)'", message)
    if not about and "No such command" in message:
        about, name = "command", found[1] if found else ""
    if not about and "unexpected extra argument" in message:
        about, name = "extra", message.rpartition("(")[2].rstrip(")")
    path = context.command_path if context else "earmark"
    return UsageWrong(about=about, name=str(name), command=path, reason=message)


def _complain(message: str) -> None:
    sys.stderr.write(visible(message).replace("\n", " ") + "\n")


def _damaged() -> bool:
    """Tell whether the record itself is at fault: on a damaged one any command may fail, in any way."""
    from ledger.verify import verify

    opened = session.session.opened
    try:
        return opened is not None and any(check.findings for check in verify(opened))
    except Exception:
        return True


def _keep_traceback() -> str:
    """Return the file with the traceback, or its last line where no file can be written."""
    told = traceback.format_exc()
    try:
        handle, name = tempfile.mkstemp(prefix="earmark-fault-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(told)
    except OSError:
        return f"({told.strip().splitlines()[-1]})"
    return name
