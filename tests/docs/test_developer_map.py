"""The map of the developer's guide: what stands on it is there, and each module at the top of a package stands on it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("ledger", "importers", "projects")


def rows() -> list[tuple[list[str], list[str]]]:
    """Return of each row of the map what it is about, and all files and folders that it names."""
    guide = (ROOT / "docs/developer.md").read_text(encoding="utf-8")
    table = guide.partition("| module | holds |")[2].partition("\n\n")[0]
    cells = [line.split(" | ", 1) for line in table.splitlines()[2:]]
    return [(_named(about), _named(f"{about} {holds}")) for about, holds in cells]


def test_every_module_at_the_top_of_a_package_stands_on_the_map() -> None:
    told = {each for about, _ in rows() for each in about}
    own = {f"{package}/{path.name}" for package in PACKAGES for path in (ROOT / package).iterdir() if _is_part(path)}
    folders = {each for each in own if (ROOT / each).is_dir()}
    inside = {each for each in folders if any(name.startswith(f"{each}/") for name in told)}
    assert sorted(own - inside - told) == []


def test_what_stands_on_the_map_is_there() -> None:
    gone = []
    for about, names in rows():
        folders = [ROOT / each if (ROOT / each).is_dir() else (ROOT / each).parent for each in about]
        places = [ROOT, *folders, *(ROOT / package for package in PACKAGES)]
        gone += [each for each in names if not any(any(place.glob(each)) for place in places)]
    assert gone == []


def _named(cell: str) -> list[str]:
    """Return the files and folders in a cell; a name without its package is of that of the name before it."""
    found: list[str] = []
    for each in re.findall(r"`([a-z0-9_/*{},-]+?(?:\.(?:py|toml|js|typ)|/))`", cell):
        package = found[-1].partition("/")[0] if found else ""
        whole = each if "/" in each or not (ROOT / package / each).is_file() else f"{package}/{each}"
        found += [whole.replace("{zh,en}", lang).rstrip("/") for lang in (("zh", "en") if "{" in whole else ("",))]
    return found


def _is_part(path: Path) -> bool:
    if path.is_dir():
        return any(path.glob("*.py"))
    return path.suffix == ".py" and path.name != "__init__.py"
