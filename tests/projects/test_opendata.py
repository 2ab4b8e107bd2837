"""Open data: valid by each standard's own rules, to the fen what the ledger has by channel, nobody's private data."""

from __future__ import annotations

import copy
import csv
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree

from ledger.errors import Refusal
from ledger.store.workspace import open_workspace
from projects import procurement, publisher
from projects.demo import build
from projects.disclosure.site import publish
from projects.errors import CountUnreadable, IdentifierUnfit, PublicationUnfit
from projects.identity import check_character, organisation_check
from projects.status import Figures, status
from projects.telling import tell
from tests import standards
from tests.publication import PUBLICATION, let_publish


@pytest.fixture(scope="module")
def site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the demonstration publishes."""
    out = tmp_path_factory.mktemp("open-data") / "site"
    workspace = open_workspace(demo)
    publish(workspace, out)
    workspace.close()
    return out


@pytest.fixture(scope="module")
def package(site: Path) -> dict[str, Any]:
    return json.loads((site / "data/oc4ids.json").read_text("utf-8"))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def ledger(demo: Path) -> dict[tuple[str, str], Figures]:
    """Return what the ledger has, by project and channel."""
    workspace = open_workspace(demo)
    with workspace.read() as connection:
        found = {
            (f"{book}-{project}", channel): figures
            for book in ("V13", "V14")
            for project, lines in status(connection, book).items()
            for channel, figures in lines.items()
        }
    workspace.close()
    return found


def test_the_projects_are_valid(package: dict[str, Any]) -> None:
    assert standards.oc4ids(package) == []
    assert len(package["projects"]) == 16


@pytest.mark.parametrize(
    "wrong",
    [
        lambda project: project.update(status="completed"),
        lambda project: project.update(updated="2024-12-31"),
        lambda project: project.update(title=""),
        lambda project: project.update(channel="JT2024"),
        lambda project: project.update(id="P001"),
        lambda project: project["budget"]["amount"].pop("currency"),
        lambda project: project["parties"].pop(),
        lambda project: project["locations"][0]["geometry"]["coordinates"][0].reverse(),
        lambda project: project["documents"].append(project["documents"][0]),
        lambda project: project["documents"][0].update(url="no address"),
    ],
)
def test_the_check_of_projects_sees_what_is_wrong(package: dict[str, Any], wrong: Callable[[Any], object]) -> None:
    changed = copy.deepcopy(package)
    wrong(changed["projects"][0])
    assert standards.oc4ids(changed) != []


def test_transactions_add_up_to_what_the_ledger_has_of_each_channel(site: Path, ledger: Any) -> None:
    text = (site / "data/oc4ids.json").read_text("utf-8")
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for project in json.loads(text, parse_float=Decimal)["projects"]:
        key = project["identifiers"][0]["id"]
        every = [*project.get("transactions", [])]
        for process in project.get("contractingProcesses", []):
            every += process["summary"].get("transactions", [])
        for each in every:
            way = each["id"].rsplit("-", 1)[-1]
            sums[key, each["payer"]["id"].removeprefix("channel-"), way] += each["value"]["amount"]
    expected = {
        (*key, way): fen for key, has in ledger.items() for way, fen in (("in", has.received), ("out", has.paid))
    }
    assert {key: fen * 100 for key, fen in sums.items() if fen} == {key: fen for key, fen in expected.items() if fen}


def test_the_extension_has_the_balances_of_the_ledger(site: Path, ledger: Any) -> None:
    text = (site / "data/oc4ids-channels.json").read_text("utf-8")
    told = json.loads(text, parse_float=Decimal)
    lines = {
        (each["id"].removeprefix("oc4ids-demo00-"), line["channel"]): {
            name: line[name] * 100 for name in ("planned", "received", "certified", "paid", "left")
        }
        for each in told["projects"]
        for line in each.get("lines", [])
    }
    assert lines == {
        key: {name: getattr(has, name) for name in ("planned", "received", "certified", "paid", "left")}
        for key, has in ledger.items()
    }


@pytest.mark.parametrize("name", ["activities", "channels", "organisation"])
def test_the_files_of_iati_are_valid(site: Path, name: str) -> None:
    assert standards.iati(site / f"data/iati-{name}.xml") == []


@pytest.mark.parametrize(
    "right, wrong",
    [
        ('<activity-status code="2"/>', '<activity-status code="7"/>'),
        ('percentage="100"/><sector', 'percentage="90"/><sector'),
        ("<title>", "<titel>"),
        ('<transaction-date iso-date="2024-02-01"/>', '<transaction-date iso-date="2924-02-01"/>'),
        ('default-currency="CNY"', 'default-currency="RMB"'),
        ("<iati-identifier>CN-USCI", "<iati-identifier>XX-USCI"),
        ("<narrative>甲施工队（演示）</narrative>", "<narrative> </narrative>"),
        ('iso-date="2024-12-31"/><value', 'iso-date="2026-12-31"/><value'),
    ],
)
def test_the_check_of_iati_sees_what_is_wrong(site: Path, tmp_path: Path, right: str, wrong: str) -> None:
    text = (site / "data/iati-activities.xml").read_text("utf-8")
    assert right in text
    (tmp_path / "iati.xml").write_text(text.replace(right, wrong, 1), "utf-8")
    try:
        found = standards.iati(tmp_path / "iati.xml")
    except etree.XMLSyntaxError as error:
        found = [str(error)]
    assert found != []


def test_transactions_of_iati_add_up_to_what_the_ledger_has_of_each_channel(site: Path, ledger: Any) -> None:
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    given: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for activity in etree.parse(str(site / "data/iati-activities.xml")).iterfind("iati-activity"):
        key = activity.find("other-identifier[@type='A1']").get("ref")
        for each in activity.iterfind("transaction"):
            kind = each.find("transaction-type").get("code")
            if kind in {"1", "4"}:
                channel = each.find("provider-org").get("provider-activity-id").rpartition("-CH-")[2]
                sums[key, channel, kind] += Decimal(each.findtext("value")) * 100
    expected = {(*key, way): fen for key, has in ledger.items() for way, fen in (("1", has.received), ("4", has.paid))}
    assert {key: fen for key, fen in sums.items() if fen} == {key: fen for key, fen in expected.items() if fen}
    for activity in etree.parse(str(site / "data/iati-channels.xml")).iterfind("iati-activity"):
        channel = activity.findtext("iati-identifier").rpartition("-CH-")[2]
        for each in activity.iterfind("transaction"):
            to = each.find("receiver-org").get("receiver-activity-id").split("-", 3)[-1]
            given[to, channel] += Decimal(each.findtext("value")) * 100
    assert given == {key: has.received for key, has in ledger.items() if has.received}


def test_budgets_of_iati_add_up_to_what_is_planned(site: Path, ledger: Any) -> None:
    tree = etree.parse(str(site / "data/iati-activities.xml"))
    planned = sum(Decimal(each) * 100 for each in tree.xpath("//budget/value/text()"))
    assert planned == sum(has.planned for has in ledger.values())
    years = etree.parse(str(site / "data/iati-organisation.xml")).xpath("//total-budget/value/text()")
    assert sum(Decimal(each) * 100 for each in years) == planned


def test_the_tables_are_valid(site: Path) -> None:
    assert standards.datapackage(site / "data") == []


@pytest.mark.parametrize(
    "name, right, wrong",
    [
        ("transactions.csv", ",executed,", ",executed,more,"),
        ("transactions.csv", "2024-02-01", "1.2.2024"),
        ("balances.csv", "880000.00", "88 万"),
        ("datapackage.json", '"tabular-data-package"', '"fiscal-data-package"'),
        ("datapackage.json", '"columnType":"value"', '"columnType":"amount"'),
        ("datapackage.json", '"columnType":"fin-source:generic:code"', '"columnType":"direction"'),
    ],
)
def test_the_check_of_tables_sees_what_is_wrong(site: Path, tmp_path: Path, name: str, right: str, wrong: str) -> None:
    for each in ("datapackage.json", "transactions.csv", "budgets.csv", "balances.csv", "projects.csv"):
        text = (site / "data" / each).read_text("utf-8")
        (tmp_path / each).write_text(text.replace(right, wrong, 1) if each == name else text, "utf-8")
    assert standards.datapackage(tmp_path) != []


def test_the_tables_add_up_to_what_the_ledger_has_of_each_channel(site: Path, ledger: Any) -> None:
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    planned: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    with (site / "data/transactions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sums[row["project"], row["channel"], row["direction"]] += Decimal(row["value"]) * 100
    with (site / "data/budgets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            planned[row["project"], row["channel"]] += Decimal(row["value"]) * 100
    expected = {
        (*key, way): fen
        for key, has in ledger.items()
        for way, fen in (("revenue", has.received), ("expenditure", has.paid))
    }
    assert {key: fen for key, fen in sums.items() if fen} == {key: fen for key, fen in expected.items() if fen}
    assert planned == {key: has.planned for key, has in ledger.items() if has.planned}


def test_the_workbook_has_the_rows_of_the_tables(site: Path) -> None:
    book = openpyxl.load_workbook(site / "data/tables.xlsx")
    for name in book.sheetnames:
        with (site / f"data/{name}.csv").open(encoding="utf-8", newline="") as file:
            written = [list(row) for row in csv.reader(file)]
        rows = [["" if each is None else each for each in row] for row in book[name].iter_rows(values_only=True)]
        assert len(rows) == len(written) > 1
        for row, texts in zip(rows, written, strict=True):
            same = (
                Decimal(str(one)) == Decimal(two) if isinstance(one, int | float) else one == two
                for one, two in zip(row, texts, strict=True)
            )
            assert all(same), row
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_completed_project_has_every_element_of_cost_ids(package: dict[str, Any]) -> None:
    """One was built by a person, whose number is nobody's business: registered is who gave out the works."""
    found = {
        each["id"].removeprefix("oc4ids-demo00-"): standards.cost_ids(each)
        for each in package["projects"]
        if each["status"] in {"completion", "maintenance"}
    }
    assert {key: (have, of, lacks) for key, (have, of, lacks) in found.items()} == dict.fromkeys(found, (66, 66, []))
    assert len(found) == 8
    parties = next(each["parties"] for each in package["projects"] if each["id"].endswith("V14-P010"))
    assert [each["roles"] for each in parties if "identifier" not in each and "supplier" in each["roles"]]


