"""A run loads the modules of its command and no more, and nobody notices."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import typer

from projects.cli.commands import PARTS, asked, build


@pytest.mark.parametrize("part", PARTS)
def test_a_module_has_exactly_the_commands_that_the_table_says(part: str) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    import_module(f"projects.cli.{part}").add_to(app)
    found = set(typer.main.get_command(app).commands)
    # Some modules hang commands below another's word; that they do is what the next test sees.
    assert found <= set(PARTS[part])
    assert all(word in found or any(word in PARTS[other] for other in PARTS if other != part) for word in PARTS[part])


@pytest.mark.parametrize("word", sorted({word for words in PARTS.values() for word in words}))
def test_a_command_alone_is_what_it_is_among_all(word: str) -> None:
    def shape(command: object) -> object:
        children = getattr(command, "commands", None)
        if children is None:
            return [(each.name, each.opts, each.help) for each in command.params]  # type: ignore[attr-defined]
        return {name: shape(child) for name, child in children.items()}

    assert shape(build("zh", word).commands[word]) == shape(build("zh").commands[word])


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("verify", "verify"),
        ("--workspace w --lang en verify --json", "verify"),
        ("--workspace=w verify", "verify"),
        ("--help", ""),
        ("", ""),
        ("--workspace verify", ""),
        ("--version verify", "verify"),
    ],
)
def test_the_command_is_seen_before_anything_is_parsed(typed: str, word: str) -> None:
    assert asked(typed.split()) == word


def test_verify_loads_neither_the_events_nor_the_importers() -> None:
    script = "import sys; from projects.cli.main import run; code = run(['verify', '--help']); print(*sys.modules); sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "ledger.verify" in loaded
    assert not loaded & {"projects.desk", "projects.events.entries", "importers", "rapidfuzz", "beancount", "fava"}
