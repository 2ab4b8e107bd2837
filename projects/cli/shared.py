"""Options that many commands share, and the command that takes them beside its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from projects.cli.session import As, Book, Date, Json, Key, Note, Papers

Ask = TypeVar("Ask", bound=Callable[..., dict[str, Any]])
Options = Mapping[str, tuple[Any, Any]]
"""Options by name: each with its type for Typer, and what it is where nothing was typed."""

WHEN: Options = {"date": (Date, None)}
HOW: Options = {
    "note": (Note, None),
    "doc": (Papers, None),
    "as_name": (As, None),
    "book": (Book, None),
    "key": (Key, None),
    "as_json": (Json, False),
}


def beside(gather: Ask, options: Options, work: Callable[[dict[str, Any], dict[str, Any]], None]) -> Ask:
    """Return a command with a function's own options and these, which gives `work` what was gathered, and these."""
    own = inspect.signature(gather, eval_str=True).parameters

    def command(**given: Any) -> None:
        shared = {name: given.pop(name) for name in options}
        work(gather(**given), shared)

    extra = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in options.items()
    ]
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own.values()] + extra
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__name__ = gather.__name__
    command.__doc__ = gather.__doc__
    return command  # type: ignore[return-value]
