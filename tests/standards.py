"""Validators of the open data: what each standard's own tools ask, from copies beside the tests, without network.

Each returns what is wrong, as text; a warning counts like an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import frictionless
import jsonschema
from lxml import etree
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

HERE = Path(__file__).parent / "data" / "standards"
OC4IDS = HERE / "oc4ids"


@cache
def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _local(uri: str) -> Resource[Any]:
    return Resource.from_contents(_json(OC4IDS / uri.rsplit("/", 1)[-1]), default_specification=DRAFT4)


def oc4ids(data: Any) -> list[str]:
    """Return what is wrong with an OC4IDS package: schema, closed codelists, and the checks of the helpdesk."""
    package = _json(OC4IDS / "project-package-schema.json")
    checker = jsonschema.Draft4Validator.FORMAT_CHECKER
    assert {"date-time", "uri"} <= checker.checkers.keys(), "without their libraries formats are not checked"
    validator = jsonschema.Draft4Validator(package, registry=Registry(retrieve=_local), format_checker=checker)
    found = [f"{'/'.join(map(str, each.absolute_path))}: {each.message[:200]}" for each in validator.iter_errors(data)]
    schema = _json(OC4IDS / "project-schema.json")
    found += _walk(data["projects"], {"type": "array", "items": schema}, schema, "projects")
    for project in data["projects"]:
        found += _project(project)
    return found


def _deref(schema: Any, root: Any) -> dict[str, Any]:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema if isinstance(schema, dict) else {}


def _walk(value: Any, schema: Any, root: Any, at: str) -> Iterator[str]:
    schema = _deref(schema, root)
    if value is None or (isinstance(value, str) and not value.strip()) or value in ([], {}):
        yield f"{at}: empty"
    items = _deref(schema.get("items", {}), root)
    listed = schema.get("codelist") or items.get("codelist")
    if listed and not schema.get("openCodelist", items.get("openCodelist", False)):
        for each in value if isinstance(value, list) else [value]:
            if each not in _json(OC4IDS / "codelists.json")[listed]:
                yield f"{at}: {each} is not in {listed}"
    if isinstance(value, list):
        ids = [each["id"] for each in value if isinstance(each, dict) and "id" in each]
        if len(ids) != len(set(ids)):
            yield f"{at}: an id is there twice"
        for number, each in enumerate(value):
            yield from _walk(each, schema.get("items", {}), root, f"{at}/{number}")
    elif isinstance(value, dict):
        if "amount" in value and not isinstance(value["amount"], dict) and value.get("currency") != "CNY":
            yield f"{at}: an amount without its currency"
        for key, each in value.items():
            if key not in schema.get("properties", {}):
                yield f"{at}/{key}: not in the schema"
            yield from _walk(each, schema.get("properties", {}).get(key, {}), root, f"{at}/{key}")


def _project(project: Any) -> Iterator[str]:
    if not re.match(r"oc4ids-[a-z0-9]{6}.", project["id"]):
        yield f"{project['id']}: no registered prefix"
    roles = {each["id"]: set(each.get("roles", [])) for each in project.get("parties", [])}
    for reference, role in _references(project):
        if reference and role not in roles.get(reference["id"], set()):
            yield f"{project['id']}: {reference['id']} is no {role} of its parties"
    for place in project.get("locations", []):
        for longitude, latitude in _positions(place.get("geometry", {}).get("coordinates", [])):
            if not (73 <= longitude <= 136 and 3 <= latitude <= 54):
                yield f"{project['id']}: {longitude}, {latitude} is not in the country"


def _references(project: Any) -> Iterator[tuple[Any, str]]:
    yield project.get("publicAuthority"), "publicAuthority"
    for group in project.get("budget", {}).get("budgetBreakdowns", []):
        yield from ((each.get("sourceParty"), "funder") for each in group.get("budgetBreakdown", []))
    for each in project.get("transactions", []):
        yield each["payer"], "payer"
        yield each["payee"], "payee"
    for process in project.get("contractingProcesses", []):
        summary = process["summary"]
        tender = summary.get("tender", {})
        yield tender.get("procuringEntity"), "procuringEntity"
        yield tender.get("administrativeEntity"), "administrativeEntity"
        yield from ((each, "tenderer") for each in tender.get("tenderers", []))
        yield from ((each, "supplier") for each in summary.get("suppliers", []))
        for each in summary.get("transactions", []):
            yield each["payer"], "payer"
            yield each["payee"], "payee"


def _positions(coordinates: Any) -> Iterator[tuple[float, float]]:
    if coordinates and not isinstance(coordinates[0], list):
        yield coordinates[0], coordinates[1]
    elif coordinates:
        for each in coordinates:
            yield from _positions(each)


def cost_ids(project: Any) -> tuple[int, int, list[str]]:
    """Return how many elements of CoST IDS a project has, of how many, and which it lacks."""
    have = set(_paths(project, ""))
    documents = [*project.get("documents", [])]
    for process in project.get("contractingProcesses", []):
        documents += process["summary"].get("documents", [])
    types = {each.get("documentType") for each in documents}
    lacking, whole = [], 0
    for elements in _json(OC4IDS / "cost-ids.json").values():
        for element, fields, kinds in elements:
            whole += 1
            if not have.issuperset(fields) or (kinds and not types.intersection(kinds)):
                lacking.append(element)
    return whole - len(lacking), whole, lacking


def _paths(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            here = f"{at}/{key}" if at else key
            yield here
            yield from _paths(each, here)
    elif isinstance(value, list):
        for each in value:
            yield from _paths(each, at)


def iati(path: Path) -> list[str]:
    """Return what is wrong with a file of IATI: its XSD, its codelists, and the rules of its validator that concern us."""
    tree = etree.parse(str(path), etree.XMLParser(no_network=True, resolve_entities=False))
    root = tree.getroot()
    name = {"iati-activities": "activities", "iati-organisations": "organisations"}[root.tag]
    schema = _xsd(name)
    schema.validate(tree)
    found = [f"line {each.line}: {each.message}" for each in schema.error_log]
    found += _codelists(tree)
    found += [f"{root.tag}: version {root.get('version')}"] if root.get("version") != "2.03" else []
    found += [f"in the future: {each}" for each in tree.xpath("//transaction-date/@iso-date") if each > _today()]
    seen = [each.text for each in tree.iterfind("iati-activity/iati-identifier")]
    found += [f"{each} is there twice" for each in seen if seen.count(each) > 1]
    for activity in tree.iterfind("iati-activity"):
        found += _activity(activity)
    return found


@cache
def _xsd(name: str) -> Any:
    return etree.XMLSchema(etree.parse(str(HERE / "iati" / f"iati-{name}-schema.xsd")))


def _today() -> str:
    return date.today().isoformat()  # noqa: DTZ011 - a rule about the reader's own day


def _codelists(tree: Any) -> Iterator[str]:
    lists = _json(HERE / "iati" / "codelists.json")
    space = {"xml": "http://www.w3.org/XML/1998/namespace"}
    for mapping in etree.parse(str(HERE / "iati" / "codelist-mapping.xml")).getroot():
        path, name = mapping.findtext("path"), mapping.find("codelist").get("ref")
        condition = mapping.findtext("condition")
        owner, _, leaf = path.rpartition("/")
        owner = owner if owner.strip("/") else "//*"
        for element in tree.xpath(owner + (f"[{condition}]" if condition else "")):
            for value in element.xpath(leaf, namespaces=space):
                if str(value) not in lists[name]["codes"]:
                    yield f"line {element.sourceline}: {path} = {value} is not in {name}"


def _activity(activity: Any) -> Iterator[str]:
    identifier = activity.findtext("iati-identifier")
    if not identifier.startswith(activity.find("reporting-org").get("ref") + "-") or re.search(r"[/&|?]", identifier):
        yield f"{identifier}: an identifier begins with that of who reports"
    if not activity.xpath("activity-date[@type='1' or @type='2']"):
        yield f"{identifier}: no start"
    for kind in ("2", "4"):
        for each in activity.xpath(f"activity-date[@type='{kind}']/@iso-date"):
            if each > _today():
                yield f"{identifier}: {each} has not come"
    for vocabulary in set(activity.xpath("sector/@vocabulary")):
        if sum(map(Decimal, activity.xpath(f"sector[@vocabulary='{vocabulary}']/@percentage"))) != 100:
            yield f"{identifier}: sectors of {vocabulary} are not 100 %"
    for budget in activity.iterfind("budget"):
        start, end = (date.fromisoformat(budget.find(f"period-{each}").get("iso-date")) for each in ("start", "end"))
        if not timedelta(0) <= end - start <= timedelta(days=366):
            yield f"{identifier}: a budget of more than a year"
    for narrative in activity.iter("narrative"):
        if not (narrative.text or "").strip():
            yield f"{identifier}: an empty narrative"


GROUPS = {
    "participating-org[@role='1']": "core",
    "title/narrative": "core",
    "description/narrative": "core",
    "activity-date": "core",
    "sector": "core",
    "recipient-country": "core",
    "transaction[transaction-type/@code='2' or transaction-type/@code='11']": "financials",
    "transaction[transaction-type/@code='3' or transaction-type/@code='4']": "financials",
    "budget": "financials",
    "contact-info/email": "value added",
    "location/activity-description": "value added",
    "location/point/pos": "value added",
    "sector[@vocabulary='1']": "value added",
    "capital-spend/@percentage": "value added",
    "document-link[starts-with(@url, 'https://')]/category": "value added",
    "default-aid-type/@code": "value added",
    "result/indicator": "value added",
}
"""What the Publishing Statistics look for in a current activity, beside the ledger's traceability."""


