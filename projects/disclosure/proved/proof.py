"""The proof of the pages of a book: every voucher and every line of the plan under the checkpoint that the pages carry.

It is one file beside the village's page, for all its pages in all languages. A leaf that the policy would not show as
it stands, whose payee is a person, or whose narration a clerk typed, stays in the office: of such a voucher the proof
has the hash, and states what it moved. Whoever checks computes the figures from the leaves; nothing that is computed
stands in the proof.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from ledger import chart, log, merkle, money
from ledger.facts import COMMITMENT
from ledger.store import sql
from projects.disclosure.layout import lay_out
from projects.disclosure.proved.moved import Accounts
from projects.disclosure.proved.narrations import written_by_program
from projects.disclosure.proved.office import Office
from projects.disclosure.shown import PERSONS, PageSheet
from projects.privacy import Privacy, is_person
from projects.tongues import traditional

FORM = "earmark/pages-proof/1"
NAME = "proof.json"


def prove(connection: Connection, office: Office, sheet: PageSheet, privacy: Privacy) -> dict[str, Any]:
    """Return the proof of the pages that are made of `sheet`, which is as it may be shown and has a checkpoint.

    Vouchers that were sealed since stand in it too, and are under no checkpoint yet. How projects lie on pages is
    stated: it hangs on maps and indicators, of which the proof has nothing.

    Raises:
        NoteUnfit: the checkpoint is not signed by a key of this office.
    """
    book = sheet.book.code
    checkpoint, held = office.ring.open(sheet.note)
    hashes = list(log.hashes(connection, book))[: checkpoint.size]
    tree = merkle.Tree(hashes)
    channels = {str(code): str(source) for code, source in sql.rows(connection, _CHANNELS, {"book": book})}
    rows = sql.rows(connection, _LEAVES, {"book": book})
    layout = lay_out(sheet)
    goods = [str(name) for (name,) in sql.rows(connection, _GOODS)]
    return {
        "form": FORM,
        "vkey": held.verifier.text(),
        "checkpoint": sheet.note,
        "leaves": list(_leaves(rows, sheet, channels, privacy, goods)),
        "beside": [each.hex() for each in tree.beside(int(row[0]) for row in rows if int(row[0]) < checkpoint.size)],
        "since": office.since(book, sheet.note, hashes),
        "office": office.named(sheet.village["code"], book, channels, privacy),
        "stated": {
            "village": dict(sheet.village),
            "book": {"code": book, "name": sheet.book.name, "chart": sheet.book.chart},
            "projects": [
                [each.project["code"], each.project["title"], each.project["name"]] for each in sheet.projects
            ],
            "channels": [[code, source, sheet.channels[code]] for code, source in channels.items()],
            "turned": _turned(sheet),
            "site": office.site,
            "layout": [[len(part) for part in layout.parts], layout.numbered, layout.reached],
        },
    }


def _turned(sheet: PageSheet) -> dict[str, str]:
    """Return what was typed and stands in traditional characters on pages: a browser has nothing that turns it."""
    projects, vouchers = (
        sheet.projects,
        [each.voucher for of in sheet.projects for each in (*of.receipts, *of.payments)],
    )
    typed = {
        *(sheet.village["name"], sheet.village["township"], sheet.book.name, *sheet.channels.values()),
        *(each.project[name] for each in projects for name in ("title", "name")),
        *(text for of in projects for each in of.contracts for text in (each.name, each.payee)),
        *(each.payee for each in vouchers),
    }
    return {each: traditional(each) for each in sorted(typed) if traditional(each) != each}


def dump(proof: Mapping[str, Any]) -> str:
    """Return a proof as it is written to a file: one line, so that nobody formats it."""
    return json.dumps(proof, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def _leaves(
    rows: list[Any], sheet: PageSheet, channels: Collection[str], privacy: Privacy, goods: list[str]
) -> Iterator[str | dict[str, Any]]:
    """Yield each leaf as it stands in the log, or what may be said of it."""
    accounts = Accounts(chart.load(sheet.book.chart))
    named = [*sheet.channels.values(), *goods]
    for position, leaf, hashed in rows:
        whole = json.loads(leaf)
        data = whole["data"]
        if whole["kind"] != "voucher" or (not _personal(data, named) and privacy.may_show(leaf)):
            yield leaf
        else:
            yield {
                "position": int(position),
                "hash": str(hashed),
                "contract-name": privacy.show("contract.name", data["facts"].get("contract-name", "")),
                "payee": privacy.show("voucher.payee", data["payee"]) or (PERSONS if data["payee"] else ""),
                "moved": [
                    [project, channel, role, money.plain(fen)]
                    for project, channel, role, fen in accounts.moved(data["postings"], channels)
                ],
                **{name: data[name] for name in ("seq", "number", "date", "event", "project", "contract", "reverses")},
            }


def _personal(data: Mapping[str, Any], named: Collection[str]) -> bool:
    """Tell whether a leaf holds what is not for the public: a person, something private, words that a clerk typed."""
    facts = data["facts"]
    return (
        is_person(data["payee"])
        or any(name.endswith(COMMITMENT) for name in facts)
        or not written_by_program(data["narration"], [*facts.values(), data["payee"], data["contract"], *named])
    )


_CHANNELS = (
    "SELECT c.code, c.source FROM channel c WHERE c.code IN (SELECT channel FROM budget_line WHERE book = :book "
    "UNION SELECT k.channel FROM balance b JOIN commodity k ON k.code = b.commodity "
    "WHERE b.book = :book AND k.channel IS NOT NULL) ORDER BY c.code"
)
_GOODS = "SELECT name FROM good"
_LEAVES = (
    "SELECT position, leaf, leaf_hash FROM log_leaf WHERE log = :book AND kind IN ('voucher', 'budget-line') "
    "ORDER BY position"
)
