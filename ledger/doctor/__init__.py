"""The doctor: what is wrong with the environment, and how to mend it; it changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ledger.doctor import database, folder, installation, machine, record
from ledger.doctor.report import Grade, Sign

__all__ = ["Grade", "Sign", "examine"]


def examine(path: Path, *, now: datetime, wanted: bool = True) -> Iterator[Sign]:
    """Yield what is seen of the installation and of the workspace in `path`, which need not be in order, nor there.

    Nothing is changed but for a probe that is taken away again. Without a workspace only the installation is looked
    at; that is a problem where one was `wanted`. `now` is the time of this machine.
    """
    yield installation.python()
    yield installation.packages()
    yield from installation.names()
    yield installation.variables(os.environ)
    yield installation.sqlite()
    yield installation.terminal()
    yield machine.zone(now)
    url = os.environ.get("EARMARK_DATABASE", "")
    served = list(database.postgresql(url)) if url else []
    yield from served
    there = (path / "earmark.toml").exists() or (path / "record.db").exists()
    if not there:
        yield machine.clock(now)
        yield folder.absent(path, wanted=wanted)
        return
    yield from folder.settings(path)
    yield machine.file_system(path)
    yield machine.synced(path)
    yield machine.space(path)
    yield machine.durable(path)
    yield folder.access(path)
    yield folder.owners(path)
    yield folder.privacy(path)
    yield folder.key(path)
    yield folder.leftovers(path)
    yield folder.locks(path)
    if served and served[-1].grade == "problem":
        yield machine.clock(now)  # nothing can be asked of the record
    else:
        yield from record.look(path, now, url)
