"""The words of tables, as data: what headings mean, which words name a level or a fund, and text in one form."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_HALF = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-"}
_MARKS = str.maketrans("", "", "〔〕【】[]“”\"'")
_UNIT = re.compile(r"[(_:/,]?(?:单位[:：]?|计量单位:)?(万元|元)\)?$")
_HAN = r"[\u3400-\u9fff\uf900-\ufaff（）()、，]"
_BROKEN = re.compile(rf"(?<={_HAN})[ \t]*[\r\n]+[ \t]*(?={_HAN})")
_SPREAD = re.compile(
    r"(?:(?<=\s)|(?<=^))([\u3400-\u9fff])\s+(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff](?:\s|$))"
)


@dataclass(frozen=True)
class Identity:
    """Figures of one project of which the whole is the sum of the parts; compared where all are there."""

    whole: str
    parts: tuple[str, ...]
    compared: bool = True


@dataclass(frozen=True)
class Vocabulary:
    """The words of ``words.toml``."""

    exact: dict[str, str]
    within: tuple[tuple[str, str], ...]
    words: dict[str, tuple[str, ...]]
    roles: tuple[tuple[str, str], ...]
    compare: tuple[str, str]
    identities: tuple[Identity, ...]


@cache
def vocabulary() -> Vocabulary:
    """Return the words."""
    known = tomllib.loads(files("importers.tables").joinpath("words.toml").read_text(encoding="utf-8"))
    columns = known["column"]
    return Vocabulary(
        exact={word: kind for kind, says in columns.items() for word in says["exact"]},
        within=tuple((word, kind) for kind, says in columns.items() for word in says.get("within", [])),
        words={name: tuple(words) for name, words in known["words"].items()},
        roles=tuple((word, role) for role, words in known["role"].items() for word in words),
        compare=(known["compare"]["planned"], known["compare"]["arrived"]),
        identities=tuple(
            Identity(each["whole"], tuple(each["parts"]), each.get("compared", True)) for each in known["identity"]
        ),
    )


def half(text: str) -> str:
    """Return text with full-width letters, digits and punctuation in half width."""
    return text.translate(_HALF)


def bare(text: str) -> str:
    """Return text for comparing: half width, no blanks, no line breaks, no brackets of ours."""
    return re.sub(r"\s+", "", half(text)).translate(_MARKS)


def clean(text: str) -> str:
    """Return text for keeping, on one line; ``睢 县``, spread to fill its cell, and a name over two lines are whole."""
    return re.sub(r"\s+", " ", _SPREAD.sub(r"\1", _BROKEN.sub("", text.strip())))


def heading(text: str) -> tuple[str, str]:
    """Return a heading for comparing, and the unit that it names (``元``, ``万元`` or nothing)."""
    said = re.sub(r"^其中[:,]?(?=.)", "", bare(text))
    found = _UNIT.search(said)
    if found and found.start() > 0:
        return said[: found.start()].rstrip("(:_/,"), found[1]
    return said, ""


def unit_of(text: str) -> str:
    """Return the unit that a line such as ``单位：万元`` or ``（金额单位:元）`` names, or nothing."""
    found = re.search(r"单位[:为是]*(?:人民币)?[:]?(万元|元)", bare(text)) or re.search(r"\((万元|元)\)", bare(text))
    return found[1] if found else ""
