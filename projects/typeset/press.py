"""The press: a typst template and data become the bytes of a PDF/UA-1, set in the fonts that came with the set-up.

Fonts of the machine are not used, nor typst's own: what prints here prints alike everywhere. A character that the
fonts do not have is refused and named; a box in its place on a notice would be a name that nobody can read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ledger import messages
from ledger.errors import Names
from ledger.messages import Lang
from projects.errors import GlyphMissing

if TYPE_CHECKING:
    from typst import Compiler, Fonts

Size = Literal["a5", "a4", "a3"]
SIZES: tuple[Size, ...] = ("a4", "a3")
"""What is put on walls; vouchers are bound as A5."""
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


@dataclass(frozen=True)
class Printed:
    """A PDF and how many pages it has."""

    pdf: bytes
    pages: int


@dataclass(frozen=True)
class Laid:
    """What is laid out on so many `pages` but not printed, which takes nearly as long again."""

    compiler: Compiler
    title: str
    on: date
    pages: int

    def print(self) -> Printed:
        """Return the PDF; what was laid out alike gives the same bytes.

        Raises:
            GlyphMissing: the fonts lack a character.
        """
        import typst

        try:
            made = self.compiler.compile(
                pdf_standards="ua-1", timestamp=datetime(self.on.year, self.on.month, self.on.day, tzinfo=UTC)
            )
        except typst.TypstError as error:
            lacking = dict.fromkeys(_MISSING.findall(f"{error.message}\n{error.diagnostic}"))
            if not lacking:
                raise
            raise GlyphMissing(title=self.title, lacking=Names(map(_named, lacking))) from None
        assert isinstance(made, bytes), "a PDF is one file"
        return Printed(made, self.pages)


def typeset(
    template: str,
    data: Mapping[str, Any],
    *,
    title: str,
    lang: Lang,
    on: date,
    size: Size = "a4",
    across: bool = False,
) -> Laid:
    """Lay `data` out as `template` sets it; the same template and data give the same bytes when it is printed.

    `template` is a path inside this package such as ``notices/templates/notice.typ``; it begins with
    ``#import "/typeset/house.typ": *`` and ``#show: house``, finds what it prints in `data`, and has to be tagged:
    pictures with an alternative text, headings in order. `across` turns the page on its long side. `on` is the day that
    the file says it was made on.
    """
    numbered = messages.text("projects", "paper.page-of", lang, page="{page}", pages="{pages}")
    given = dict(data) | {"title": title, "lang": lang, "size": size, "across": across, "page-of": numbered}
    return _lay(template, given, on)


def need_glyphs(words: Iterable[str], *, title: str, lang: Lang) -> None:
    """Ask that the fonts have every character, before something is recorded that is to be printed afterwards.

    Raises:
        GlyphMissing: they lack one.
    """
    _lay("typeset/words.typ", {"title": title, "lang": lang, "words": "\n".join(words)}, date(2000, 1, 1)).print()


def _lay(template: str, data: Mapping[str, Any], on: date) -> Laid:
    import typst

    compiler = typst.Compiler(
        _root() / template,
        root=_root(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    pages = int(compiler.query("<pages>", field="value", one=True))
    return Laid(compiler, data["title"], on, pages)


@cache
def _fonts() -> Fonts:
    """Return the fonts, read once; typst itself remembers what it has set, so that the second paper is quicker."""
    import pylopdf_fonts_zh_cn
    import typst

    folder = pylopdf_fonts_zh_cn.sans_path().parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


@cache
def _root() -> Path:
    with as_file(files("projects")) as folder:
        return folder


def _named(shown: str) -> str:
    """Return characters with their numbers, since what cannot be printed can often not be shown either."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), shown)
    return " ".join(f"{each} (U+{ord(each):04X})" if each.isprintable() else f"U+{ord(each):04X}" for each in text)
