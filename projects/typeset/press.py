"""The press: a typst template and data become the bytes of a PDF/UA-1, set in the fonts that came with the set-up.

Fonts of the machine are not used, nor typst's own: what prints here prints alike everywhere. A character that the
fonts do not have is refused and named; a box in its place on a notice would be a name that nobody can read.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ledger import messages
from ledger.errors import Names
from ledger.messages import Lang
from projects.errors import GlyphMissing

if TYPE_CHECKING:
    from typst import Compiler

Size = Literal["a5", "a4", "a3"]
SIZES: tuple[Size, ...] = ("a4", "a3")
"""What is put on walls; vouchers are bound as A5."""
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_desks = threading.local()


@dataclass(frozen=True)
class Printed:
    """A PDF, how many pages it has, and which share of a page's height its template left free between two marks."""

    pdf: bytes
    pages: int
    free: float = 0.0


def typeset(
    template: str,
    data: Mapping[str, Any],
    *,
    title: str,
    lang: Lang,
    on: date,
    size: Size = "a4",
    across: bool = False,
) -> Printed:
    """Return the PDF of `data` as `template` sets it; the same template and data give the same bytes.

    `template` is a path inside this package such as ``notices/templates/notice.typ``; it begins with
    ``#import "/typeset/house.typ": *`` and ``#show: house``, finds what it prints in `data`, and has to be tagged:
    pictures with an alternative text, headings in order. `across` turns the page on its long side. `on` is the day that
    the file says it was made on.

    Raises:
        GlyphMissing: the fonts lack a character of the data.
    """
    numbered = messages.text("projects", "paper.page-of", lang, page="{page}", pages="{pages}")
    given = dict(data) | {"title": title, "lang": lang, "size": size, "across": across, "page-of": numbered}
    pdf = _set(template, given, on)
    ended = json.loads(_compiler().query("<pages>", field="value", one=True))
    return Printed(pdf, int(ended["pages"]), float(ended["free"]))


def need_glyphs(words: Iterable[str], *, title: str, lang: Lang) -> None:
    """Ask that the fonts have every character, before something is recorded that is to be printed afterwards.

    Raises:
        GlyphMissing: they lack one.
    """
    _set("typeset/words.typ", {"title": title, "lang": lang, "words": "\n".join(words)}, date(2000, 1, 1))


def _set(template: str, data: Mapping[str, Any], on: date) -> bytes:
    import typst

    try:
        made = _compiler().compile(
            _root() / template,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards="ua-1",
            timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        lacking = dict.fromkeys(_MISSING.findall(f"{error.message}\n{error.diagnostic}"))
        if not lacking:
            raise
        raise GlyphMissing(title=data["title"], lacking=Names(map(_named, lacking))) from None
    assert isinstance(made, bytes), "a PDF is one file"
    return made


def _compiler() -> Compiler:
    """Return this thread's compiler; it keeps what it has set before, so that the second paper is quicker."""
    found: Compiler | None = getattr(_desks, "compiler", None)
    if found is None:
        import pylopdf_fonts_zh_cn
        import typst

        folder = pylopdf_fonts_zh_cn.sans_path().parent
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
        found = _desks.compiler = typst.Compiler(root=_root(), font_paths=fonts, ignore_system_fonts=True)
    return found


def _root() -> Path:
    with as_file(files("projects")) as folder:
        return folder


def _named(shown: str) -> str:
    """Return characters with their numbers, since what cannot be printed can often not be shown either."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), shown)
    return " ".join(f"{each} (U+{ord(each):04X})" if each.isprintable() else f"U+{ord(each):04X}" for each in text)
