"""Lines that bring a request too slowly are let go: a handful of them would keep everybody else waiting.

A request holds a thread of the server from its first byte on. A byte now and then would hold it for ever, and not every
proxy waits for the whole of a request before it passes it on.
"""

from __future__ import annotations

import socket
from time import monotonic
from typing import Any

from cheroot.makefile import MakeFile, StreamReader
from cheroot.server import HTTPConnection

GRACE = 10.0
"""So many seconds a request may take, however little of it has come."""
SLOWEST = 4_000
"""From then on so many bytes a second have come, on the average: what a slow line of a village brings."""


class Paced(socket.SocketIO):
    """A line that is read as long as enough comes of the request that is being read."""

    since = 0.0
    came = 0

    def begin(self) -> None:
        """Count from now on: a request begins."""
        self.since, self.came = monotonic(), 0

    def readinto(self, buffer: Any) -> int | None:
        """Read what comes.

        Raises:
            TimeoutError: it comes too slowly.
        """
        waited = monotonic() - self.since
        if waited > GRACE and self.came < waited * SLOWEST:
            message = "timed out"
            raise TimeoutError(message)
        count = super().readinto(buffer)
        self.came += count or 0
        return count


class Reader(StreamReader):
    """What the server reads of a paced line."""

    def __init__(self, line: socket.socket, size: int) -> None:
        super(StreamReader, self).__init__(Paced(line, "r"), size)
        self.bytes_read = 0


class Line(HTTPConnection):
    """A connection of the server on which each request is read at its pace."""

    def __init__(self, server: Any, line: socket.socket, makefile: Any = MakeFile) -> None:
        super().__init__(server, line, makefile)
        self.rfile = Reader(line, self.rbufsize)

    def communicate(self) -> Any:
        """Read a request and answer it."""
        self.rfile.raw.begin()
        return super().communicate()  # type: ignore[no-untyped-call]  # the server comes without types
