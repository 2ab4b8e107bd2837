"""Projects in the International Aid Transparency Initiative's standard, IATI 2.03: activities and the organisation.

A project is an activity of hierarchy 2; each channel that pays it is one of hierarchy 1, in a file of its own, so that
nobody who adds up the activities counts the money twice. Domestic public money is no aid: its flow is 50, other flows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger.money import plain, split
from projects.indicators import Indicator
from projects.opendata.codes import codes
from projects.opendata.documents import Document, contract_documents, documents, say
from projects.opendata.oc4ids import show_aim
from projects.opendata.read import PAID, RECEIVED, Channel, Record, Work, moment, parts_of, reference
from projects.opendata.xml import Element, element
from projects.publisher import SCHEME
from projects.sheets.village import Change, Contract

VERSION = "2.03"
STATUS = {
    "identification": "1",
    "preparation": "1",
    "implementation": "2",
    "completion": "3",
    "maintenance": "4",
    "cancelled": "5",
}
INCOMING, COMMITMENT, DISBURSEMENT, EXPENDITURE = "1", "2", "3", "4"
COUNTRY = "CN"


def told(tag: str, zh: str, en: str = "", **more: str) -> Element:
    """Return an element with a narrative in Chinese, and in English where there is one."""
    texts = [element("narrative", zh)] if zh else []
    texts += [element("narrative", en, **{"xml:lang": "en"})] if en else []
    return element(tag, *texts, **more)


def both(tag: str, key: str, **facts: object) -> Element:
    """Return an element with words of the catalogue in both languages."""
    return told(tag, say(key, "zh", **facts), say(key, "en", **facts))


def channel_ref(record: Record, channel: Channel) -> str:
    """Return the identifier of a channel's own activity."""
    return f"{record.publisher.ref}-CH-{channel.code}"


def project_ref(work: Work) -> str:
    """Return the identifier of a project's activity."""
    return f"{work.record.publisher.ref}-{work.key}"


def activity(work: Work) -> Element:
    """Return a project as an activity; the order of its parts is that of the standard."""
    record = work.record
    name = work.shown("name")
    kind = record.type_name(work.detail["type"] or "other")
    kind_en = record.type_name(work.detail["type"] or "other", "en")
    village = work.owner.name
    parts: list[Element] = [
        element("iati-identifier", project_ref(work)),
        _reporting(record),
        told("title", name, say("title", "en", kind=kind_en, village=village)),
        told("description", _description(work), say("about", "en", kind=kind_en, village=village), type="1"),
    ]
    if work.shown("benefit"):
        parts.append(told("description", work.shown("benefit"), type="2"))
    parts += _participants(work)
    parts.append(element("other-identifier", ref=work.key, type="A1"))
    parts.append(element("other-identifier", ref=work.id, type="A9"))
    parts.append(element("activity-status", code=STATUS[work.state]))
    parts += _dates(work)
    parts.append(_contact(record))
    parts.append(element("activity-scope", code="8"))
    parts.append(element("recipient-country", code=COUNTRY, percentage="100"))
    parts.append(_location(work))
    parts += _sectors(work, kind, kind_en)
    parts += [
        element("default-flow-type", code="50"),
        element("default-finance-type", code="110"),
        element("default-aid-type", code="C01"),
        element("default-tied-status", code="5"),
    ]
    parts += _budgets(work)
    parts.append(element("capital-spend", percentage="0" if work.codes["place"] == "PPL" else "100"))
    parts += _transactions(work)
    parts.append(_page(work))
    parts += [_document(each) for each in _listed(work)]
    parts += _results(work)
    parts += _moved(work)
    return element(
        "iati-activity",
        *parts,
        **{
            "default-currency": "CNY",
            "last-updated-datetime": work.touched,
            "xml:lang": "zh",
            "hierarchy": "2",
            "humanitarian": "0",
        },
    )