def test_what_does_not_apply_is_said_in_a_document_of_its_type(package: dict[str, Any]) -> None:
    project = next(each for each in package["projects"] if each["id"].endswith("V13-P001"))
    said = {each["documentType"]: each["description"] for each in project["documents"] if "documentType" in each}
    assert said["resettlementPlan"] == "不涉及：不征地、不搬迁（演示）"
    page = project["documents"][0]["url"].partition("/data/")[2]
    assert page.startswith("papers-V13-P001.html#")


def test_every_document_s_address_leads_to_its_place_on_a_page(site: Path, package: dict[str, Any]) -> None:
    listed = []
    for project in package["projects"]:
        listed += project.get("documents", [])
        for process in project.get("contractingProcesses", []):
            listed += process["summary"].get("documents", [])
    assert listed
    for each in listed:
        name, _, place = each["url"].partition("/data/")[2].partition("#")
        assert f'id="{place}"' in (site / "data" / name).read_text("utf-8")


def test_every_current_activity_has_what_the_statistics_of_iati_count(site: Path) -> None:
    lacking = standards.comprehensive(site / "data/iati-activities.xml", date(2024, 12, 27))
    assert len(lacking) == 13
    assert {key: lacks for key, lacks in lacking.items() if lacks} == {}


@pytest.mark.parametrize(
    "verb, typed, code",
    [
        ("document", {"type": "novel", "title": "小说", "says": "没有"}, "choice-unknown"),
        ("document", {"type": "designReport", "title": "", "says": "没有"}, "text-missing"),
        ("document", {"type": "designReport", "title": "设计", "says": ""}, "text-missing"),
        (
            "document",
            {"type": "designReport", "title": "设计", "says": "无", "contract": "P002C01"},
            "contract-of-other",
        ),
        ("terms", {"contract": "P001C01", "reason": "下雨"}, "reason-needed"),
        ("terms", {"contract": "P001C01", "reason": "", "scope": "加长"}, "text-missing"),
        ("terms", {"contract": "P002C01", "reason": "下雨", "scope": "加长"}, "contract-of-other"),
    ],
)
def test_what_cannot_be_said_of_documents_and_terms_is_refused(
    clerk: Any, unchanged: Any, verb: str, typed: dict[str, Any], code: str
) -> None:
    with unchanged(), pytest.raises(Refusal) as refused:
        tell(clerk.at("zhang"), verb, {"date": "2024-03-01", "project": "P001", **typed})
    assert refused.value.code == code


