"""Requests that come a byte at a time: they are let go, and do not keep others waiting."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request

from projects.web import pace
from projects.web.serve import HEAD, LOOPBACK, THREADS, make_server

FORM = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n"
HEADING = b"GET / HTTP/1.1\r\nHost: x\r\nX: "


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A page that says how much was sent to it, on the desk's server, which here has little patience."""
    monkeypatch.setattr(pace, "GRACE", 1.0)
    app = Flask("page")

    @app.route("/", methods=["GET", "POST"])
    def page() -> str:
        return str(len(request.get_data()))

    server = make_server(app, 0)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server.bind_addr[1]
    server.stop()
    thread.join()


def ask(port: int, content: bytes = b"") -> tuple[int, bytes]:
    line = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
    line.request("POST", "/", content, {"Content-Type": "text/plain"})
    answer = line.getresponse()
    found = answer.status, answer.read()
    line.close()
    return found


def trickle(line: socket.socket, over: Callable[[], bool]) -> None:
    while not over():
        try:
            line.sendall(b"x")
        except OSError:
            return
        time.sleep(0.1)


@pytest.mark.parametrize("begins", [FORM, HEADING], ids=["form", "heading"])
def test_lines_that_bring_a_byte_now_and_then_keep_nobody_waiting(port: int, begins: bytes) -> None:
    lines = [socket.create_connection((LOOPBACK, port)) for _ in range(THREADS + 2)]
    stop = threading.Event()
    threads = [threading.Thread(target=trickle, args=(line, stop.is_set)) for line in lines]
    for line in lines:
        line.sendall(begins)
    for thread in threads:
        thread.start()
    try:
        assert ask(port, b"abc") == (200, b"3")
        assert not stop.wait(0)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for line in lines:
            line.close()


def test_what_comes_steadily_is_read_to_its_end(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "GRACE", 0.2)
    line = socket.create_connection((LOOPBACK, port), timeout=60)
    line.sendall(FORM)
    for _ in range(10):
        line.sendall(b"x" * 10_000)
        time.sleep(0.1)
    assert line.recv(65536).startswith(b"HTTP/1.1 200")
    line.close()
    assert ask(port, b"y" * 300_000) == (200, b"300000")


def test_a_line_that_rested_between_two_requests_has_its_time(port: int) -> None:
    line: Any = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
    for _ in range(2):
        line.request("GET", "/")
        assert line.getresponse().read() == b"0"
        time.sleep(1.5)
    line.close()


def test_a_heading_without_an_end_is_not_read(port: int) -> None:
    line = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
    line.request("GET", "/", headers={f"X-{number}": "x" * 1000 for number in range(HEAD // 1000 + 1)})
    assert line.getresponse().status == 413
    line.close()
