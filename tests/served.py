"""The desk as it runs in an office: a process of its own, and people who talk HTTP with it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from ledger.store.workspace import Clock, wall_clock
from projects.web.logins import Logins

PASSWORD = "a long enough word"  # noqa: S105 - a test's
HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def let_in(folder: Path, *names: str, clock: Clock = wall_clock) -> None:
    """Let these people log in at the desk of a workspace, with the one password."""
    logins = Logins(folder, clock)
    for name in names:
        logins.set_password(name, PASSWORD, first=False)


class Served:
    """The desk on a workspace, started by the command itself; after a kill it can be started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self._options = options
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where its first page is."""
        return f"http://{HOST}:{self.port}/"

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [sys.executable, "-P", "-c", "from projects.cli.main import main; main()"]
        command += ["--workspace", str(self.folder), "serve", "--port", str(self.port), *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONUTF8": "1"})
        for _ in range(600):
            assert self._process.poll() is None, "the desk ended"
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError("the desk did not answer")

    def kill(self) -> None:
        """End it as a power cut does, at once."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=30)


class Answer:
    """What came back: its status, where it leads, its page, and what the server calls itself."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.location = response.headers.get("Location", "")
        self.server = response.headers.get("Server", "")
        self.cookies = response.headers.get_all("Set-Cookie") or []
        self.page = response.read().decode()

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page's first form that has it."""
        found = re.search(rf'name="{name}" value="([^"]+)"', self.page)
        assert found, self.page
        return found[1]


class Person:
    """Somebody at a browser: one connection, cookies, forms."""

    def __init__(self, port: int, name: str) -> None:
        self.name = name
        self._port = port
        self._cookies = SimpleCookie()
        self._line: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, typed: dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(typed))

    def hang_up(self) -> None:
        """Let the line go, as when the other end is gone."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def log_in(self) -> None:
        token = self.get("/login").hidden("csrf_token")
        answer = self.post("/login", {"csrf_token": token, "name": self.name, "password": PASSWORD})
        assert answer.status == 302, answer.page

    def fill(self, path: str, **typed: str) -> dict[str, str]:
        """Open a form and return it filled, with the key that makes sending it twice the same as once."""
        page = self.get(path)
        return {"csrf_token": page.hidden("csrf_token"), "key": page.hidden("key"), **typed}

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{each.key}={each.value}" for each in self._cookies.values())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        fresh = self._line is None
        while True:
            if self._line is None:
                self._line = http.client.HTTPConnection(HOST, self._port, timeout=60)
            try:
                self._line.request(method, path, body, headers)
                answer = Answer(self._line.getresponse())
                break
            except (http.client.HTTPException, OSError):
                self.hang_up()
                # A line that was idle may be gone; browsers then open another and ask again, whatever the method.
                if fresh:
                    raise
                fresh = True
        for each in answer.cookies:
            self._cookies.load(each)
        return answer
