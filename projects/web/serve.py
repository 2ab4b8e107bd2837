"""Serving the desk on the loopback address, by a server made for it; TLS is a proxy's."""

from __future__ import annotations

from collections.abc import Callable

from ledger.signing import Signer
from ledger.store.workspace import Workspace
from projects.errors import PortBusy
from projects.web.app import create_app

LOOPBACK = "127.0.0.1"
THREADS = 10
NAME = "earmark"
"""All that the server says of itself: neither what it is made of nor which version."""


def serve_desk(
    workspace: Workspace, *, port: int, name: str, ready: Callable[[str], None], signer: Signer | None = None
) -> None:
    """Serve the desk until the process is interrupted; tell `ready` the address.

    Raises:
        PortBusy: another program listens on the port.
    """
    from cheroot.wsgi import Server

    app = create_app(workspace, name=name, signer=signer)
    server = Server((LOOPBACK, port), app, numthreads=THREADS, server_name=NAME)
    try:
        server.prepare()
    except OSError:
        raise PortBusy(port=port) from None
    ready(f"https://{name}/" if name else f"http://{LOOPBACK}:{port}/")
    try:
        server.serve()
    except KeyboardInterrupt:
        server.stop()
