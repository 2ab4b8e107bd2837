"""Projects in the Open Contracting for Infrastructure Data Standard, OC4IDS 0.9.

Each movement of money is one transaction per channel: its payer is the channel, so that a reader adds up what each
channel paid without a field of our own. Sums are those of `status`, to the fen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger import money
from projects.opendata.codes import codes
from projects.opendata.documents import Document, contract_documents, documents, say
from projects.opendata.read import PAID, RECEIVED, Party, Record, Work, moment, parts_of, reference
from projects.opendata.text import Number, amount, kept
from projects.publisher import SCHEME
from projects.sheets.movements import Voucher
from projects.sheets.village import Contract

VERSION = "0.9"
PERCENT = {"name": "%", "id": "P1", "scheme": "UNCEFACT"}


def package(record: Record) -> dict[str, Any]:
    """Return what stands around the projects."""
    publisher = record.publisher
    head = {
        "uri": f"{publisher.url}/data/oc4ids.json",
        "publishedDate": record.updated,
        "publisher": {"name": publisher.name, "scheme": SCHEME, "uid": publisher.identifier},
        "license": publisher.licence,
        "publicationPolicy": publisher.policy,
        "version": VERSION,
    }
    return dict(kept(head))


def project(work: Work) -> dict[str, Any]:
    """Return a project."""
    parties = Parties(work)
    detail = work.detail
    planned = {"startDate": _day(detail["planned-start"]), "endDate": _day(detail["planned-finish"])}
    found = {
        "id": work.id,
        "updated": work.touched,
        "language": "zh",
        "identifiers": [{"id": work.key, "scheme": SCHEME + "-" + work.record.publisher.identifier}],
        "title": work.shown("name"),
        "description": _description(work),
        "status": work.state,
        "type": codes()["natures"].get(detail.get("nature", "")),
        "sector": work.codes["sector"],
        "additionalClassifications": _classifications(work),
        "purpose": work.shown("benefit"),
        "period": planned,
        "publicAuthority": parties.named(work.owner, "publicAuthority"),
        "locations": [_location(work)],
        "budget": _budget(work, parties, planned),
        "transactions": list(_transactions(work, parties)),
        "contractingProcesses": [_process(work, each, parties) for each in work.contracts],
        "milestones": list(_milestones(work)),
        "forecasts": list(_forecasts(work)),
        "metrics": list(_metrics(work)),
        "benefits": _benefits(work),
        "documents": [_document(each) for each in documents(work)],
        "completion": _completion(work),
    }
    found["parties"] = parties.listed()
    return dict(kept(found))


class Parties:
    """The parties of a project: whoever is named is listed, with all roles in which it is named."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._roles: dict[Party, list[str]] = {}

    def named(self, party: Party, *roles: str) -> dict[str, str]:
        """Return a party as others refer to it, and list it."""
        so_far = self._roles.setdefault(party, [])
        so_far += [each for each in roles if each not in so_far]
        return {"id": party.id, "name": party.name or say("persons")}

    def listed(self) -> list[dict[str, Any]]:
        """Return the list."""
        return [self._told(party, roles) for party, roles in self._roles.items()]

    def _told(self, party: Party, roles: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = {"id": party.id, "name": party.name or say("persons"), "roles": roles}
        if party.identifier:
            found["identifier"] = {"scheme": SCHEME, "id": party.identifier}
            # A village is known by its name; the legal person is its committee, whose name nobody was asked for.
            found["identifier"] |= {} if party == self._work.owner else {"legalName": party.name}
        if party == self._work.owner:
            found |= self._contact()
        return found

    def _contact(self) -> dict[str, Any]:
        publisher = self._work.record.publisher
        responsible = self._work.shown("responsible")
        people = [{"id": "responsible", "name": responsible, "jobTitle": say("responsible")}] if responsible else []
        return {
            "address": _address(self._work),
            "contactPoint": {
                "name": publisher.contact or publisher.name,
                "email": publisher.email,
                "telephone": publisher.telephone,
            },
            "people": people,
        }


def _day(text: str) -> str:
    return moment(text) if text else ""


def _description(work: Work) -> str:
    size = " ".join(each for each in (work.shown("quantity"), work.shown("unit")) if each)
    parts = (work.shown("task"), size, work.shown("participation"), work.shown("mechanism"))
    return say("join").join(each for each in parts if each) or work.shown("name")


def _classifications(work: Work) -> list[dict[str, str]]:
    kind = work.detail["type"] or "other"
    return [
        {"scheme": "earmark-project-types", "id": kind, "description": work.record.type_name(kind)},
        {"scheme": "COFOG", "id": work.codes["cofog"]},
        {"scheme": "DAC", "id": work.codes["dac"]},
    ]


def _address(work: Work) -> dict[str, str]:
    village = work.village.village
    show = work.record.privacy.show
    return {
        "streetAddress": work.shown("place") or show("village.name", village["name"]),
        "locality": show("village.name", village["name"]),
        "region": show("village.township", village["township"]),
        "postalCode": str(work.division.get("postcode", "")),
        "countryName": say("country"),
    }


def _location(work: Work) -> dict[str, Any]:
    place = {"id": work.key, "address": _address(work)}
    if work.place:
        place["geometry"] = geometry(work.place)
    if "division" in work.division:
        place["gazetteer"] = {"scheme": "CN-NBS-TJYQHDM", "identifiers": [str(work.division["division"])]}
    return place


def geometry(place: Mapping[str, Any]) -> dict[str, Any]:
    """Return a place as GeoJSON with numbers, longitude first."""

    def numbers(value: Any) -> Any:
        return Number(value) if isinstance(value, str) else [numbers(each) for each in value]

    return {"type": place["type"], "coordinates": numbers(place["coordinates"])}


def _budget(work: Work, parties: Parties, planned: dict[str, str]) -> dict[str, Any]:
    lines = work.sheet.lines
    on = _day(work.approved)
    parts = [
        {
            "id": code,
            "description": work.channel(code).name,
            "amount": amount(figures.planned),
            "period": planned,
            "sourceParty": parties.named(work.channel(code).party, "funder"),
            "approvalDate": on,
        }
        for code, figures in lines.items()
    ]
    return {
        "description": say("budget"),
        "amount": amount(work.sheet.total.planned) if work.sheet.total.planned else None,
        "approvalDate": on,
        "budgetBreakdowns": [{"id": "channels", "description": say("by-channel"), "budgetBreakdown": parts}],
    }


def _transactions(work: Work, parties: Parties) -> Iterator[dict[str, Any]]:
    for voucher, channel, fen in parts_of(work.sheet.receipts):
        payee = parties.named(work.owner, "payee")
        yield _transaction(work, voucher, channel, fen, RECEIVED, parties, payee)
    standing = {each.code for each in work.contracts}
    for voucher, channel, fen in parts_of(work.sheet.payments):
        if voucher.contract not in standing:
            payee = parties.named(work.payee(voucher.payee), "payee")
            yield _transaction(work, voucher, channel, fen, PAID, parties, payee)


def _transaction(
    work: Work, voucher: Voucher, channel: str, fen: int, way: str, parties: Parties, payee: dict[str, str]
) -> dict[str, Any]:
    return {
        "id": reference(work.village.book.code, voucher, channel, way),
        "source": f"{work.record.publisher.url}/{work.village.book.code}/{work.sheet.project['code']}.html",
        "date": moment(voucher.date),
        "value": amount(fen),
        "payer": parties.named(work.channel(channel).party, "payer"),
        "payee": payee,
    }


def _process(work: Work, contract: Contract, parties: Parties) -> dict[str, Any]:
    show = work.record.privacy.show
    supplier = work.payee(contract.payee, field="contract.payee")
    bought = work.bought[contract.code].last("procurement")
    said: Mapping[str, Any] = bought.data if bought else {}
    done = contract.amount == contract.certified == contract.paid
    period = {"startDate": _day(said.get("start", contract.signed.date)), "endDate": _day(said.get("finish", ""))}
    name = show("contract.name", contract.name)
    tender: dict[str, Any] = {
        "procuringEntity": parties.named(work.owner, "procuringEntity"),
        "administrativeEntity": parties.named(work.owner, "administrativeEntity"),
    }
    if bought:
        tender |= {
            "procurementMethod": codes()["methods"][said["method"]],
            "procurementMethodDetails": say(f"method.{said['method']}"),
            "numberOfTenderers": said.get("tenderers"),
            "costEstimate": amount(money.parse(said["estimate"])) if "estimate" in said else None,
            "tenderers": [parties.named(supplier, "tenderer")],
        }
    paid = [each for each in parts_of(work.sheet.payments) if each[0].contract == contract.code]
    payee = parties.named(supplier, "supplier", "payee")
    summary = {
        "title": name,
        "description": say("scope", name=name),
        "nature": [_nature(contract.name)],
        "status": "closed" if done else "active",
        "tender": tender,
        "suppliers": [payee],
        "contractValue": amount(contract.amount),
        "contractPeriod": period,
        "finalValue": amount(contract.certified) if done else None,
        "modifications": list(_modifications(work, contract, period)),
        "transactions": [
            _transaction(work, voucher, channel, fen, PAID, parties, payee) for voucher, channel, fen in paid
        ],
        "documents": [_document(each) for each in contract_documents(work, contract.code)],
    }
    return {"id": f"{work.id}-{contract.code}", "summary": summary}


def _nature(name: str) -> str:
    for nature, words in codes()["works"].items():
        if any(each in name for each in words):
            return str(nature)
    return "construction"


def _modifications(work: Work, contract: Contract, period: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield how a contract changed: its value by vouchers, its time and scope as its changes were told."""
    show = work.record.privacy.show
    worth = 0
    for voucher in work.vouchers_of(contract.code):
        before, worth = worth, worth + work.worth[voucher.seq]
        if voucher.event in {"change_up", "change_down", "decommitment"} and before != worth:
            reason = show("voucher.reason", voucher.facts.get("reason", ""))
            yield {
                "id": voucher.number,
                "date": moment(voucher.date),
                "type": "value",
                "description": say(f"modification.{voucher.event}", fen=abs(worth - before)),
                "rationale": reason,
                "oldContractValue": amount(before),
                "newContractValue": amount(worth),
            }
    until = period["endDate"]
    for fact in work.bought[contract.code].all("contract-change"):
        reason = show("fact.reason", fact.data["reason"])
        if "finish" in fact.data and until:
            later = moment(str(fact.data["finish"]))
            yield _told_change(fact, "duration", say("modification.duration"), reason) | {
                "oldContractPeriod": {"startDate": period["startDate"], "endDate": until},
                "newContractPeriod": {"startDate": period["startDate"], "endDate": later},
            }
            until = later
        if "scope" in fact.data:
            yield _told_change(fact, "scope", show("fact.statement", fact.data["scope"]), reason)


def _told_change(fact: Any, kind: str, text: str, reason: str) -> dict[str, Any]:
    about = f"{fact.label}-{kind}"
    return {"id": about, "date": moment(fact.on), "type": kind, "description": text, "rationale": reason}


def _milestones(work: Work) -> Iterator[dict[str, Any]]:
    show = work.record.privacy.show
    met: dict[str, str] = {}
    for each in work.told.all("milestone-met"):
        met.setdefault(str(each.data["name"]), each.on)
    due = {str(each.data["name"]): (each.label, str(each.data["due"])) for each in work.told.all("milestone-plan")}
    for name, (label, day) in due.items():
        on = met.get(name, "")
        late = not on and day < work.record.updated[:10]
        yield {
            "id": label,
            "title": show("fact.name", name),
            "type": "delivery",
            "dueDate": moment(day),
            "dateMet": _day(on),
            "status": "met" if on else "notMet" if late else "scheduled",
        }


def _forecasts(work: Work) -> Iterator[dict[str, Any]]:
    start, finish = work.detail["planned-start"], work.detail["planned-finish"]
    if not (start and finish):
        return
    period = {"startDate": moment(start), "endDate": moment(finish)}
    for name in ("physicalProgress", "financialProgress"):
        whole = {"id": "plan", "measure": 100, "unit": PERCENT, "period": period}
        yield {"id": name, "title": say(f"metric.{name}"), "observations": [whole]}
    for fact in work.told.all("objective"):
        aim = show_aim(work, fact.data)
        target = {"id": fact.label, "measure": Number(fact.data["target"]), "unit": {"name": aim[1]}, "period": period}
        yield {"id": fact.label, "title": aim[0], "observations": [target]}


def show_aim(work: Work, data: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and the unit of an objective as they may be shown."""
    show = work.record.privacy.show
    return show("fact.indicator", data["indicator"]), show("fact.unit", data["unit"])


def _metrics(work: Work) -> Iterator[dict[str, Any]]:
    begun = work.told.last("start")
    since = begun.on if begun else work.village.book.started_on
    physical: list[dict[str, Any]] = [
        {"id": each.label, "measure": Number(percent), "unit": PERCENT, "period": _span(since, each.on)}
        for each in work.told.all("review")
        if (percent := _percent(str(each.data.get("progress", ""))))
    ]
    if work.accepted:
        done = {"id": "accepted", "measure": 100, "unit": PERCENT, "period": _span(since, work.accepted.date)}
        physical.append(done)
    total = work.sheet.total
    paid = []
    if total.planned and work.sheet.payments:
        day = work.sheet.payments[-1].voucher.date
        share = Number(money.plain(max(0, total.paid) * 10_000 // total.planned))
        paid.append({"id": "paid", "measure": share, "unit": PERCENT, "period": _span(since, day)})
    for name, seen in (("physicalProgress", physical), ("financialProgress", paid)):
        if seen:
            yield {"id": name, "title": say(f"metric.{name}"), "observations": seen}


def _span(start: str, end: str) -> dict[str, str]:
    return {"startDate": moment(min(start, end)), "endDate": moment(end)}


def _percent(text: str) -> str:
    return text.removesuffix("%") if text.removesuffix("%").replace(".", "", 1).isdigit() else ""


def _benefits(work: Work) -> list[dict[str, Any]]:
    told = work.told.last("beneficiaries")
    if not told:
        return []
    counted = {name: told.data[f"{name}"] for name in ("households", "persons", "poor-households", "poor-persons")}
    text = say("beneficiaries", **{name.replace("-", "_"): value for name, value in counted.items()})
    people = {"description": text, "numberOfPeople": counted["persons"]}
    return [{"title": work.shown("benefit") or work.shown("name"), "beneficiaries": [people]}]


def _document(each: Document) -> dict[str, Any]:
    return {
        "id": each.id,
        "documentType": each.kind,
        "title": each.title,
        "description": each.description,
        "url": each.url,
        "datePublished": moment(each.on),
        "format": "text/html",
        "language": "zh",
        "pageStart": "1",
        "pageEnd": "1",
    }


def _completion(work: Work) -> dict[str, Any]:
    done = work.accepted
    if not done:
        return {}
    planned = work.detail["planned-finish"]
    total = work.sheet.total
    size = f"{work.shown('quantity')} {work.shown('unit')}".strip()
    measured = work.record.privacy.show("project.quantity", work.sheet.results[-1].quantity)
    late = "none" if not planned else "late" if done.date > planned else "early" if done.date < planned else "same"
    cost = "more" if total.certified > total.planned else "less" if total.certified < total.planned else "same"
    return {
        "endDate": moment(done.date),
        "endDateDetails": say(f"end.{late}", planned=planned, done=done.date),
        "finalValue": amount(total.certified),
        "finalValueDetails": say(f"value.{cost}", planned=total.planned, certified=total.certified),
        "finalScope": measured or size,
        "finalScopeDetails": say("final-scope", planned=size, measured=measured or size),
    }
