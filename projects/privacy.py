"""What of the record may be shown, and how: the policy is data, ``privacy.toml``, and nothing passes it by.

Pages, open data and the proofs of notices all ask here. Names that the record holds in its private store are looked for
in every text that is shown, wherever somebody typed them; numbers of persons are known by their shape.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from operator import add
from typing import Any

from sqlalchemy import Connection, text

from ledger.erasure import Spelled, digest_of, spelled
from projects.lookalike import letters, narrow, spelled_out, stands_apart
from projects.names import masked
from projects.types import Types

FILE = "privacy.toml"
MASK = "***"
HASH = re.compile(r"[0-9a-f]{64}")
"""A digest or a commitment: its digits are nobody's number."""
SHORT = 2
"""A name of so many characters is found by chance where words meet."""
KEPT = "kept_"
"""So a pattern calls the words before a number, which stay."""
NUMBERS = ("citizen", "card", "mobile", "plate")
"""The patterns of long numbers, which may be spelled out, too."""
REMEMBERED = 1 << 14
"""So many texts are remembered as they are shown: keys and accounts stand in every leaf."""
_PART = re.compile(r"(?<!\?P)<([a-z]+)>")
"""Where a pattern takes in one of the policy's parts."""
_MASKED = re.compile(r".某+|.\*\*\*|某", re.DOTALL)
"""A person's name as the record itself shows it."""


@cache
def policy() -> Mapping[str, Any]:
    """Return the policy that is shipped."""
    return tomllib.loads(files("projects").joinpath(FILE).read_text(encoding="utf-8"))


@cache
def _patterns(*names: str) -> re.Pattern[str]:
    """Return a pattern of what is personal: of all kinds, or of these."""
    known = policy()["patterns"]
    return re.compile("|".join(f"(?:{pattern_of(each)})" for each in names or known))


def pattern_of(name: str) -> str:
    """Return what finds one kind of what is personal, in all the ways in which it is written."""
    return _whole(policy()["patterns"][name])


@cache
def _hint() -> re.Pattern[str]:
    return re.compile(_whole(policy()["hint"]["pattern"]))


def _whole(ways: Sequence[str]) -> str:
    """Return a pattern of several ways to write something, with what they have in common put in."""
    found = "|".join(ways)
    while _PART.search(found):
        found = _PART.sub(lambda part: str(policy()["parts"][part[1]]), found)
    return found


@dataclass(frozen=True)
class Privacy:
    """Shows fields by the policy; `names` are the private words of this record, by their length.

    `spelled` has by the digest of a text where names stand in it that were erased: the record no longer knows them.
    """

    names: Mapping[int, frozenset[str]]
    spelled: Mapping[str, Sequence[Spelled]] = field(default_factory=dict)

    def show(self, field: str, value: object) -> str:
        """Return what may be shown of a field; a person as a payee is nobody in particular and comes back empty."""
        said = str(value or "")
        how = policy()["fields"][field]
        if how in {"never", "group"}:
            return ""
        if how == "plain":
            return said
        if how == "payee":
            return "" if is_person(said) or self._is_known(said) else self.scrub(said)
        if how == "office" and said and not said.endswith(tuple(policy()["words"]["office"])):
            return said if _MASKED.fullmatch(said) else masked(said)
        return self.scrub(said)

    def scrub(self, said: str) -> str:
        """Return a text without the numbers of persons, and with known names masked."""
        shown = self._shown.get(said)
        if shown is None:
            if len(self._shown) >= REMEMBERED:
                self._shown.clear()
            shown = self._shown[said] = said if self.holds_nothing(said) else self.looked_through(said)
        return shown

    def holds_nothing(self, said: str) -> bool:
        """Tell at once of most texts that `looked_through` leaves them as they stand; of the others nothing is told.

        No pattern is found where the policy's `hint` is not, and no name where the first two letters of none are.
        """
        if self.spelled and digest_of(said) in self.spelled:
            return False
        if _hint().search(spelled_out(narrow(said))):
            return False
        if not self._begins:
            return True
        read = letters(said).said
        return self._begins.isdisjoint(map(add, read, read[1:]))

    def looked_through(self, said: str) -> str:
        """Return what `scrub` returns, by looking for everything."""
        found = _without_numbers(self._without_erased(said))
        for length, names in self._lettered.items():
            at = 0
            read = letters(found)
            if names.isdisjoint(read.said[at : at + length] for at in range(len(read.said) - length + 1)):
                continue
            while at + length <= len(read.said):
                begin, end = read.span(at, length)
                if read.said[at : at + length] in names and _is_name(found, begin, end, length):
                    word = found[begin:end]
                    shown = MASK if word[0].isdigit() else masked(letters(word).plain(word))
                    found = found[:begin] + shown + found[end:]
                    read = letters(found)
                    at += len(shown)
                else:
                    at += 1
        return found

    @cached_property
    def _shown(self) -> dict[str, str]:
        """What was looked at, with how it is shown."""
        return {}

    @cached_property
    def _begins(self) -> frozenset[str]:
        """Return the first two letters of every private word."""
        return frozenset(each[:2] for names in self._lettered.values() for each in names)

    @cached_property
    def _lettered(self) -> dict[int, frozenset[str]]:
        """Return the private words as they are looked for, the longest first."""
        found: dict[int, set[str]] = defaultdict(set)
        for each in (each for of in self.names.values() for each in of):
            read = letters(each).said
            found[len(read)].add(read)
        return {length: frozenset(found[length]) for length in sorted(found, reverse=True) if length > 1}

    def _is_known(self, said: str) -> bool:
        """Tell whether a text is nothing but the name of a person who is or was in the private store."""
        read = letters(said).said
        if read in self._lettered.get(len(read), ()):
            return True
        erased = self.spelled.get(digest_of(said), ()) if self.spelled else ()
        return any(each.length == len(said) for each in erased)

    def _without_erased(self, said: str) -> str:
        """Return a text with the names masked that were erased while it spelled them."""
        for each in sorted(
            self.spelled.get(digest_of(said), ()) if self.spelled else (), key=lambda each: (-each.at, each.length)
        ):
            name = said[each.at : each.at + each.length]
            shown = MASK if name[:1].isdigit() else masked(name)
            said = said[: each.at] + shown + said[each.at + each.length :]
        return said

    def may_show(self, leaf: str) -> bool:
        """Tell whether a leaf of a log may be given away: no text in it would be shown otherwise than it stands."""
        return all(self.scrub(each) == each for each in _texts(json.loads(leaf)))


