"""What tells of all villages: the pages of the county, its lists, the feed, and the files of the open data.

A page of which nothing has changed is neither made nor written again. What it is made of is all that its template is
given, with what the whole site shares. That it is there is told by a digest of its bytes, so that one which somebody
changed is put right, whatever size it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from projects.disclosure import finding, keys, parts, proved
from projects.disclosure.folder import Folder, digest_of
from projects.disclosure.likes import Kind
from projects.disclosure.pages import COSTS, FEED, STYLE, Pages, Unwritten
from projects.disclosure.parts import Part
from projects.disclosure.proved.stream import style
from projects.disclosure.proved.verifier import verifier
from projects.disclosure.shown import Listed
from projects.notices.names import CHECKER as VERIFY
from projects.opendata.build import Writer, join
from projects.opendata.read import Record, moment
from projects.tongues import Tongue


def pages_of(
    languages: Sequence[Pages], found: Sequence[Part], ranked: Mapping[Kind, Sequence[int]], *, data: bool
) -> dict[str, Unwritten]:
    """Return the pages of the county in each language; `found` has its villages, `ranked` what units cost."""
    rows = [(Listed(**row), part) for part in found for row in part.facts["listed"]]
    listed = [each for each, _ in rows]
    date = max((each.date for each in listed), default="")
    proofs = any(proved.NAME in of for part in found for of in part.sizes.values())
    made = {STYLE: Unwritten("", style)}
    for pages in languages:
        here = pages.county(listed, data=data, costs=bool(ranked))
        if ranked:
            here[COSTS] = pages.costs(ranked, date)
        if proofs:
            here[VERIFY] = Unwritten("", partial(_verifier, pages.tongue))
        made |= {f"{pages.folder}{name}": page for name, page in here.items()}
    return made | finding.county(languages, rows, date)


def feed(pages: Pages, found: Sequence[Part], record: Record) -> dict[str, Unwritten]:
    """Return the feed of a county that says who publishes it."""
    listed = [Listed(**row) for part in found for row in part.facts["listed"]]
    publisher, updated = record.publisher, record.updated or moment("1970-01-01")
    return {FEED: pages.feed(listed, url=publisher.url, author=publisher.name, updated=updated)}


def data_of(record: Record, found: Sequence[Part], told: str) -> tuple[Record, dict[str, Writer]]:
    """Return the record with the time of what was recorded last, and the files of the open data with what writes them.

    `told` is when something was told to the office last.
    """
    facts: Sequence[Mapping[str, Any]] = [part.facts["data"] for part in found]
    record = replace(record, updated=max([told, *(each["updated"] for each in facts)], default=""))
    return record, dict(join(record, facts, [part.pieces for part in found]))


def write(folder: Folder, pages: Mapping[str, Unwritten], *, shared: str, anew: bool = False) -> None:
    """Write the pages of which something has changed, or which are not there as they were written; all if `anew`.

    `shared` is the key of what all pages share.
    """
    known = {} if anew else parts.kept_pages(folder.out)
    kept = {}
    for name, page in pages.items():
        of = keys.digest([shared, page.of])
        before, digest = known.get(name, ("", ""))
        if before != of or not folder.holds(name, digest):
            content = page.write()
            folder.put(name, content)
            digest = digest_of(content)
        kept[name] = of, digest
    parts.keep_pages(folder.out, kept)


def _verifier(tongue: Tongue) -> bytes:
    return verifier(tongue).encode()