def test_documents_and_terms_reach_the_open_data(clerk: Any, tmp_path: Path) -> None:
    clerk.play(
        """
        allot project=P001 channel=JT2024 amount=880000 date=2024-01-10 party=市交通局
        contract contract=P001C01 parts=JT2024=860000 date=2024-02-15 party=宏达路桥 name=路面
        """
    )
    desk = clerk.at("zhang")
    said = {"date": "2024-03-01", "project": "P001"}
    tell(
        desk, "document", said | {"type": "designReport", "title": "设计图", "says": "县通用图", "contract": "P001C01"}
    )
    tell(desk, "document", said | {"type": "socialImpact", "title": "社会影响", "says": "没有影响", "absent": True})
    tell(desk, "terms", said | {"contract": "P001C01", "reason": "加宽", "scope": "路面加宽到 4.5 米"})
    with clerk.workspace.write() as unit:
        more = {"tenderers": "3", "estimate": "87万", "start": "2024-02-20", "finish": "2024-06-30"}
        price = {"method": "open-tender", "winner": "宏达路桥", "price": "86万", "number": "1"}
        procurement.record(unit, "SF", "P001C01", **price, **more, on=date(2024, 2, 14), by="zhang")
        unit.commit()
    workspace = let_publish(clerk)
    publish(workspace, tmp_path / "site")
    workspace.close()
    data = json.loads((tmp_path / "site/data/oc4ids.json").read_text("utf-8"))
    assert standards.oc4ids(data) == []
    project = next(each for each in data["projects"] if each["identifiers"][0]["id"] == "SF-P001")
    assert "不涉及：没有影响" in [each["description"] for each in project["documents"]]
    summary = project["contractingProcesses"][0]["summary"]
    assert "县通用图" in [each["description"] for each in summary["documents"]]
    assert [(each["type"], each["rationale"]) for each in summary["modifications"]] == [("scope", "加宽")]
    assert summary["tender"]["numberOfTenderers"] == 3
    assert summary["tender"]["costEstimate"] == {"amount": 870000.0, "currency": "CNY"}
    assert summary["contractPeriod"]["endDate"] == "2024-06-30T00:00:00+08:00"


