"""Channels and goods: what a posting may count. A channel's money and its budget are two commodities."""

from __future__ import annotations

from sqlalchemy import Connection, text

from ledger import chart, log
from ledger.errors import AlreadyThere, ChoiceUnknown, Names, Unknown
from ledger.store.workspace import Unit
from ledger.text import code, words

LARGEST_SCALE = 6


def add_channel(unit: Unit, channel: str, *, name: str, source: str, document: str = "") -> None:
    """Add a channel; its source decides which fund account its money is owed to.

    Raises:
        AlreadyThere: the code is taken, by a channel or by a good.
        ChoiceUnknown: the chart knows no such source.
    """
    code(channel, "channel")
    sources = chart.load().funds
    if source not in sources:
        raise ChoiceUnknown(about="source", text=source, choices=Names(sources))
    _need_free(unit.connection, channel)
    row = {
        "code": channel,
        "name": words(name, "name"),
        "source": source,
        "document": words(document, "document", needed=False),
    }
    unit.connection.execute(
        text("INSERT INTO channel (code, name, source, document) VALUES (:code, :name, :source, :document)"),
        row,
    )
    log.append(unit, log.OFFICE, "channel", row)
    keep_commodities(unit, channel)


def keep_commodities(unit: Unit, channel: str) -> None:
    """Write what a channel is counted in: its money and its budget."""
    for commodity, kind in ((channel, "money"), (channel + chart.BUDGET_SUFFIX, "budget")):
        unit.connection.execute(
            text("INSERT INTO commodity (code, kind, channel, scale) VALUES (:code, :kind, :channel, 2)"),
            {"code": commodity, "kind": kind, "channel": channel},
        )


def add_good(unit: Unit, good: str, *, name: str, unit_name: str, scale: int = 3) -> None:
    """Add a good that is counted in `unit_name` with `scale` decimals.

    Raises:
        AlreadyThere: the code is taken, by a good or by a channel.
    """
    code(good, "good")
    if not 0 <= scale <= LARGEST_SCALE:
        raise ChoiceUnknown(about="scale", text=scale, choices="0–6")
    _need_free(unit.connection, good)
    names = {chart.component(each.name) for each in unit.connection.execute(text("SELECT name FROM good"))}
    if not chart.component(name) or chart.component(name) in names:
        # Accounts of a store carry the name: two goods of one name would lie on one account.
        raise AlreadyThere(about="good-name", text=name)
    row = {"code": good, "name": words(name, "name"), "unit": words(unit_name, "unit"), "scale": scale}
    unit.connection.execute(
        text("INSERT INTO good (code, name, unit, scale) VALUES (:code, :name, :unit, :scale)"), row
    )
    keep_quantity(unit, good, scale)
    log.append(unit, log.OFFICE, "good", row)


def keep_quantity(unit: Unit, good: str, scale: int) -> None:
    """Write what a good is counted in."""
    query = text("INSERT INTO commodity (code, kind, good, scale) VALUES (:code, 'quantity', :code, :scale)")
    unit.connection.execute(query, {"code": good, "scale": scale})


def list_channels(connection: Connection) -> list[dict[str, str]]:
    """Return all channels by code."""
    query = text("SELECT code, name, source, document FROM channel ORDER BY code")
    return [dict(row) for row in connection.execute(query).mappings()]


def list_goods(connection: Connection) -> list[dict[str, object]]:
    """Return all goods by code."""
    query = text("SELECT code, name, unit, scale FROM good ORDER BY code")
    return [dict(row) for row in connection.execute(query).mappings()]


def need_channel(connection: Connection, channel: str) -> dict[str, str]:
    """Return a channel's row.

    Raises:
        Unknown: there is none.
    """
    query = text("SELECT code, name, source, document FROM channel WHERE code = :code")
    row = connection.execute(query, {"code": channel}).mappings().first()
    if row is None:
        raise Unknown(about="channel", text=channel)
    return dict(row)


def need_good(connection: Connection, good: str) -> dict[str, str | int]:
    """Return a good's row.

    Raises:
        Unknown: there is none.
    """
    query = text("SELECT code, name, unit, scale FROM good WHERE code = :code")
    row = connection.execute(query, {"code": good}).mappings().first()
    if row is None:
        raise Unknown(about="good", text=good)
    return dict(row)


def _need_free(connection: Connection, commodity: str) -> None:
    if connection.execute(text("SELECT 1 FROM commodity WHERE code = :code"), {"code": commodity}).first():
        raise AlreadyThere(about="channel", text=commodity)
