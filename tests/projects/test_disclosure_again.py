"""A site that is published again is the one that a first run makes, whatever was changed; and no more is made than that."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from publication import PUBLICATION
from sites import STORY

from ledger import channels, checkpoints, erasure, register, signing
from ledger.store.workspace import Workspace
from projects import exits, indicators, registry, types
from projects.desk import Desk
from projects.disclosure import county, finding, keys, pages
from projects.disclosure.pages import Pages
from projects.disclosure.parts import COUNTY
from projects.disclosure.parts import FOLDER as PARTS
from projects.disclosure.proved.verifier import verifier
from projects.disclosure.site import publish
from projects.telling import tell
from projects.tongues import TONGUES, Tongue

PLACES = ("", "zh-Hant/", "en/")
BOOKS = {"XQ": ("V14", "蒲河镇"), "SP": ("V15", "蒲河镇"), "YC": ("V16", "月城镇"), "YX": ("V17", "月城镇")}
PERSON = "蒲君君"
LINE = {"type": "LineString", "coordinates": [["106.50", "29.50"], ["106.60", "29.60"]]}
SCHEME = """
default = "county"

[scheme.county]
zh = "县退出标准"
en = "County's scheme"
document = "某县退出办法"
number = "某政发〔2024〕3号"
mark = "S"

[[scheme.county.condition]]
indicator = "income"
is = ">= 6000"
"""
INDICATOR = """
[indicator.paved-road]
zh = "硬化路"
en = "Hard road"
of_zh = "硬化 / 应硬化"
of_en = "hard / to be hard"
unit_zh = "米"
unit_en = "metres"
per_zh = "米"
per_en = "metres"
falling = false
aggregation = "sum"
"""


class Site:
    """A site that is published again and again: the workspace as it is now, and the languages, all if none is named."""

    def __init__(self, clerk: Any, out: Path) -> None:
        self.clerk, self.out = clerk, out
        self.workspace: Workspace = clerk.workspace
        self.languages: tuple[Tongue, ...] = ()
        self.signer = signing.make_key(self.workspace.path, self.workspace.settings.office, "correct horse battery")

    def publish(self) -> dict[str, bytes]:
        """Publish into the same folder, and return all that it has then."""
        publish(self.workspace, self.out, languages=self.languages)
        return everything(self.out)

    def first(self) -> dict[str, bytes]:
        """Return what a first run makes."""
        folder = self.out.with_name(f"first-{len(list(self.out.parent.iterdir()))}")
        publish(self.workspace, folder, languages=self.languages)
        return everything(folder)

    def do(self, book: str, verb: str, **typed: Any) -> None:
        """Record and seal a voucher of a book."""
        draft = Desk(self.workspace, "zhang", book).record(verb, {"date": "2024-07-20"} | typed)["draft"]
        Desk(self.workspace, "li", book).seal(draft)

    def register(self, act: Callable[[Any], object]) -> None:
        """Write into the registers."""
        with self.workspace.write() as unit:
            act(unit)
            unit.commit()

    def sign(self, of: str) -> None:
        """Sign what a log is now."""
        self.register(lambda unit: checkpoints.sign(unit, self.signer, of, user="li"))

    def settings(self, **changed: object) -> None:
        """Change the settings."""
        self.workspace = replace(self.workspace, settings=self.workspace.settings.model_copy(update=changed))

    def told(self, verb: str, project: str, **typed: str) -> None:
        """Tell a fact of a project of SF."""
        tell(self.clerk.at("zhang"), verb, {"project": project, "date": "2024-07-21", **typed}, papers=[])


def everything(out: Path) -> dict[str, bytes]:
    """Return all that a run has left: pages, data, the list of what is ours, and what was kept for the next run."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture
