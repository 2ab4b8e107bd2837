"""Each module can be the first that is loaded: nothing hangs on the order in which others came before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("ledger", "importers", "projects")
LOAD = """
import importlib, sys
for name in sys.argv[1:]:
    for each in [each for each in sys.modules if each.split(".")[0] in ("ledger", "importers", "projects")]:
        del sys.modules[each]
    try:
        importlib.import_module(name)
    except Exception as error:
        print(name, error)
"""


@pytest.mark.slow
def test_each_module_is_loaded_alone() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.stem != "__main__" and "migrations" not in path.parts
    ]
    assert len(names) > 300
    done = subprocess.run([sys.executable, "-c", LOAD, *names], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == ""
