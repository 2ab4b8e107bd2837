"""The output of a command, whose errors say that they are its own: of themselves they have no name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

NAME = "<stdout>"


class Stream:
    """A stream as it is, but that an error of writing has `NAME` for the name of its file."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> Any:
        """Write a text."""
        with _named():
            return self._stream.write(text)

    def flush(self) -> None:
        """Hand on what was written."""
        with _named():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def named_output() -> Iterator[None]:
    """Let errors of what is printed inside have `NAME`."""
    with redirect_stdout(Stream(sys.stdout)):
        yield


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        error.filename = NAME
        raise
