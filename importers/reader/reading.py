"""Reading a file: the process that reads is started, watched, and believed only if it came to the end."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from importers.errors import FileUnreadable
from importers.reader.limits import Limits
from importers.reader.workbook import Merge, Row, Sheet, Workbook

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 6
"""On a busy machine a second of processor time may take so many seconds."""

_LONGEST_KEPT = 40
"""Texts up to this length are kept once, however often they come back."""

_DEFAULT = Limits()


def read(path: Path, *, limits: Limits = _DEFAULT, progress: Callable[[float], None] | None = None) -> Workbook:
    """Return the sheets of the file at `path`; `progress` is told how far it is, from 0 to 1.

    Raises:
        FileUnreadable: it is not there, is no file that can be read, or holds more than `limits`.
    """
    try:
        # Whoever hands in a pipe would be waited for, for ever.
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise FileUnreadable(about="kind", path=path)
            if status.st_size == 0:
                raise FileUnreadable(about="empty", path=path)
            if status.st_size > limits.file_bytes:
                raise FileUnreadable(about="large", path=path, limit=limits.file_bytes >> 20)
            workbook = _read(file, path, limits, progress or (lambda _: None))
    except OSError as error:
        raise FileUnreadable(path=path, reason=error) from None
    except ValueError:
        # No file has such a name: a NUL, or half a character.
        raise FileUnreadable(about="name", path=ascii(str(path))) from None
    if not any(sheet.rows for sheet in workbook.sheets):
        raise FileUnreadable(about="empty", path=path)
    return workbook


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _read(file: BinaryIO, path: Path, limits: Limits, progress: Callable[[float], None]) -> Workbook:
    command = [sys.executable, "-P", "-m", "importers.reader.child", json.dumps(asdict(limits))]
    # The environment may hold passphrases; a process that reads strangers' files needs none of it.
    with subprocess.Popen(  # noqa: S603 - our own module, by the Python that runs us
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
    ) as process:
        watch = threading.Timer(limits.seconds * _PATIENCE, process.kill)
        watch.start()
        try:
            assert process.stdout is not None, "its output is a pipe"
            workbook = _collect(_lines(process.stdout), path, progress)
            process.wait()
        finally:
            watch.cancel()
            process.kill()
    if workbook is None:
        slow = process.returncode in {-signal.SIGXCPU, -signal.SIGKILL}
        raise FileUnreadable(about="slow" if slow else "damaged", path=path, limit=limits.seconds)
    return workbook


def _lines(stream: BinaryIO | Any) -> Iterator[list[Any]]:
    for line in stream:
        if not line.endswith(b"\n"):
            return
        yield json.loads(line)


def _collect(lines: Iterator[list[Any]], path: Path, progress: Callable[[float], None]) -> Workbook | None:
    """Return what was read, or None if the process did not come to the end."""
    kind = encoding = ""
    sheets: list[Sheet] = []
    rows: list[Row] = []
    merges: list[Merge] = []
    name, hidden = "", False
    kept: dict[str, str] = {}

    def close() -> None:
        if rows or merges:
            sheets.append(Sheet(name, tuple(rows), tuple(merges), hidden))
            rows.clear()
            merges.clear()

    for what, *facts in lines:
        if what == "row":
            number, cells = facts
            rows.append(Row(number, tuple(kept.setdefault(c, c) if len(c) <= _LONGEST_KEPT else c for c in cells)))
        elif what == "merge":
            merges.append(Merge(*facts))
        elif what == "far":
            progress(facts[0])
        elif what == "sheet":
            close()
            name, hidden = facts
        elif what == "kind":
            kind, encoding = facts
        elif what == "refuse":
            raise FileUnreadable(about=facts[0], path=path, **facts[1])
        else:
            close()
            progress(1.0)
            return Workbook(kind, tuple(sheets), encoding)
    return None