@dataclass
class Flows:
    """What channels gave to projects, as text by channel, and what the office plans and spends, year by year.

    What villages add is added up: `starts` has the day of each channel's first payment, "" where there is none yet.
    """

    starts: dict[str, str] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    planned: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)

    def add(self, work: Work) -> None:
        """Take a project in."""
        book = work.village.book.code
        for code in work.sheet.lines:
            self.starts.setdefault(code, "")
        for voucher, code, fen in parts_of(work.sheet.receipts):
            ref = reference(book, voucher, code, RECEIVED)
            self.starts[code] = min(filter(None, (self.starts.get(code, ""), voucher.date)))
            self.texts.setdefault(code, []).append(_given(work, ref, voucher.date, fen))
        for year, _, _, fen in budget_years(work, work.sheet.total.planned):
            self.planned[str(year)] = self.planned.get(str(year), 0) + fen
        for voucher, _, fen in parts_of(work.sheet.payments):
            year_ = voucher.date[:4]
            self.spent[year_] = self.spent.get(year_, 0) + fen

    def join(self, other: Flows) -> None:
        """Take in what another village adds, but for the texts."""
        for code, day in other.starts.items():
            self.starts[code] = min(filter(None, (self.starts.get(code, ""), day)), default="")
        for mine, its in ((self.planned, other.planned), (self.spent, other.spent)):
            for year, fen in its.items():
                mine[year] = mine.get(year, 0) + fen


def organisation(record: Record, flows: Flows) -> Element:
    """Return the publisher with what its projects plan and have spent by year, over all channels."""
    publisher = record.publisher
    parts = [
        element("organisation-identifier", publisher.ref),
        told("name", publisher.name, publisher.name_en),
        _reporting(record),
    ]
    for year, fen in sorted(flows.planned.items()):
        parts.append(_year("total-budget", year, f"{year}-12-31", fen, status="2"))
    for year, fen in sorted(flows.spent.items()):
        parts.append(_year("total-expenditure", year, min(f"{year}-12-31", record.updated[:10]), fen))
    page = f"{publisher.url}/index.html"
    named = (both("title", "site"), element("category", code="B16"), element("language", code="zh"))
    country = element("recipient-country", code=COUNTRY)
    parts.append(element("document-link", *named, country, format="text/html", url=page))
    more = {"default-currency": "CNY", "last-updated-datetime": record.updated, "xml:lang": "zh"}
    return element("iati-organisation", *parts, **more)


def _year(tag: str, year: str, until: str, fen: int, **more: str) -> Element:
    start = f"{year}-01-01"
    period = (element("period-start", **{"iso-date": start}), element("period-end", **{"iso-date": until}))
    return element(tag, *period, _value(fen, start), **more)


def channel(record: Record, channel: Channel, start: str) -> tuple[str, str]:
    """Return the activity of a channel as the text before and the text behind what it gave to which project, when."""
    source = codes()["sources"].get(channel.source, OTHER)
    parts = [
        element("iati-identifier", channel_ref(record, channel)),
        _reporting(record),
        told("title", channel.name, say("channel", "en", code=channel.code)),
        told("description", say("channel-means", "zh"), say("channel-means", "en"), type="1"),
        told("participating-org", channel.name, role="1", type=source["kind"]),
        _participant_of(record, "2"),
        element("activity-status", code="2"),
        element("activity-date", **{"iso-date": start or record.updated[:10], "type": "2"}),
        _contact(record),
        element("recipient-country", code=COUNTRY, percentage="100"),
        element("sector", vocabulary="1", code="43040", percentage="100"),
        element("default-flow-type", code="50"),
        element("default-finance-type", code=source["finance"]),
        element("default-aid-type", code="C01"),
        element("default-tied-status", code="5"),
    ]
    more = {"default-currency": "CNY", "last-updated-datetime": record.updated, "xml:lang": "zh", "hierarchy": "1"}
    end = "</iati-activity>"
    return element("iati-activity", *parts, **more).text.removesuffix(end), end


