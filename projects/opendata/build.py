"""The files of the open data, put together from what each village adds: the same record gives the same bytes.

What a village adds is text that stays as it is until something is recorded in that village; so a county is read once,
and then only where something has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import IO, Any

from sqlalchemy import Connection

from projects.opendata import channels, iati, oc4ids, papers, tables
from projects.opendata.read import Record, read_works, updated_in
from projects.opendata.tables import COLUMNS, Tables
from projects.opendata.text import dump
from projects.opendata.workbook import workbook
from projects.sheets.movements import Vouchers
from projects.sheets.village import VillageSheet

FOLDER = "data"
Texts = Callable[[str], Iterable[bytes]]
"""Gives a text of a village by name, piece by piece; nothing where it has none."""
Writer = Callable[[IO[bytes]], None]


@dataclass(frozen=True)
class Added:
    """What a village adds: `texts` by name, `facts` that are added up over villages, and files of its own by name."""

    texts: Mapping[str, str]
    facts: Mapping[str, Any]
    files: Mapping[str, bytes]


def add(connection: Connection, record: Record, sheets: Sequence[tuple[VillageSheet, Vouchers]]) -> Added:
    """Return what a village adds, of which the sheet of each book is read already."""
    updated = updated_in(connection, [sheet.book for sheet, _ in sheets])
    record = replace(record, updated=updated)
    flows, rows = iati.Flows(), Tables(record)
    found: dict[str, list[str]] = {"oc4ids": [], "iati": [], "channels": []}
    files: dict[str, bytes] = {}
    for sheet, vouchers in sheets:
        for work in read_works(connection, record, sheet, vouchers):
            found["oc4ids"].append(dump(oc4ids.project(work)))
            found["channels"].append(channels.balances(work))
            if work.sheet.lines:
                # That standard is about money: what has no channel yet is no activity there.
                found["iati"].append(iati.activity(work).text)
            flows.add(work)
            rows.add(work)
            files[papers.name(work)] = papers.page(work).encode()
    texts = {"oc4ids": ",\n".join(found["oc4ids"]), "channels": ",".join(found["channels"])}
    texts |= {"iati": "\n".join(found["iati"])} | rows.texts()
    texts |= {f"flows/{code}": "".join(given) for code, given in flows.texts.items()}
    added = {key: value for key, value in asdict(flows).items() if key != "texts"}
    known = {"updated": updated, "projects": len(files), "years": sorted(rows.years), "flows": added}
    return Added({name: text for name, text in texts.items() if text}, known, files)


def join(record: Record, facts: Sequence[Mapping[str, Any]], villages: Sequence[Texts]) -> Iterator[tuple[str, Writer]]:
    """Yield the files of the open data by name, each with what writes it; none where there is no project.

    `facts` and `villages` are what the villages add, in their order; `record` knows when something was recorded last.
    """
    if not any(each["projects"] for each in facts):
        return
    flows = iati.Flows()
    for each in facts:
        flows.join(iati.Flows(**each["flows"]))
    head = dump(oc4ids.package(record))[:-1]
    yield _file("oc4ids.json", _around(f'{head},"projects":[\n', _all(villages, "oc4ids", ",\n"), "\n]}\n"))
    head = dump(channels.extension(record))[:-1]
    yield _file("oc4ids-channels.json", _around(f'{head},"projects":[', _all(villages, "channels", ","), "]}\n"))
    before, behind = iati.around("iati-activities", record)
    yield _file("iati-activities.xml", _around(before, _all(villages, "iati", "\n"), behind))
    yield _file("iati-channels.xml", _around(before, _given(record, flows, villages), behind))
    before, behind = iati.around("iati-organisations", record)
    organisation = iati.organisation(record, flows).text.encode()
    yield _file("iati-organisation.xml", _around(before, [organisation], behind))
    made: dict[str, tuple[int, str]] = {}
    for name in COLUMNS:
        yield _file(f"{name}.csv", _noted(made, name, _around(tables.heading(name), _all(villages, f"csv/{name}"), "")))
    sheets = {name: _around(tables.sheet_heading(name), _all(villages, f"sheet/{name}"), "") for name in COLUMNS}
    yield f"{FOLDER}/tables.xlsx", lambda out: workbook(sheets, out)
    years = {year for each in facts for year in each["years"]}
    yield _file("datapackage.json", _described(record, years, made))


def _file(name: str, pieces: Iterable[bytes]) -> tuple[str, Writer]:
    return f"{FOLDER}/{name}", lambda out: out.writelines(pieces)


def _around(before: str, pieces: Iterable[bytes], behind: str) -> Iterator[bytes]:
    yield before.encode()
    yield from pieces
    yield behind.encode()


def _all(villages: Sequence[Texts], name: str, between: str = "") -> Iterator[bytes]:
    """Yield a text of every village that has it."""
    begun = False
    for texts in villages:
        inside = False
        for piece in texts(name):
            if between and begun and not inside:
                yield between.encode()
            yield piece
            begun = inside = True


def _given(record: Record, flows: iati.Flows, villages: Sequence[Texts]) -> Iterator[bytes]:
    """Yield the activity of each channel, with what every village got of it."""
    for number, (code, start) in enumerate(sorted(flows.starts.items())):
        before, behind = iati.channel(record, record.channels[code], start)
        yield from _around("\n" * bool(number) + before, _all(villages, f"flows/{code}"), behind)


def _noted(made: dict[str, tuple[int, str]], name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces, and note size and digest of the whole, which the descriptor of the package needs."""
    size, digest = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        digest.update(piece)
        yield piece
    made[name] = size, digest.hexdigest()


def _described(record: Record, years: set[int], made: Mapping[str, tuple[int, str]]) -> Iterator[bytes]:
    yield f"{dump(tables.descriptor(record, years, made))}\n".encode()
