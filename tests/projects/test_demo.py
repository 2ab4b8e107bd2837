"""The demonstration: built twice it is the same, its books hold, its plans are the real ones, its names are masked."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Document, Transaction

from importers.plans import differences
from ledger import people
from ledger.errors import WorkspaceThere
from ledger.messages import explain
from ledger.store.workspace import open_workspace
from projects import registry
from projects.cli.main import run
from projects.demo import DemoSummary, build
from projects.demo.builder import read_plan, read_story
from projects.life import gates
from projects.life.scene import Scene
from projects.notices.due import due
from projects.status import Figures, status, total
from projects.web.logins import Logins

BOOKS = ["V13", "V14"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return build(tmp_path_factory.mktemp("demo") / "first")


@pytest.fixture(scope="module")
def figures(demo: DemoSummary) -> dict[str, dict[str, dict[str, Figures]]]:
    workspace = open_workspace(demo.path)
    with workspace.read() as connection:
        found = {book: status(connection, book) for book in BOOKS}
    workspace.close()
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_builds_have_the_same_books(demo: DemoSummary, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    again = build(tmp_path / "second", progress=lambda done, of: told.append((done, of)))
    assert contents(again.path / "books") == contents(demo.path / "books")
    assert told == [(done, 252) for done in range(1, 253)]
    assert (again.vouchers, again.drafts) == (172, 4)
    assert again.books == (("V13", "示范村甲项目资金专账（演示）"), ("V14", "示范村乙项目资金专账（演示）"))
    assert again.maker != again.approver


@pytest.mark.parametrize("book, vouchers, papers", [("V13", 75, 3), ("V14", 97, 1)])
def test_plain_beancount_finds_no_error(
    demo: DemoSummary, book: str, vouchers: int, papers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The pickle cache would appear beside the books, and is executed when it is loaded.
    monkeypatch.setenv("BEANCOUNT_DISABLE_LOAD_CACHE", "1")
    entries, errors, _ = loader.load_file(str(demo.path / "books" / book / "main.beancount"))
    assert errors == []
    assert sum(isinstance(entry, Transaction) for entry in entries) == vouchers
    assert sum(isinstance(entry, Document) for entry in entries) == papers
    assert all(entry.meta["maker"] != entry.meta["approver"] for entry in entries if isinstance(entry, Transaction))


def test_the_road_is_planned_with_the_plans_own_figures(
    figures: dict[str, dict[str, dict[str, Figures]]], demo: DemoSummary
) -> None:
    road = figures["V13"]["P001"]
    planned = {channel: each.planned for channel, each in road.items()}
    assert planned == {"JT2024": 88_000_000, "NH2024": 65_000_000, "JZ2024": 22_000_000}
    assert 'budget-line" "P001" 880000.00 JT2024.B' in (demo.path / "books/V13/main.beancount").read_text("utf-8")


def test_every_project_of_the_plans_is_there_and_adds_up(
    figures: dict[str, dict[str, dict[str, Figures]]],
) -> None:
    plan, story = read_plan(), read_story()
    assert differences(plan.values()) == ()
    rows = [project["row"] for book in story["books"] for project in book["projects"].values()]
    assert sorted(rows) == sorted(set(plan) - {"13-90"})
    for book in story["books"]:
        for code, project in book["projects"].items():
            lines = figures[book["code"]][code]
            beyond = set(project.get("invented", ()))
            real = total({channel: each for channel, each in lines.items() if channel not in beyond})
            loan = project["row"] == "13-04"
            assert real.planned == (0 if loan else plan[project["row"]].total_fen or 0)


def test_the_story_shows_what_a_village_meets(figures: dict[str, dict[str, dict[str, Figures]]]) -> None:
    events = [event for told in read_story()["events"].values() for event in told]
    verbs = {event["do"] for event in events}
    assert verbs >= {"opening", "allot", "plan", "receive", "contract", "advance", "certify", "pay", "labour"}
    assert verbs >= {"inkind-receive", "inkind-issue", "inkind-return", "reverse", "accept"}
    road = total(figures["V13"]["P001"])
    assert (road.certified, road.owed, road.left, road.retention) == (175_000_000, 0, 0, 5_099_999)
    assert total(figures["V13"]["P002"]).committed > 0, "the water stations are not finished"
    assert figures["V13"]["P004"] == {}, "a loan is no grant"


def test_an_acceptance_moves_the_indicator_from_its_baseline(demo: DemoSummary) -> None:
    workspace = open_workspace(demo.path)
    with workspace.read() as connection:
        seen = registry.observations(connection, "V13")
    workspace.close()
    values = {
        name: [(each["numerator"], each["denominator"]) for each in seen if each["indicator"] == name]
        for name in ("paved-road", "clinic", "safe-water")
    }
    assert values == {"paved-road": [(0, 3500), (3500, 3500)], "clinic": [(0, 1), (1, 1)], "safe-water": [(0, 2)]}


def test_the_workspace_says_that_it_is_a_demonstration(demo: DemoSummary) -> None:
    assert tomllib.loads((demo.path / "earmark.toml").read_text("utf-8"))["demonstration"] is True


def test_no_persons_name_is_unmasked(demo: DemoSummary) -> None:
    story = read_story()
    events = [event for told in story["events"].values() for event in told]
    persons = {event.get("party") or event["winner"] for event in events if event.get("person")}
    assert persons, "there is a person, so that there is a commitment"
    books = "".join(content.decode() for content in contents(demo.path / "books").values())
    assert "payee-commitment" in books
    assert not [name for name in persons if name in books]
    # The plan's own person is masked in our data already, so the name cannot stand here to be looked for.
    unmasked = re.compile(r"蒲(?!某某)")
    assert "蒲某某" in read_plan()["13-03"].responsible
    data = Path(registry.__file__).parent / "demo"
    assert not [name for name, content in contents(data).items() if unmasked.search(content.decode("utf-8", "replace"))]
    for name, content in contents(demo.path).items():
        assert not unmasked.search(content.decode("utf-8", "replace")), name


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(WorkspaceThere) as refused:
        build(tmp_path)
    assert "没有改动任何东西" in explain(refused.value, "zh")
    assert contents(tmp_path) == {"mine": b"mine"}


@pytest.mark.sqlite
def test_the_demonstration_is_made_again_from_its_books_alone(demo: DemoSummary, tmp_path: Path) -> None:
    from ledger import restores
    from ledger.books.rebuild import rebuild
    from projects.events.verbs import EFFECTS

    notes = [path.read_text(encoding="utf-8") for path in sorted((demo.path / "checkpoints").iterdir())]
    workspace = open_workspace(demo.path)
    with workspace.read() as connection:
        before = restores.heads(connection)
    workspace.close()
    made = rebuild(demo.path / "books", tmp_path / "again", effects=EFFECTS, notes=notes)
    assert made.right
    assert (list(made.logs), made.vouchers, made.compared, made.behind) == (before, 172, 3, ())
    old, new = contents(demo.path / "books"), contents(tmp_path / "again" / "books")
    assert {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} == {"office.beancount"}


def test_the_road_walks_its_life_through_gates_that_are_real(demo: DemoSummary) -> None:
    """Its gates stand because it is in the library: the policy's defaults bind, and each was passed by its day."""
    workspace = open_workspace(demo.path)
    with workspace.read() as connection:
        scene = Scene(connection, "V13", "P001", date(2024, 12, 31))
        shut = [name for name, verdict in gates.verdicts(scene) if not verdict.passed]
        assert gates.binding(scene, "contract")[-1] == "notice-before"
        assert (gates.state_of(scene), shut) == ("handover", ["retention", "settled", "closed"])
        # The others were never entered, and go on as they did.
        assert gates.binding(Scene(connection, "V13", "P002", date(2024, 12, 31)), "contract") == ()
    workspace.close()