@pytest.mark.parametrize("postcode, fits", [("400000", True), ("40000", False), ("4000000", False), ("４00000", False)])
def test_a_postal_code_has_six_digits(clerk: Any, postcode: str, fits: bool) -> None:
    typed = {"date": "2024-03-01", "village": "V13", "division": "510722101201", "postcode": postcode}
    if fits:
        assert tell(clerk.at("zhang"), "division", typed)["data"]["postcode"] == postcode
    else:
        with pytest.raises(CountUnreadable):
            tell(clerk.at("zhang"), "division", typed)


def test_a_village_is_known_by_the_code_of_its_committee(clerk: Any) -> None:
    typed = {"date": "2024-03-01", "village": "V13", "division": "510722101201"}
    for wrong in ("54517799DEM0002172", "91517799DEM000014H", "54517799"):
        with pytest.raises(IdentifierUnfit):
            tell(clerk.at("zhang"), "division", typed | {"identifier": wrong})
    told = tell(clerk.at("zhang"), "division", typed | {"identifier": "54517799dem0002171"})
    assert told["data"]["identifier"] == "54517799DEM0002171"


def test_every_party_that_owns_a_project_has_its_code(site: Path) -> None:
    package = json.loads((site / "data/oc4ids.json").read_text(encoding="utf-8"))
    owners = {project["publicAuthority"]["id"]: project["parties"] for project in package["projects"]}
    codes = {
        name: next(each["identifier"] for each in parties if each["id"] == name) for name, parties in owners.items()
    }
    assert codes == {
        "village-V13": {"scheme": "CN-USCI", "id": "54517799DEM0002171"},
        "village-V14": {"scheme": "CN-USCI", "id": "54517799DEM000225U"},
    }
    activities = (site / "data/iati-activities.xml").read_text(encoding="utf-8")
    assert '<participating-org role="4" type="15" ref="CN-USCI-54517799DEM0002171">' in activities
    assert '<receiver-org ref="CN-USCI-54517799DEM000225U" receiver-activity-id=' in activities


