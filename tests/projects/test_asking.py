"""What the terminal is asked is asked in the user's language, typed secrets are never shown, and only yes is yes."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from ledger.messages import Lang, text
from projects.cli.main import run

pytestmark = pytest.mark.sqlite

PATIENCE = 60


class Terminal:
    """A command in a terminal of its own; everything that is shown there is kept."""

    def __init__(self, *words: str, lang: Lang, at: Path) -> None:
        self._ours, self._theirs = pty.openpty()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EARMARK_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "projects.cli", "--lang", lang, *words],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            cwd=at,
            env=kept | {"COLUMNS": "200", "TERM": "dumb", "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,
        )
        self.shown = ""
        self._answered = 0

    def answer(self, asked: str, typed: str, *, hidden: bool) -> None:
        """Wait for a question behind the last answer, and for the echo to be off where it has to be; type."""
        until = time.monotonic() + PATIENCE
        while asked not in self.shown[self._answered :] or (hidden and self._echoes()):
            assert time.monotonic() < until, f"{asked!r} is not asked: {self.shown!r}"
            self._read(0.05)
        self._answered = len(self.shown)
        os.write(self._ours, f"{typed}\n".encode())

    def end(self) -> int:
        """Let the command end and return its exit code."""
        code = self._process.wait(PATIENCE)
        while self._read(0.05):
            pass
        os.close(self._theirs)
        os.close(self._ours)
        return code

    def _echoes(self) -> bool:
        return bool(termios.tcgetattr(self._ours)[3] & termios.ECHO)

    def _read(self, patience: float) -> bool:
        if not select.select([self._ours], [], [], patience)[0]:
            return False
        self.shown += os.read(self._ours, 65536).decode("utf-8", "replace")
        return True


def asks(key: str, lang: Lang) -> str:
    return text("projects", f"print.{key}", lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_secret_is_asked_twice_and_again_where_the_two_differ_and_never_shown(tmp_path, lang):
    terminal = Terminal("init", "office", lang=lang, at=tmp_path)
    terminal.answer(asks("passphrase", lang), "four ducks read news", hidden=True)
    terminal.answer(asks("again", lang), "five ducks read news", hidden=True)
    terminal.answer(asks("passphrase", lang), "four ducks read news", hidden=True)
    terminal.answer(asks("again", lang), "four ducks read news", hidden=True)
    assert terminal.end() == 0
    assert asks("differs", lang) in terminal.shown
    assert "ducks" not in terminal.shown
    assert "Repeat" not in terminal.shown
    assert (tmp_path / "office" / "office.key").exists()


def test_no_passphrase_is_asked_for_once_and_makes_no_key(tmp_path):
    terminal = Terminal("init", "office", lang="zh", at=tmp_path)
    terminal.answer(asks("passphrase", "zh"), "", hidden=True)
    assert terminal.end() == 0
    assert asks("again", "zh") not in terminal.shown
    assert not (tmp_path / "office" / "office.key").exists()
    assert (tmp_path / "office" / "record.db").exists() or (tmp_path / "office" / "record.postgresql").exists()


@pytest.fixture
def office(tmp_path, monkeypatch):
    """The folder of a workspace in which two people may answer for a new key."""
    folder = tmp_path / "office"
    monkeypatch.setenv("EARMARK_PASSPHRASE", "four ducks read news")
    for line in (f"init {folder}", "user add li --role approver", "user add chen --role auditor"):
        assert run(["--workspace", str(folder), *line.split()]) == 0
    return folder


@pytest.mark.parametrize(
    ("typed", "goes_on"), [("y", True), ("是", True), (" YES ", True), *[(no, False) for no in ("", "n", "好像")]]
)
def test_only_yes_goes_on(office, typed, goes_on):
    before = (office / "office.key").read_bytes()
    answering = ("--as", "li", "--second", "chen", "--reason", "forgotten")
    words = ("--workspace", str(office), "key", "replace", "--lost", *answering)
    terminal = Terminal(*words, lang="zh", at=office.parent)
    terminal.answer(asks("sure", "zh"), typed, hidden=False)
    if goes_on:
        terminal.answer(asks("new-passphrase", "zh"), "six geese cross rivers", hidden=True)
        terminal.answer(asks("again", "zh"), "six geese cross rivers", hidden=True)
    assert terminal.end() == (0 if goes_on else 130), terminal.shown
    assert ((office / "office.key").read_bytes() != before) == goes_on
