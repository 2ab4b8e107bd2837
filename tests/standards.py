"""Validators of the open data: what each standard's own tools ask, from copies beside the tests, without network.

Each returns what is wrong, as text; a warning counts like an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
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
