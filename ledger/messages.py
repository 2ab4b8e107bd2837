"""Messages in the user's language, from one catalogue per package and language.

A catalogue is ``<package>/locale/<lang>.toml``: nested tables of format strings. Chinese comes first;
English has the same keys and the same placeholders (a test compares them).

What a person types at a terminal stands between backticks: `` `earmark pay {contract}` ``, `` `--reason` ``. A terminal
shows it as it is. Elsewhere, where there is nothing to type it into, other words are said instead: those behind a bar,
as in `` `earmark audit|the table of findings` ``, or those that the place has for the command or the option.
"""

from __future__ import annotations

import errno
import re
import string
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from ledger.errors import Named, Names, Phrase, Phrases, Refusal
from ledger.money import yuan

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)
Instead = Callable[[str], str]
"""What is said in the place of what is typed at a terminal."""
_TYPED = re.compile("( ?)`([^`|]*)(?:[|]([^`]*))?`( ?)")


def text(package: str, key: str, lang: Lang, instead: Instead | None = None, /, **facts: object) -> str:
    """Return the message `key` of `package` in `lang`, filled with `facts`.

    ``{need:yuan}`` prints integer fen as yuan with thousands separators. Raises KeyError for a key
    that the catalogue does not have: that is a bug, and a test looks for it.
    """
    return fill(catalogue(package, lang)[key], instead, **facts)


def fill(pattern: str, instead: Instead | None = None, /, **facts: object) -> str:
    """Return a text of a catalogue with `facts` in their places."""
    return _FORMATTER.vformat(_TYPED.sub(lambda found: _typed(found, instead), pattern), (), facts)


def _typed(found: re.Match[str], instead: Instead | None) -> str:
    """Return what is typed, or what is said instead: Chinese words have no blanks around them."""
    before, typed, other, behind = found.groups()
    if not instead:
        return f"{before}{typed}{behind}"
    said = other if other is not None else instead(typed)
    return f"{before if said[:1].isascii() else ''}{said}{behind if said[-1:].isascii() else ''}"


def explain(refusal: Refusal, lang: Lang, instead: Instead | None = None) -> str:
    """Return the one sentence that tells a user what was refused, where, by which rule, and the way out."""
    package = type(refusal).__module__.split(".", maxsplit=1)[0]
    key = f"refusal.{refusal.code}"
    narrower = f"{key}.{refusal.facts.get('about', '')}"
    facts = {name: _said(fact, lang, instead) for name, fact in refusal.facts.items()}
    return text(package, narrower if has(package, narrower, lang) else key, lang, instead, **facts)


def phrase(said: Phrase, lang: Lang, instead: Instead | None = None) -> str:
    """Return words of a catalogue in `lang`."""
    facts = {name: _said(fact, lang, instead) for name, fact in said.facts.items()}
    return text(said.package, said.key, lang, instead, **facts)


def reason(error: OSError, lang: Lang) -> str:
    """Return why the system refused, in `lang` where the catalogue knows the reason."""
    key = f"errno.{errno.errorcode.get(error.errno or 0, '')}"
    return text("ledger", key, lang) if has("ledger", key, lang) else error.strerror or str(error)


def _said(fact: object, lang: Lang, instead: Instead | None) -> object:
    if isinstance(fact, Refusal):
        return explain(fact, lang, instead)
    if isinstance(fact, OSError):
        return reason(fact, lang)
    if isinstance(fact, Phrase):
        return phrase(fact, lang, instead)
    if isinstance(fact, Named):
        return fact.zh if lang == "zh" else fact.en
    if isinstance(fact, Phrases):
        fact = Names(str(_said(each, lang, instead)) for each in fact)
    if isinstance(fact, Names):
        return ("、" if lang == "zh" else ", ").join(fact) or "—"
    return fact


def has(package: str, key: str, lang: Lang) -> bool:
    """Tell whether `package` has a message `key` in `lang`."""
    return key in catalogue(package, lang)


@cache
def catalogue(package: str, lang: Lang) -> Mapping[str, str]:
    """Return all messages of `package` in `lang`, keys joined by dots."""
    source = files(package).joinpath("locale", f"{lang}.toml").read_text(encoding="utf-8")
    flat: dict[str, str] = {}
    _flatten("", tomllib.loads(source), flat)
    return flat


def _flatten(prefix: str, table: Mapping[str, Any], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, Mapping):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            into[prefix + key] = str(value)


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "yuan":
            return yuan(value)
        return str(super().format_field(value, format_spec))


_FORMATTER = _Formatter()
