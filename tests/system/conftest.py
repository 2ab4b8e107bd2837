"""What a person sees: a real browser on real servers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from browsing import SIZES, log_in, watch
from publication import publish_notice

from projects.cli.main import run
from projects.demo.builder import PASSPHRASE

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def rekeyed(demo, tmp_path_factory) -> Path:
    """A demonstration in `ws` whose key was changed between the two notices in `out`: nobody writes into it."""
    folder = tmp_path_factory.mktemp("rekeyed")
    shutil.copytree(demo, folder / "ws")
    publish_notice(folder / "ws", "completion", folder / "out")
    follows = "five ducks read news"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", PASSPHRASE)
        patch.setenv("EARMARK_NEW_PASSPHRASE", follows)
        assert run(["--workspace", str(folder / "ws"), "key", "rotate", "--as", "shenhe"]) == 0
    publish_notice(folder / "ws", "before", folder / "out", passphrase=follows)
    return folder


@pytest.fixture(scope="session")
def fava(demo):
    """The address of Fava on the demonstration, served by the command itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from projects.cli.main import main; main()"]
    server = subprocess.Popen(
        [*command, "--workspace", str(demo), "fava", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"PYTHONUTF8": "1"},
    )
    url = f"http://127.0.0.1:{port}/"
    for _ in range(120):
        assert server.poll() is None, server.stdout.read().decode()
        try:
            urllib.request.urlopen(url, timeout=2).close()
            break
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.25)
    else:
        pytest.fail("Fava did not answer within half a minute")
    yield url
    server.terminate()
    server.wait(timeout=20)
    server.stdout.close()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium, Debian's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def enter(browser):
    """Let somebody in at a desk: its address, a name, the size of the screen. No page may complain, or ask others."""
    opened = []

    def begin(url: str, name: str, size: str = "desk", *, script: bool = True):
        context = browser.new_context(viewport=SIZES[size], locale="zh-CN", java_script_enabled=script)
        page = context.new_page()
        opened.append((context, watch(page, url)))
        log_in(page, url, name)
        return page

    yield begin
    for context, _ in opened:
        context.close()
    assert [each for _, wrong in opened for each in wrong] == []