def comprehensive(path: Path, today: date) -> dict[str, list[str]]:
    """Return what each current activity lacks of what the Publishing Statistics of IATI count."""
    lacking = {}
    for activity in etree.parse(str(path)).iterfind("iati-activity"):
        planned, actual = (
            [date.fromisoformat(each) for each in activity.xpath(f"activity-date[@type='{kind}']/@iso-date")]
            for kind in "34"
        )
        year_ago = today.replace(year=today.year - 1)
        status = activity.find("activity-status").get("code")
        current = (not planned and status in "24") or any(year_ago <= each <= today for each in actual)
        if not current and not any(each >= today for each in planned):
            continue
        lacks = [each for each in GROUPS if not activity.xpath(each)]
        incoming = activity.xpath("transaction[transaction-type/@code='1']")
        if not incoming or not all(each.xpath("provider-org/@provider-activity-id") for each in incoming):
            lacks.append("traceability")
        lacking[activity.findtext("iati-identifier")] = lacks
    return lacking


def datapackage(folder: Path) -> list[str]:
    """Return what is wrong with a data package: its profile, its tables against their schemas, its column types."""
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    profile = _json(HERE / "fiscal" / "tabular-data-package.json")
    found = [each.message[:200] for each in jsonschema.Draft4Validator(profile).iter_errors(described)]
    if found:
        return found
    plain = {key: value for key, value in described.items() if key != "columnTypes"}
    with frictionless.system.use_context(trusted=False):
        report = frictionless.Package.from_descriptor(plain, basepath=str(folder)).validate()
    found += [each.message for each in report.errors]
    found += [f"{task.name}: {each.message}" for task in report.tasks for each in task.errors]
    for resource in described["resources"]:
        found += _columns(resource)
    return found


def _columns(resource: Any) -> Iterator[str]:
    taxonomies = _json(HERE / "fiscal" / "taxonomies.json")
    known = taxonomies["spending"] | taxonomies["budgets"]
    typed = {each["columnType"]: each for each in resource["schema"]["fields"] if "columnType" in each}
    if not typed:
        return
    for kind, column in typed.items():
        where = f"{resource['name']}.{column['name']}"
        if kind not in known:
            yield f"{where}: {kind} is in no taxonomy"
            continue
        if known[kind].get("dataType", column["type"]) != column["type"]:
            yield f"{where}: {kind} has another type"
        if (
            known[kind].get("unique")
            and column["name"] not in resource["schema"]["primaryKey"]
            and kind != "date:generic"
        ):
            yield f"{where}: {kind} is part of a key"
        if known[kind].get("labelOf") and known[kind]["labelOf"] not in typed:
            yield f"{where}: {kind} without its code"
    for needed in ("value", "value-currency:code", "fin-source:generic:code"):
        if needed not in typed:
            yield f"{resource['name']}: no column of {needed}"
    if not any(each.startswith("date:") for each in typed):
        yield f"{resource['name']}: no time"
