"""The languages of a site: Chinese as it was typed, the same in traditional characters, and English.

What clerks typed is Chinese. English pages show it as it stands; pages in traditional characters turn it, and the words
of the catalogue, by OpenCC. Only texts are turned, never a page: figures, codes, hashes and notes do not come here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache, lru_cache
from typing import Any, Literal, get_args

from ledger import messages
from ledger.messages import Lang
from projects.errors import LanguagesUnknown

Tongue = Literal["zh", "zh-Hant", "en"]
TONGUES: tuple[Tongue, ...] = get_args(Tongue)
TRADITIONAL: Tongue = "zh-Hant"

TAGS: dict[Tongue, str] = {"zh": "zh-Hans", "zh-Hant": "zh-Hant", "en": "en"}
"""What a page says of its language (BCP 47): the script, no country."""
CONVERSION = "s2tw"
"""Characters only, no words of another place; the forms that most readers know: 群眾, where plain s2t writes 羣衆."""
SIMPLIFYING = "t2s"
REMEMBERED = 1 << 14
IDEOGRAPHS = range(0x3400, 0xA000)


def beginning_with(main: Lang) -> tuple[Tongue, ...]:
    """Return all languages, that of the office first."""
    return (main, *(each for each in TONGUES if each != main))


def read_tongues(text: str) -> tuple[Tongue, ...]:
    """Return the languages that somebody wrote, such as ``zh,en``; the first lies at the top of the site.

    Raises:
        LanguagesUnknown: one of them is none of ours, or stands there twice, or there is none.
    """
    known = {each.lower(): each for each in TONGUES}
    said = [each.strip().lower() for each in text.replace("，", ",").replace("、", ",").split(",")]
    if len(set(said)) != len(said) or not set(said) <= set(known):
        raise LanguagesUnknown(text=text, known=", ".join(TONGUES))
    return tuple(known[each] for each in said)


def places(tongues: Sequence[Tongue], taken: Collection[str]) -> dict[Tongue, str]:
    """Return the folder of each language, with a slash: the first has none, it lies at the top.

    A folder is named as the language; where a book has this name, in capitals or not, the language makes room.
    """
    codes = {each.lower() for each in taken}
    folders = {each: f"{each}-pages/" if each.lower() in codes else f"{each}/" for each in tongues}
    return folders | {tongues[0]: ""}


class Words:
    """Says the words of the catalogue in one language; `own` says what was typed, or stands in the county's data."""

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.lang: Lang = "en" if tongue == "en" else "zh"
        self.own: Callable[[str], str] = traditional if tongue == TRADITIONAL else str
        self._patterns: dict[str, str] = {}
        self._said: dict[str, str] = {}

    def say(self, key: str, /, **facts: object) -> str:
        """Return a text of the public pages."""
        return self.text(f"disclosure.{key}", **facts)

    def text(self, key: str, /, **facts: object) -> str:
        """Return any text of the projects' catalogue; it is turned before figures and names are put in."""
        if not facts and key in self._said:
            return self._said[key]
        pattern = self._patterns.get(key)
        if pattern is None:
            pattern = self._patterns[key] = self.own(messages.catalogue("projects", self.lang)[key])
        said = messages.fill(pattern, **facts)
        if not facts:
            self._said[key] = said
        return said

    def has(self, key: str) -> bool:
        """Tell whether the catalogue has a text."""
        return messages.has("projects", key, self.lang)


@lru_cache(REMEMBERED)
def traditional(text: str) -> str:
    """Return a text in traditional characters; letters, digits and signs stay what they are."""
    return text if text.isascii() else str(_converter(CONVERSION).convert(text))


@cache
def folded() -> str:
    """Return what finds a text in whatever characters it is looked for: pairs, a character and what stands for it.

    Characters that are turned into each other stand together, 后 with 後, 余 with 餘 and 馀; the first in Unicode
    stands for all. More may be found than was meant, never less.
    """
    letters = [chr(code) for code in IDEOGRAPHS]
    first: dict[str, str] = {}

    def of(letter: str) -> str:
        while letter in first:
            letter = first[letter]
        return letter

    for conversion in (CONVERSION, SIMPLIFYING):
        for letter, turned in zip(letters, _converter(conversion).convert("\n".join(letters)).split("\n"), strict=True):
            low, high = sorted((of(letter), of(turned)))
            if low != high:
                first[high] = low
    return "".join(letter + of(letter) for letter in sorted(first))


@cache
def _converter(conversion: str) -> Any:
    import opencc

    return opencc.OpenCC(conversion)