def _given(work: Work, ref: str, on: str, fen: int) -> str:
    receiver = told("receiver-org", work.owner.name, **{"receiver-activity-id": project_ref(work)})
    head = (element("transaction-type", code=DISBURSEMENT), element("transaction-date", **{"iso-date": on}))
    return element("transaction", *head, _value(fen, on), both("description", "to-project"), receiver, ref=ref).text


OTHER = {"kind": "90", "finance": "110"}


def _reporting(record: Record) -> Element:
    publisher = record.publisher
    return told("reporting-org", publisher.name, publisher.name_en, ref=publisher.ref, type=publisher.kind)


def _participant_of(record: Record, role: str) -> Element:
    publisher = record.publisher
    return told(
        "participating-org", publisher.name, publisher.name_en, ref=publisher.ref, role=role, type=publisher.kind
    )


def _participants(work: Work) -> Iterator[Element]:
    for code in work.sheet.lines:
        channel = work.channel(code)
        kind = codes()["sources"].get(channel.source, OTHER)["kind"]
        more = {"role": "1", "type": kind, "activity-id": channel_ref(work.record, channel)}
        yield told("participating-org", channel.name, **more)
    if not work.sheet.lines:
        yield _participant_of(work.record, "1")
    yield _participant_of(work.record, "2")
    yield told("participating-org", work.owner.name, role="4", type="15", **_known(work.owner.identifier))


def _known(identifier: str) -> dict[str, str]:
    """Return the reference of an organisation by its unified code, nothing where there is none."""
    return {"ref": f"{SCHEME}-{identifier}"} if identifier else {}


def _description(work: Work) -> str:
    size = " ".join(each for each in (work.shown("quantity"), work.shown("unit")) if each)
    return say("join").join(each for each in (work.shown("name"), work.shown("task"), size) if each)


def _dates(work: Work) -> Iterator[Element]:
    started = work.told.last("start")
    begun = started.on if started else min([each.signed.date for each in work.contracts], default="")
    dates = {
        "1": work.detail["planned-start"],
        "2": begun,
        "3": work.detail["planned-finish"],
        "4": work.accepted.date if work.accepted else "",
    }
    if not (dates["1"] or dates["2"]):
        # The standard wants a start of every activity; no project began before its book.
        dates["1"] = work.village.book.started_on
    for kind, on in dates.items():
        if on:
            yield element("activity-date", **{"iso-date": on, "type": kind})


def _contact(record: Record) -> Element:
    publisher = record.publisher
    parts = [told("organisation", publisher.name, publisher.name_en)]
    if publisher.contact:
        parts.append(told("department", publisher.contact))
    if publisher.telephone:
        parts.append(element("telephone", publisher.telephone))
    parts.append(element("email", publisher.email))
    parts.append(element("website", f"{publisher.url}/index.html"))
    return element("contact-info", *parts, type="1")


def _location(work: Work) -> Element:
    parts = [element("location-reach", code="1")]
    parts.append(told("name", work.owner.name))
    parts.append(told("activity-description", work.shown("place") or work.shown("name")))
    if work.place:
        longitude, latitude = _first(work.place["coordinates"])
        srs = "http://www.opengis.net/def/crs/EPSG/0/4326"
        parts.append(element("point", element("pos", f"{latitude} {longitude}"), srsName=srs))
        parts.append(element("exactness", code="1"))
    parts.append(element("location-class", code="3"))
    parts.append(element("feature-designation", code=work.codes["place"]))
    more = {"ref": str(work.division["division"])} if "division" in work.division else {}
    return element("location", *parts, **more)


def _first(coordinates: Any) -> tuple[str, str]:
    while isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    return str(coordinates[0]), str(coordinates[1])


def _sectors(work: Work, kind: str, kind_en: str) -> Iterator[Element]:
    repair = work.detail.get("nature") in {"repair", "rebuild"}
    code = work.codes.get("repair", work.codes["dac"]) if repair else work.codes["dac"]
    yield element("sector", vocabulary="1", code=code, percentage="100")
    more = {"vocabulary": "99", "code": work.detail["type"] or "other", "percentage": "100"}
    more["vocabulary-uri"] = f"{work.record.publisher.url}/data/oc4ids-channels.json"
    yield told("sector", kind, kind_en, **more)