def site(clerk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Three townships with five villages, so few that they fill what else takes hundreds: all pages are split."""
    monkeypatch.setattr(pages, "TOGETHER", 2)
    monkeypatch.setattr(finding, "ROOM", 450)
    monkeypatch.setattr(finding, "TOGETHER", 500)
    with clerk.workspace.write() as unit:
        for book, (village, township) in BOOKS.items():
            registry.add_village(unit, village, name=f"{book}村", township=township)
            register.add_book(unit, book, village=village, name=f"{book}专账", started_on=date(2024, 1, 1))
            register.add_bank(unit, book, "B01", name="专户", kind="dedicated", channels=["JT2024"])
            for number in range(1, 4):
                detail = {"type": "road", "quantity": "1", "unit": "公里"}
                name = f"{book}村第{number}条通村公路"
                budget = {"JT2024": 10**8}
                registry.add_project(unit, book, f"P{number:03}", title="路", name=name, budget=budget, detail=detail)
        unit.commit()
    clerk.play(STORY)
    return Site(clerk, tmp_path / "sites" / "site")


def county_file(name: str, text: str) -> Callable[[Site], None]:
    """Return what writes a file of the county's own data."""
    return lambda site: void((site.workspace.path / name).write_text(text, "utf-8"))


def void(_done: object) -> None:
    """Take what an act returns."""


def accepted(site: Site) -> None:
    """Build a road and have it accepted: it has a cost by the unit, and there is a page of these."""
    site.do("XQ", "allot", project="P001", channel="JT2024", amount="600000")
    site.do("XQ", "contract", contract="P001C01", parts=["JT2024=600000"], party="宏达路桥", name="路")
    site.do("XQ", "certify", contract="P001C01", amount="600000")
    site.do("XQ", "accept", project="P001", quantity="1")


def named(site: Site) -> None:
    """Name a person where nobody looks for one: what is erased later still stands there, and stays masked."""
    parts: Any = ["JT2024=10"]
    site.do(
        "SF", "contract", contract="P001C09", parts=parts, party="宏达路桥", name=f"{PERSON}家门前", date="2024-07-21"
    )


def village(unit: Any) -> None:
    registry.add_village(unit, "V18", name="新村", township="新镇")


def book(unit: Any) -> None:
    register.add_book(unit, "NC", village="V18", name="新村专账", started_on=date(2024, 1, 1))


def project(unit: Any) -> None:
    registry.add_project(unit, "YC", "P077", title="井", name="水井<b>", budget={"JT2024": 100}, detail={})


CHANGES: dict[str, Callable[[Site], None]] = {
    "nothing": lambda _: None,
    "a voucher of the same day": lambda site: site.do("SF", "receive", project="P001", channel="JT2024", amount="1"),
    "a voucher of a later day": lambda site: site.do(
        "YX", "allot", project="P001", channel="JT2024", amount="1", date="2024-08-01"
    ),
    "a contract of that day, by which a project is underway": lambda site: site.do(
        "YX", "contract", contract="P001C01", parts=["JT2024=1"], party="宏达路桥", name="路", date="2024-08-01"
    ),
    "a project": lambda site: site.register(project),
    "a village without a book": lambda site: site.register(village),
    "its book": lambda site: site.register(book),
    "a channel": lambda site: site.register(
        lambda unit: channels.add_channel(unit, "NEW", name="新渠道", source="department")
    ),
    "a place": lambda site: site.told("locate", "P002", geometry="106.5648,29.5648"),
    "another place": lambda site: site.told("locate", "P002", geometry="106.6648,29.5648"),
    "an acceptance": accepted,
    "a checkpoint": lambda site: site.sign("SF"),
    "a checkpoint of the office": lambda site: site.sign("office"),
    "a checkpoint of another book": lambda site: site.sign("YC"),
    "who publishes": lambda site: site.settings(publication=PUBLICATION),
    "his name": lambda site: site.settings(publication=PUBLICATION | {"name": "某县乡村振兴局"}),
    "his address": lambda site: site.settings(publication=PUBLICATION | {"url": "https://open.example.org"}),
    "a voucher beside the open data": lambda site: site.do(
        "YC", "allot", project="P001", channel="JT2024", amount="100", date="2024-08-02"
    ),
    "a fact beside the open data": lambda site: site.told("locate", "P001", geometry=json.dumps(LINE)),
    "that it is a demonstration": lambda site: site.settings(demonstration=True),
    "fewer languages": lambda site: setattr(site, "languages", ("en",)),
    "languages in another order": lambda site: setattr(site, "languages", ("zh-Hant", "en", "zh")),
    "all languages": lambda site: setattr(site, "languages", ()),
    "a county's own scheme": county_file(exits.FILE, SCHEME),
    "a county's own types": county_file(types.FILE, '[road]\nzh = "公路"\nen = "highway"\n'),
    "a county's own indicators": county_file(indicators.FILE, INDICATOR),
    "a text that names a person": named,
    "an erased person": lambda site: site.register(
        lambda unit: erasure.erase(unit, PERSON, user="li", reason="本人申请")
    ),
    "that nobody publishes any more": lambda site: site.settings(publication={}),
}


def test_whatever_changes_a_site_is_the_one_that_a_first_run_makes(site: Site) -> None:
    """One change after the other, each published into the same folder: every file is that of an empty folder."""
    before = site.publish()
    for what, change in CHANGES.items():
        change(site)
        found, right = site.publish(), site.first()
        assert found.keys() == right.keys(), what
        assert [name for name in right if found[name] != right[name]] == [], what
        assert (found == before) == (what == "nothing"), what
        before = found


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-2]),
        lambda path: path.write_bytes(path.read_bytes()[:-2] + b"  "),
    ],
    ids=["lost", "cut short", "changed in its size"],
)
def test_whatever_somebody_changed_of_the_county_is_put_right(site: Site, spoil: Callable[[Path], object]) -> None:
    """Every file that tells of all villages, and what was kept of them: also one whose size says nothing."""
    site.settings(publication=PUBLICATION)
    accepted(site)
    site.sign("SF")
    right = site.publish()
    own = [name for name in right if not set(Path(name).parts) & {"SF", *BOOKS} and "papers-" not in name]
    assert {f"{place}{name}" for place in PLACES for name in ("costs.html", "verify.html", "search.html")} < set(own)
    spoilt = [name for name in own if name == f"{PARTS}/{COUNTY}" or not name.startswith(".")]
    for name in spoilt:
        spoil(site.out / name)
    assert site.publish() == right


