"""All files of the open data, from one view of the record: the same record gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from projects.opendata import iati, oc4ids, papers
from projects.opendata.channels import Channels
from projects.opendata.publisher import Publisher
from projects.opendata.read import Record, Work, read_record, read_works, villages_with_books
from projects.opendata.tables import Tables
from projects.opendata.text import dump
from projects.opendata.xml import Element
from projects.privacy import privacy_of
from projects.types import Types

FOLDER = "data"


@dataclass(frozen=True)
class Built:
    """The files by name, and of how many projects they tell."""

    files: Mapping[str, bytes]
    projects: int


def build(connection: Connection, publisher: Publisher, types: Types) -> Built:
    """Return the files of the open data, none where the record has no project."""
    record = read_record(connection, publisher, privacy_of(connection), types)
    channels = Channels(record)
    files: dict[str, bytes] = {}
    projects: list[str] = []
    activities: list[Element] = []
    flows = iati.Flows(record)
    tables = Tables(record)
    for work in _works(connection, record):
        projects.append(dump(oc4ids.project(work)))
        if work.sheet.lines:
            # That standard is about money: what has no channel yet is no activity there.
            activities.append(iati.activity(work))
        flows.add(work)
        tables.add(work)
        channels.add(work)
        files[papers.name(work)] = papers.page(work).encode()
    if not projects:
        return Built({}, 0)
    head = dump(oc4ids.package(record))
    body = ",\n".join(projects)
    files[f"{FOLDER}/oc4ids.json"] = f'{head[:-1]},"projects":[\n{body}\n]}}\n'.encode()
    files[f"{FOLDER}/oc4ids-channels.json"] = f"{dump(channels.extension())}\n".encode()
    files[f"{FOLDER}/iati-activities.xml"] = iati.document("iati-activities", activities, record).encode()
    files[f"{FOLDER}/iati-channels.xml"] = iati.document("iati-activities", flows.activities(), record).encode()
    files[f"{FOLDER}/iati-organisation.xml"] = iati.document(
        "iati-organisations", [flows.organisation()], record
    ).encode()
    files |= {f"{FOLDER}/{name}": content for name, content in tables.files().items()}
    return Built(files, len(projects))


def _works(connection: Connection, record: Record) -> Iterator[Work]:
    for village, book in villages_with_books(connection):
        yield from read_works(connection, record, book, village)