def _budgets(work: Work) -> Iterator[Element]:
    """Yield what is planned by calendar year: the money of a project that runs longer is split by days."""
    for _, start, end, fen in budget_years(work, work.sheet.total.planned):
        yield element(
            "budget",
            element("period-start", **{"iso-date": start}),
            element("period-end", **{"iso-date": end}),
            _value(fen, start),
            type="1",
            status="2",
        )


def budget_years(work: Work, planned: int) -> Iterator[tuple[int, str, str, int]]:
    """Yield year, first and last day and its part of what is planned: split by days, by largest remainder."""
    if not planned:
        return
    first = date.fromisoformat(work.detail["planned-start"] or work.village.book.started_on)
    last = date.fromisoformat(work.detail["planned-finish"]) if work.detail["planned-finish"] else first
    last = max(first, last)
    spans = []
    for year in range(first.year, last.year + 1):
        start, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
        spans.append((year, start, end))
    parts = split(planned, [(end - start).days + 1 for _, start, end in spans])
    for (year, start, end), fen in zip(spans, parts, strict=True):
        yield year, start.isoformat(), end.isoformat(), fen


def _value(fen: int, on: str) -> Element:
    return element("value", plain(fen), **{"value-date": on})


def _transactions(work: Work) -> Iterator[Element]:
    book = work.village.book.code
    for contract in work.contracts:
        yield from _commitments(work, contract)
    for voucher, channel, fen in parts_of(work.sheet.receipts):
        ref = reference(book, voucher, channel, RECEIVED)
        owner = work.owner
        more = {"receiver": owner.name, "identifier": owner.identifier}
        yield _transaction(work, ref, INCOMING, voucher.date, fen, channel, **more)
    for voucher, channel, fen in parts_of(work.sheet.payments):
        payee = work.payee(voucher.payee)
        ref = reference(book, voucher, channel, PAID)
        name = payee.name or say("persons")
        yield _transaction(
            work, ref, EXPENDITURE, voucher.date, fen, channel, receiver=name, identifier=payee.identifier
        )


def _commitments(work: Work, contract: Contract) -> Iterator[Element]:
    """Yield what a contract committed, and by how much each change made it more or less."""
    payee = work.payee(contract.payee, field="contract.payee")
    for voucher in work.vouchers_of(contract.code):
        fen = work.worth[voucher.seq]
        if fen:
            ref = f"{work.village.book.code}-{voucher.number}-{contract.code}"
            name = payee.name or say("persons")
            yield _transaction(work, ref, COMMITMENT, voucher.date, fen, "", receiver=name, identifier=payee.identifier)


def _transaction(
    work: Work,
    ref: str,
    kind: str,
    on: str,
    fen: int,
    channel: str,
    *,
    receiver: str,
    identifier: str = "",
) -> Element:
    parts = [
        element("transaction-type", code=kind),
        element("transaction-date", **{"iso-date": on}),
        _value(fen, on),
        both("description", f"transaction-{kind}"),
    ]
    if channel:
        known = work.channel(channel)
        source = codes()["sources"].get(known.source, OTHER)
        more = {"provider-activity-id": channel_ref(work.record, known), "type": source["kind"]}
        parts.append(told("provider-org", known.name, **more))
    more = _known(identifier)
    if kind == INCOMING:
        more["receiver-activity-id"] = project_ref(work)
    parts.append(told("receiver-org", receiver, **more))
    return element("transaction", *parts, ref=ref)


def _listed(work: Work) -> list[Document]:
    found = [*documents(work)]
    for contract in work.contracts:
        found += contract_documents(work, contract.code)
    return found


