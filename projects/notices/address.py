"""Where the notices of a book are to be read: the address to which the square code on a notice leads.

The office's own word for its whole site stands in ``[publication]`` of ``earmark.toml``. Where it says nothing, whoever
publishes the notices of a book may tell where they lie: a fact of the book's log, of which the last one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from ledger import facts, people
from ledger.facts import Fact
from ledger.store.workspace import Unit
from projects.desk import Desk
from projects.errors import AddressUnfit
from projects.notices.names import FOLDER
from projects.notices.publish import PUBLISHERS
from projects.publisher import is_address

TOLD = "notice-address"
LONGEST = 200
"""A longer address makes a code that no telephone reads from a sheet on a wall."""


def of_office(publication: Mapping[str, str], book: str) -> str:
    """Return where the office's site has the notices of a book, "" where the settings do not say."""
    url = publication.get("url", "").strip().rstrip("/")
    return f"{url}/{book}/{FOLDER}" if url and is_address(url) else ""


def told(connection: Connection, book: str) -> Fact | None:
    """Return the fact that says where the notices of a book lie, None where nobody has told, or it was taken back."""
    found = facts.standing(connection, book, TOLD)
    return found[-1] if found and found[-1].data["url"] else None


def address_of(connection: Connection, publication: Mapping[str, str], book: str) -> str:
    """Return under which address the notices of a book lie, "" where nobody says: a code then holds the checkpoint."""
    fact = told(connection, book)
    return of_office(publication, book) or (str(fact.data["url"]) if fact else "")


def tell(desk: Desk, url: str, *, key: str | None = None) -> dict[str, Any]:
    """Record where the notices of a book lie; an empty address takes back what was told before.

    Raises:
        RoleMissing: who tells may neither approve nor audit nor publish.
        AddressUnfit: it is no address of the web, too long, or more than a place; or the settings say another.
    """
    said = url.strip().rstrip("/")

    def act(unit: Unit) -> dict[str, Any]:
        people.need_one_of(unit.connection, desk.user, PUBLISHERS, desk.book)
        if office := of_office(desk.workspace.settings.publication, desk.book):
            raise AddressUnfit(about="office", text=office)
        if said and (not is_address(said) or len(said) > LONGEST or set("?#@") & set(said)):
            raise AddressUnfit(text=said[:80])
        before = told(unit.connection, desk.book)
        if said == (before.data["url"] if before else ""):
            return {"fact": before.label if before else ""}
        made = facts.record(unit, desk.book, TOLD, FOLDER, on=unit.now.date(), by=desk.user, data={"url": said})
        return {"fact": made.label}

    return desk.change("notice address", {"url": said, "book": desk.book, "user": desk.user}, act, key=key)