def may_locate(types: Types, kinds: Iterable[str], households: int | None) -> bool:
    """Tell whether the place of a project may be shown: none that leads to somebody's home.

    `kinds` are all types that were said of the project, `households` how many it serves, None where nobody counted.
    """
    rule = policy()["place"]
    if households is not None and households < rule["households"]:
        return False
    return not any(types[each].asset in rule["assets"] for kind in kinds for each in _above(types, kind))


def _above(types: Types, kind: str) -> Iterator[str]:
    """Yield a type with those that it is a kind of; what is not known is left out."""
    seen: set[str] = set()
    while kind in types and kind not in seen:
        yield kind
        seen.add(kind)
        kind = types[kind].under


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value but hashes."""
    if isinstance(value, str):
        if not HASH.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _without_numbers(said: str) -> str:
    """Return a text in which what looks like a person's number, address or name is masked."""
    plain = narrow(said)
    found = _masked(said, _patterns(), plain)
    # Numerals are no digits elsewhere: 二号桥 is a bridge, and no house.
    plain = plain if found is said else narrow(found)
    spelled = spelled_out(plain)
    return found if spelled == plain else _masked(found, _patterns(*NUMBERS), spelled)


def _masked(said: str, pattern: re.Pattern[str], looked_at: str) -> str:
    """Return a text with a mask wherever a pattern is found in another one of the same length."""
    parts, end = [], 0
    for found in pattern.finditer(looked_at):
        kept = len(next((of for name, of in found.groupdict().items() if name.startswith(KEPT) and of), ""))
        parts += [said[end : found.start() + kept], MASK]
        end = found.end()
    return "".join([*parts, said[end:]]) if parts else said


def _is_name(said: str, begin: int, end: int, length: int) -> bool:
    """Tell whether letters are a name: two with a gap between them may be the end and the start of words."""
    return length > SHORT or end - begin == length or stands_apart(said, begin, end)


def is_person(name: str) -> bool:
    """Tell whether a name is that of a person as the record masks it."""
    return bool(_MASKED.fullmatch(name))


def privacy_of(connection: Connection, *books: str) -> Privacy:
    """Return what shows fields of some books, by their private names and those of the office; of all if none is named.

    A villager's name in the book of another village is as likely another person's, or a word. Names that were erased
    are known by where they still stand.
    """
    words = {str(row.value).strip() for of in books or (None,) for row in connection.execute(_VALUES, {"of": of})}
    row: Any
    for row in (row for of in books or (None,) for row in connection.execute(_NAMES, {"of": of})):
        number = str(row.field).removeprefix("name-")
        groups = json.loads(row.leaf).get("data", {}).get("groups") or []
        # A group of many households is no person: its name stays.
        at = int(number) - 1 if number.isdigit() else -1
        if not 0 <= at < len(groups) or groups[at].get("households", 1) == 1:
            words.add(str(row.value).strip())
    erased: dict[str, list[Spelled]] = defaultdict(list)
    for each in {each for of in spelled(connection).values() for each in of}:
        erased[each.digest].append(each)
    if erased:
        words |= {name for of in books or (None,) for name in _spelled_in(connection, of, erased)}
    by_length: dict[int, set[str]] = defaultdict(set)
    for word in words:
        by_length[len(word)].add(word)
    return Privacy({length: frozenset(found) for length, found in sorted(by_length.items(), reverse=True)}, erased)


def _spelled_in(connection: Connection, book: str | None, erased: Mapping[str, Sequence[Spelled]]) -> Iterator[str]:
    """Yield the erased names that registered texts of a book spell: what is written of them later spells them, too."""
    for row in connection.execute(_REGISTERED, {"of": book}):
        for said in filter(None, row):
            for each in erased.get(digest_of(said), ()):
                yield said[each.at : each.at + each.length]


_VALUES = text(
    "SELECT value FROM private_value WHERE CAST(:of AS TEXT) IS NULL OR book = :of UNION "
    "SELECT value FROM private_fact "
    "WHERE (CAST(:of AS TEXT) IS NULL OR log IN (:of, 'office')) AND field NOT LIKE 'name-%'"
)
_NAMES = text(
    "SELECT p.field, p.value, l.leaf FROM private_fact p "
    "JOIN log_leaf l ON l.log = p.log AND l.position = p.position "
    "WHERE (CAST(:of AS TEXT) IS NULL OR p.log IN (:of, 'office')) AND p.field LIKE 'name-%'"
)
_REGISTERED = text(
    "SELECT title, name, place, responsible, benefit FROM project WHERE CAST(:of AS TEXT) IS NULL OR book = :of UNION "
    "SELECT name, payee, '', '', '' FROM contract WHERE CAST(:of AS TEXT) IS NULL OR book = :of"
)