def _page(work: Work) -> Element:
    page = f"{work.record.publisher.url}/{work.village.book.code}/{work.sheet.project['code']}.html"
    named = (both("title", "project-page"), element("category", code="A12"), element("language", code="zh"))
    return element("document-link", *named, format="text/html", url=page)


def _document(each: Document) -> Element:
    return element(
        "document-link",
        told("title", each.title),
        told("description", each.description),
        element("category", code=each.category),
        element("language", code="zh"),
        element("document-date", **{"iso-date": each.on}),
        format="text/html",
        url=each.url,
    )


def _results(work: Work) -> Iterator[Element]:
    """Yield what it is to bring: how far the works are, and each objective with what it aims at."""
    first = work.detail["planned-start"] or work.village.book.started_on
    last = max(first, work.detail["planned-finish"] or first)
    accepted = work.accepted
    target = element("target", value="100")
    actual = [element("actual", value="100")] if accepted else []
    yield _result("progress", [target, *actual], first, last, baseline=True)
    for fact in work.told.all("objective"):
        name, unit = show_aim(work, fact.data)
        kind = "1" if fact.data["category"] == "output" else "2"
        indicator = element(
            "indicator",
            told("title", f"{name}（{unit}）"),
            element(
                "period",
                element("period-start", **{"iso-date": first}),
                element("period-end", **{"iso-date": last}),
                element("target", value=str(fact.data["target"])),
            ),
            measure="2" if unit == "%" else "1",
        )
        yield element("result", told("title", name), indicator, type=kind)


def _moved(work: Work) -> Iterator[Element]:
    """Yield the indicators of the village that acceptances moved: before, now, and the target that was set."""
    stand = {each.code: each for each in work.village.standings}
    found: dict[str, list[Change]] = defaultdict(list)
    for result in work.sheet.results:
        for change in result.changes:
            found[change.indicator].append(change)
    for code, changes in found.items():
        before, after, of = changes[0].before, changes[-1].after, stand[code].of if code in stand else None
        if before is None or after is None or of is None:
            continue
        aim, until = stand[code].target, stand[code].until
        values = [element("actual", value=_value_of(of, after["numerator"], after["denominator"]))]
        if aim.whole:
            values.insert(0, element("target", value=_value_of(of, aim.numerator, aim.denominator)))
        day = before["observed_on"]
        period = (
            element("period-start", **{"iso-date": day}),
            element("period-end", **{"iso-date": max(until or after["observed_on"], day)}),
        )
        start = {"iso-date": day, "year": day[:4]}
        baseline = element("baseline", **start, value=_value_of(of, before["numerator"], before["denominator"]))
        more = {"measure": "2" if of.is_share else "1", "ascending": "0" if of.falling else "1"}
        title = told("title", of.zh, of.en)
        yield element(
            "result",
            title,
            element("indicator", title, baseline, element("period", *period, *values), **more),
            type="2",
        )


def _value_of(of: Indicator, numerator: int, denominator: int) -> str:
    """Return a figure with two decimals: of a share in percent, of others so much for each."""
    scale = 10_000 if of.is_share else 100
    return plain((2 * scale * numerator + denominator) // (2 * denominator))


def _result(key: str, values: list[Element], first: str, last: str, *, baseline: bool) -> Element:
    parts = [both("title", f"result-{key}")]
    if baseline:
        parts.append(element("baseline", **{"iso-date": first, "year": first[:4], "value": "0"}))
    period = element(
        "period",
        element("period-start", **{"iso-date": first}),
        element("period-end", **{"iso-date": last}),
        *values,
    )
    return element(
        "result", both("title", f"result-{key}"), element("indicator", *parts, period, measure="2"), type="1"
    )


def around(tag: str, record: Record) -> tuple[str, str]:
    """Return what stands before and behind the parts of a whole file."""
    generated = record.updated or moment("1970-01-01")
    root = element(tag, **{"version": VERSION, "generated-datetime": generated})
    before, behind = root.around([Element("", BETWEEN)]).split(BETWEEN)
    return before, behind


BETWEEN = "\0"
