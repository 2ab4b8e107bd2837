"""Documents lead somewhere, and name no machine: links exist, no text holds a path or a host of somebody's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOSTS = {
    *("127.0.0.1", "localhost", "example.org", "www.w3.org", "creativecommons.org"),
    *("specs.frictionlessdata.io", "schemas.openxmlformats.org", "www.opengis.net", "www.ofdspec.org"),
}
"""Hosts that a text may name; whatever belongs to example.org may be named too."""
STANDARDS = ROOT / "tests" / "data" / "standards"
"""Texts of others, who name their own hosts."""

LARGEST_PICTURE = 300_000

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^( *)```.*?^\1```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_ANCHOR = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_URL = re.compile(r"(?:https?|git\+ssh|ssh)://(?:[^/\s@\"'<>]*@)?([A-Za-z0-9][A-Za-z0-9.-]*)")
_OWN = {
    "a path of a machine": re.compile(
        r"(?<![\w.~-])/(?:root|work|mnt|media|home/\w+|Users/\w+)/|(?<!\w)[A-Za-z]:\\Users\\"
    ),
    "a package index": re.compile(
        r"(?:extra-)?index-url|trusted-host|artifactory|jfrog|/simple/?(?:\s|$)|pypi\.(?!org\b)\w+\.", re.IGNORECASE
    ),
    "a secret": re.compile(r"BEGIN [A-Z ]*PRIVATE KEY|\bgh[pousr]_\w{20,}|\bAKIA[0-9A-Z]{16}\b"),
}


def test_links_of_documents_lead_to_files_and_headings() -> None:
    dead = []
    for page in tracked("*.md"):
        for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            there = (page.parent / name).resolve() if name else page
            if not there.exists() or (anchor and anchor not in anchors(there)):
                dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert not dead


@pytest.mark.parametrize("what", _OWN)
def test_no_text_names(what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for path, text in texts()
        for match in _OWN[what].finditer(text)
    ]
    assert not found


def test_urls_name_no_host_of_our_own() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in texts()
        for match in _URL.finditer(text)
        if match[1] not in HOSTS and not match[1].endswith(".example.org") and STANDARDS not in path.parents
    ]
    assert not found


def test_pictures_of_documents_are_small() -> None:
    large = [str(path.relative_to(ROOT)) for path in tracked("*.png") if path.stat().st_size >= LARGEST_PICTURE]
    assert not large


def tracked(pattern: str = "*") -> list[Path]:
    """Return the project's own files, without asking git: it may not be there where the tests are run."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    found = []
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            names = {path.name, f"{path.name}/", f"/{path.relative_to(ROOT)}", f"/{path.relative_to(ROOT)}/"}
            if path.name == ".git" or any(fnmatch(name, each) for name in names for each in ignored):
                continue
            if path.is_dir():
                folders.append(path)
            elif path.match(pattern):
                found.append(path)
    assert found, f"there is no {pattern}"
    return sorted(found)


def texts() -> Iterator[tuple[Path, str]]:
    """Yield every text file but this one, which has to spell out what it looks for."""
    for path in tracked():
        if path == Path(__file__):
            continue
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def anchors(page: Path) -> set[str]:
    """Return the names that a page's headings have as targets of links."""
    headings = _ANCHOR.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
