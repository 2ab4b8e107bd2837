"""An office that publishes, for tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.store.workspace import open_workspace
from projects.cli.main import run
from projects.demo.builder import PASSPHRASE
from projects.notices.kinds import kinds

PUBLICATION = {
    "name": "某县农业农村局",
    "name_en": "Bureau of Agriculture",
    "identifier": "11000000DEM0000061",
    "kind": "11",
    "prefix": "oc4ids-abc123",
    "url": "https://example.org/open",
    "licence": "https://creativecommons.org/licenses/by/4.0/",
    "email": "office@example.org",
}


CONTACT = ["--issuer", "示范村甲村民委员会", "--phone", "0871-0000000"]
"""Who issues the notices of the demonstration."""
SAID = {"allotment": ["--say", "principles=按批复的项目和渠道分配"]}
"""What of a notice is typed, by kind."""
Call = Callable[..., tuple[int, str, str]]
"""A command: its exit code, what it says, and what it says of errors."""


def let_publish(clerk: Any, **changed: str) -> Any:
    said = "".join(f"{key} = {json.dumps(value)}\n" for key, value in (PUBLICATION | changed).items() if value)
    path = clerk.workspace.path / "earmark.toml"
    path.write_text(path.read_text("utf-8").partition("\n[publication]")[0] + f"\n[publication]\n{said}", "utf-8")
    return open_workspace(clerk.workspace.path)


def publishing(kind: str, out: Path) -> list[str]:
    """Return the words that publish a notice of the demonstration's road, or of its village, into a folder."""
    about = ["P001"] if kinds()[kind].about == "project" else []
    return ["notice", "publish", kind, *about, *CONTACT, *SAID.get(kind, []), "--out", str(out)]


def publish_notice(workspace: Path, kind: str, out: Path, *words: str, passphrase: str = PASSPHRASE) -> None:
    """Publish a notice of the demonstration as its approver does."""
    by = ["--as", "shenhe", "--book", "V13"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", passphrase)
        assert run(["--workspace", str(workspace), *publishing(kind, out), *by, *words]) == 0


def published(call: Call, kind: str, out: Path, *words: str) -> dict[str, Path]:
    """Publish a notice of the demonstration and return its files by ending."""
    code, said, err = call(*publishing(kind, out), "--json", *words)
    assert (code, err) == (0, ""), err
    return {Path(each).suffix: Path(each) for each in json.loads(said)["files"]}