def test_the_same_record_gives_the_same_files_and_writes_none_again(site: Path, tmp_path: Path) -> None:
    build(tmp_path / "demo")
    workspace = open_workspace(tmp_path / "demo")
    publish(workspace, tmp_path / "site")
    first = {path: path.stat().st_mtime_ns for path in (tmp_path / "site/data").iterdir()}
    for path in first:
        assert path.read_bytes() == (site / "data" / path.name).read_bytes()
    publish(workspace, tmp_path / "site")
    workspace.close()
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "site/data").iterdir()} == first


def test_without_a_publisher_the_pages_are_written_and_the_data_says_what_it_lacks(clerk: Any, tmp_path: Path) -> None:
    made = publish(clerk.workspace, tmp_path / "site")
    assert made.lacks == publisher.NEEDED
    assert (tmp_path / "site/index.html").is_file()
    assert not (tmp_path / "site/data").exists()
    workspace = let_publish(clerk, licence="")
    assert publish(workspace, tmp_path / "site").lacks == ("licence",)
    workspace.close()


@pytest.mark.parametrize(
    "field, value",
    [
        ("identifier", "11000000DEM0000062"),
        ("identifier", "91110000MA0000000X"),
        ("prefix", "oc4ids-ABC"),
        ("kind", "government"),
        ("email", "office"),
        ("url", "example.org"),
        ("url", "https://example.org/ 公示"),
        ("licence", "CC-BY"),
        ("fax", "1"),
    ],
)
def test_a_publisher_that_cannot_be_is_refused_before_anything_is_written(
    clerk: Any, tmp_path: Path, field: str, value: str
) -> None:
    workspace = let_publish(clerk, **{field: value})
    with pytest.raises(PublicationUnfit) as refused:
        publish(workspace, tmp_path / "site")
    workspace.close()
    assert refused.value.facts["field"] == field
    assert not (tmp_path / "site").exists()


def test_the_identifier_of_the_tests_is_checked_by_its_characters() -> None:
    number = PUBLICATION["identifier"]
    assert number[-1] == check_character(number[:-1])
    assert number[16] == organisation_check(number[8:16])


def test_the_feed_tells_which_books_were_written_in_last(site: Path) -> None:
    feed = etree.parse(site / "feed.xml").getroot()
    atom = {"a": "http://www.w3.org/2005/Atom"}
    days = feed.xpath("a:entry/a:updated/text()", namespaces=atom)
    assert len(days) == 2
    assert days == sorted(days, reverse=True)
    for each in [*days, *feed.xpath("a:updated/text()", namespaces=atom)]:
        assert datetime.fromisoformat(each).utcoffset() == timedelta(hours=8)
    ids = feed.xpath("//a:id/text()", namespaces=atom)
    assert len(set(ids)) == 3
    for link in feed.xpath("a:entry/a:link/@href", namespaces=atom):
        assert (site / "/".join(link.split("/")[-2:])).is_file()
    index = (site / "index.html").read_text("utf-8")
    for name in ("feed.xml", "data/tables.xlsx", "data/oc4ids.json"):
        assert f'href="{name}"' in index
        assert (site / name).is_file()
