"""An office that publishes, for tests."""

from __future__ import annotations

import json
from typing import Any

from ledger.store.workspace import open_workspace

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


def let_publish(clerk: Any, **changed: str) -> Any:
    said = "".join(f"{key} = {json.dumps(value)}\n" for key, value in (PUBLICATION | changed).items() if value)
    path = clerk.workspace.path / "earmark.toml"
    path.write_text(path.read_text("utf-8").partition("\n[publication]")[0] + f"\n[publication]\n{said}", "utf-8")
    return open_workspace(clerk.workspace.path)