def test_what_was_kept_of_the_county_is_only_believed_if_it_can_be_read(site: Site) -> None:
    right = site.publish()
    kept = site.out / PARTS / COUNTY
    said = json.loads(kept.read_bytes())
    for wrong in (b"", b"[]", b"\xff", b'{"index.html": "x"}', json.dumps({name: ["", ""] for name in said}).encode()):
        kept.write_bytes(wrong)
        assert site.publish() == right


def test_another_version_of_the_program_or_of_a_library_makes_all_anew(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.sign("SF")
    right = site.publish()
    monkeypatch.setattr(county, "verifier", lambda tongue: verifier(tongue) + "\n")
    assert site.publish() == right, "the same program writes the same page"
    monkeypatch.setattr(keys, "version", lambda name: f"{name} 99")
    keys.program.cache_clear()
    try:
        found = site.publish()
        assert found == site.first()
    finally:
        monkeypatch.undo()
        keys.program.cache_clear()
    assert {name for name in right if found[name] != right[name] and not name.startswith(".")} == {
        f"{place}verify.html" for place in PLACES
    }


def test_no_page_is_made_that_did_not_change(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A voucher makes the pages of its village, of its township, and those that lead to all townships."""
    made: list[str] = []
    real = Pages.render

    def counted(self: Pages, template: str, at: str, **facts: object) -> bytes:
        made.append(f"{self.folder}{at}")
        return real(self, template, at, **facts)

    monkeypatch.setattr(Pages, "render", counted)
    site.sign("SF")
    site.publish()
    made.clear()
    site.publish()
    assert made == []
    site.do("YX", "allot", project="P001", channel="JT2024", amount="1", date="2024-08-01")
    site.publish()
    mine = {name for name in made if "/YX/" not in f"/{name}"}
    own = {pages.page_of("月城镇"), finding.numbered(pages.page_of("月城镇", "projects"), 2)[1]}
    first = {"index.html", "costs.html", "projects.html", "search.html", pages.page_of("月城镇", "projects")}
    assert mine >= {f"{place}{name}" for place in PLACES for name in first - {"costs.html"} | own}
    others = {"", "蒲河镇"}
    assert not [name for name in mine for of in others if pages.page_of(of) in name]
    assert not [name for name in mine for of in others if pages.page_of(of, "projects").removesuffix(".html") in name]
    assert len(TONGUES) == len(PLACES)


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[bytes, int]]:
    """Return what renders a page as another process would, and how many templates it compiled for it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    (tmp_path / "compiled").mkdir()
    real = Environment.compile
    count: list[str] = []

    def counted(self: Environment, source: str, *arguments: Any, **named: Any) -> Any:
        count.append(source)
        return real(self, source, *arguments, **named)

    monkeypatch.setattr(Environment, "compile", counted)

    def render() -> tuple[bytes, int]:
        count.clear()
        monkeypatch.setattr(pages, "_COMPILED", pages._Compiled())
        return Pages("zh", demonstration=True).county([]).popitem()[1].write(), len(count)

    return render


def test_templates_are_compiled_once_for_each_version(
    compiled: Callable[[], tuple[bytes, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, count = compiled()
    assert count > 3
    kept = [path for path in (tmp_path / "compiled").rglob("*") if path.is_file()]
    assert len(kept) == count
    assert compiled() == (page, 0)
    monkeypatch.setattr(keys, "program", lambda: "another version")
    assert compiled() == (page, count), "what another version compiled is never run"
    assert compiled() == (page, 0)
    for path in kept:
        path.write_bytes(path.read_bytes()[:-9])
    assert compiled() == (page, count)


def test_what_cannot_be_kept_compiled_is_compiled_each_time(
    compiled: Callable[[], tuple[bytes, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "compiled").rmdir()
    (tmp_path / "compiled").write_text("in the way of the folder", "utf-8")
    page, count = compiled()
    assert compiled() == (page, count)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "never"))
    assert compiled() == (page, count)
    assert not (tmp_path / "never").exists()
