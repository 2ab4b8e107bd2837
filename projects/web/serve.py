"""Serving the desk on the loopback address, by a server made for it; TLS is a proxy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from ledger.signing import Signer
from ledger.store.workspace import Workspace
from projects.errors import PortBusy
from projects.web.app import create_app

LOOPBACK = "127.0.0.1"
THREADS = 10
HEAD = 64_000
"""So many bytes a request has before its body, at most."""
NAME = "earmark"
"""All that the server says of itself: neither what it is made of nor which version."""


def serve_desk(
    workspace: Workspace, *, port: int, name: str, ready: Callable[[str], None], signer: Signer | None = None
) -> None:
    """Serve the desk until the process is interrupted; tell `ready` the address.

    Raises:
        PortBusy: another program listens on the port.
    """
    server = make_server(create_app(workspace, name=name, signer=signer), port)
    try:
        server.prepare()
    except OSError:
        raise PortBusy(port=port) from None
    ready(f"https://{name}/" if name else f"http://{LOOPBACK}:{port}/")
    try:
        server.serve()
    except KeyboardInterrupt:
        server.stop()


def make_server(app: Flask, port: int) -> Any:
    """Return the server: it has so many threads, and lets go who would hold them for long."""
    from cheroot.wsgi import Server

    from projects.web.pace import Line

    server = Server((LOOPBACK, port), app, numthreads=THREADS, server_name=NAME)
    server.max_request_header_size = HEAD
    server.ConnectionClass = Line
    return server
