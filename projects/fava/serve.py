"""Serving books in Fava on the loopback address, read-only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.messages import Lang
from ledger.register import Book
from ledger.store.workspace import Workspace
from projects.errors import PortBusy

LOOPBACK = "127.0.0.1"


def serve(workspace: Workspace, books: Sequence[Book], *, port: int, lang: Lang, ready: Callable[[str], None]) -> None:
    """Serve books until the process is interrupted, each loaded when it is first opened; tell `ready` the address.

    Fava has no login, so it listens to this machine only.

    Raises:
        PortBusy: another program listens on the port.
    """
    from cheroot.wsgi import Server

    from projects.fava.shelf import make_fava

    app = make_fava(workspace, listed=books, lang=lang)
    # There is no login, so a page of elsewhere must not come in by a name that was made to lead here.
    app.config["TRUSTED_HOSTS"] = [LOOPBACK, "localhost"]
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