@pytest.mark.sqlite  # it builds a workspace of its own
def test_the_demonstration_opens_at_the_desk_with_a_password_made_for_it(monkeypatch, tmp_path, capsys):
    opened = []
    monkeypatch.setattr("projects.web.serve.serve_desk", lambda workspace, **how: opened.append((workspace, how)))
    assert run(["demo", str(tmp_path / "demo"), "--serve"]) == 0
    [said] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("演示登录：")]
    named, password = re.fullmatch(r"演示登录：\s+(.+)，密码都是 (\S+)", said).groups()
    assert named == "zhidan 制单、shenhe 审核、shenji 审计、chuna 出纳、gongshi 公示、guanli 管理"
    [(workspace, how)] = opened
    logins = Logins(workspace.path, workspace.clock)
    for person in named.split("、"):
        assert logins.log_in(person.split()[0], password)
    # What the desk of an office asks its passphrase for, everybody may do in the demonstration.
    assert how["signer"].verifier.text() == (workspace.path / "office.pub").read_text("utf-8").strip()


def test_somebody_of_the_demonstration_has_each_role(demo: DemoSummary) -> None:
    workspace = open_workspace(demo.path)
    with workspace.read() as connection:
        held = [each["roles"] for each in people.list_users(connection)]
        assert len(due(connection, "V13", workspace.clock().date())) > 2, "who publishes finds something to do"
    workspace.close()
    assert sorted(held) == sorted(people.ROLES)
