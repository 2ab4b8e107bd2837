"""Data that a county adds to: a file that is shipped, and over it one of the same name in the county's workspace."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from projects.errors import CountyFileUnfit

LARGEST = 200_000
"""So many bytes a county's file has at most."""
CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")

Told = dict[str, Any]


def shipped(name: str) -> Told:
    """Return what is shipped in a file."""
    return tomllib.loads(files("projects").joinpath(name).read_text(encoding="utf-8"))


def own(workspace: Path, name: str, *tables: str) -> Told:
    """Return what a county's own file of this name says, nothing where it has none.

    Raises:
        CountyFileUnfit: it cannot be read, is too large, no UTF-8 or no TOML, or holds what such a file does not.
    """
    try:
        with (workspace / name).open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CountyFileUnfit(about="file", file=name, reason=error) from None
    if len(content) > LARGEST:
        raise CountyFileUnfit(about="large", file=name, most=LARGEST)
    try:
        told: Told = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CountyFileUnfit(about="encoding", file=name) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        raise CountyFileUnfit(about="toml", file=name, line=found[1] if found else "?") from None
    for key, value in told.items():
        if key not in tables:
            raise CountyFileUnfit(about="key", file=name, key=key[:60], choices="、".join(tables))
        for code in value if isinstance(value, dict) else ():
            if not CODE.fullmatch(code):
                raise CountyFileUnfit(about="code", file=name, key=code[:60])
    return told
