"""The documents of a project as the public may know them: what each is, its day, and the digest of the paper.

The papers themselves hold names and numbers of persons and stay with the office; a page lists them, and by the digest
whoever is shown the paper can see that it is the one that was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger import messages
from ledger.facts import Fact
from ledger.messages import Lang
from projects.opendata.codes import codes
from projects.opendata.read import Work
from projects.sheets.movements import Voucher

STATEMENT = "statement"
"""The kind of a fact that says of a kind of document what there is, or why there is none."""
OTHER = {"oc4ids": "", "iati": "A08"}


@dataclass(frozen=True)
class Document:
    """A document: where on the page of the project it stands, what it is in both standards, what is said of it."""

    id: str
    kind: str
    category: str
    title: str
    description: str
    on: str
    url: str
    digests: tuple[str, ...]


def say(key: str, lang: Lang = "zh", **facts: object) -> str:
    """Return words of the catalogue for open data."""
    return messages.text("projects", f"open-data.{key}", lang, **facts)


def papers_name(work: Work) -> str:
    """Return the name of the page that lists a project's documents."""
    return f"data/papers-{work.key}.html"


def documents(work: Work) -> Iterator[Document]:
    """Yield the documents of the project itself."""
    yield from (_of_fact(work, each) for each in work.told.facts if each.kind in KINDS)
    yield from (_of_statement(work, each) for each in work.told.all(STATEMENT))
    yield from (_of_voucher(work, each) for each in work.standing("allotment"))


def contract_documents(work: Work, contract: str) -> Iterator[Document]:
    """Yield the documents of one of its contracts."""
    yield from (_of_fact(work, each) for each in work.bought[contract].facts if each.kind in KINDS)
    yield from (_of_statement(work, each) for each in work.bought[contract].all(STATEMENT))
    for voucher in work.vouchers_of(contract):
        if voucher.event in KINDS and not voucher.reverses and not voucher.reversed_by:
            yield _of_voucher(work, voucher)


def _of_voucher(work: Work, voucher: Voucher) -> Document:
    title = say(f"document.{voucher.event}", number=voucher.number)
    number = work.record.privacy.show("voucher.document-number", voucher.facts.get("document-number", ""))
    told = [say("numbered", number=number)] if number else []
    text = say("join").join([*told, say("recorded", number=voucher.number, leaf=voucher.leaf_hash)])
    return _document(work, voucher.number, KINDS[voucher.event], title, text, voucher.date, (voucher.leaf_hash,))


KINDS = codes()["documents"]


def _of_fact(work: Work, fact: Fact) -> Document:
    show = work.record.privacy.show
    title = say(f"document.{fact.kind}", number=fact.label)
    number = show("fact.number", fact.data.get("number") or fact.data.get("document-number"))
    text = say("numbered", number=number) if number else say("kept", fact=fact.label)
    return _document(work, fact.label, KINDS[fact.kind], title, text, fact.on, _digests(fact))


def _of_statement(work: Work, fact: Fact) -> Document:
    show = work.record.privacy.show
    known = {"oc4ids": str(fact.data["document-type"]), "iati": OTHER["iati"]}
    text = show("fact.statement", fact.data["statement"])
    absent = fact.data.get("applies") == "no"
    said = say("not-applicable", reason=text) if absent else text
    return _document(work, fact.label, known, show("fact.title", fact.data["title"]), said, fact.on, _digests(fact))


def _document(
    work: Work, label: str, known: dict[str, str], title: str, text: str, on: str, digests: tuple[str, ...]
) -> Document:
    url = f"{work.record.publisher.url}/{papers_name(work)}#{label}"
    return Document(label, known["oc4ids"], known["iati"], title, text, on, url, digests)


def _digests(fact: Fact) -> tuple[str, ...]:
    return tuple(each[0] for each in fact.documents)
