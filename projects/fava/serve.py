"""Serving books in Fava on the loopback address, read-only."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from projects.errors import PortBusy

LOOPBACK = "127.0.0.1"


def serve(heads: list[Path], *, port: int, ready: Callable[[str], None]) -> None:
    """Serve the books whose heads are named until the process is interrupted; tell `ready` the address.

    Fava has no login, so it listens to this machine only. Beancount's pickle cache is switched off: it would lie
    beside the books and be executed when it is loaded.

    Raises:
        PortBusy: another program listens on the port.
    """
    os.environ["BEANCOUNT_DISABLE_LOAD_CACHE"] = "1"
    from cheroot.wsgi import Server
    from fava.application import create_app

    # Beancount loads a book by an absolute path only.
    app = create_app([str(head.resolve()) for head in heads], load=True, read_only=True)
    server = Server((LOOPBACK, port), app)
    try:
        server.prepare()
    except OSError:
        raise PortBusy(port=port) from None
    ready(f"http://{LOOPBACK}:{port}/")
    try:
        server.serve()
    except KeyboardInterrupt:
        server.stop()
