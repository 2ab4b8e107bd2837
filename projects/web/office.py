"""What the pages of the desk share: the workspace, its logins, and one writer at a time."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from flask import Flask, current_app

from ledger.signing import Signer
from ledger.store.workspace import Workspace
from projects.errors import LoginRefused
from projects.fava.shelf import make_fava
from projects.web.logins import Logins
from projects.web.unfinished import Forms
from projects.web.unused import Unused

TRIES_OF_ADDRESS = 30
WINDOW = timedelta(minutes=5)


@dataclass
class Office:
    """What the pages share: the workspace, its logins, and one writer at a time."""

    workspace: Workspace
    logins: Logins
    unfinished: Forms
    unused: Unused
    signer: Signer | None = None
    """The office's key, opened when the desk was: without it the desk signs nothing."""
    writing: threading.Lock = field(default_factory=threading.Lock)
    making: threading.Lock = field(default_factory=threading.Lock)
    trying: threading.Lock = field(default_factory=threading.Lock)
    tries: dict[str, deque[datetime]] = field(default_factory=dict)
    previewed: int = -1
    """How much the logs held when the public pages were made."""

    @cached_property
    def previews(self) -> Path:
        """A folder for the preview of the public pages, gone with the program."""
        folder = Path(tempfile.mkdtemp(prefix="earmark-public-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    @cached_property
    def waiting(self) -> Path:
        """A folder for what was handed in and is not kept yet, gone with the program."""
        folder = Path(tempfile.mkdtemp(prefix="earmark-waiting-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    @cached_property
    def fava(self) -> Flask:
        """Fava, made when somebody first opens a book."""
        with self.making:
            return make_fava(self.workspace)

    def need_calm(self, address: str) -> None:
        """Make sure that one address does not try one login after the other.

        Only what was refused counts: an office of thirty clerks may come in from one address in one morning.

        Raises:
            LoginRefused: it was refused too often just now.
        """
        times = self.tries.get(address, deque[datetime]())
        if len(times) == TRIES_OF_ADDRESS and times[0] > self.workspace.clock() - WINDOW:
            raise LoginRefused(about="rate", minutes=WINDOW.seconds // 60)

    def remember_refusal(self, address: str) -> None:
        """Count a login that was refused."""
        now = self.workspace.clock()
        with self.trying:
            for each in [each for each, times in self.tries.items() if times[-1] < now - WINDOW]:
                del self.tries[each]
            self.tries.setdefault(address, deque(maxlen=TRIES_OF_ADDRESS)).append(now)


def office() -> Office:
    """Return what the pages share."""
    found: Office = current_app.extensions["earmark"]
    return found
