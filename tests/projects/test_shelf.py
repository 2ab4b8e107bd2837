"""Several books in Fava: a list, of which each is loaded when it is opened, and only if it is what the record wrote."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import register
from ledger.messages import explain
from ledger.store.workspace import Workspace, open_workspace
from projects.errors import BookChanged
from projects.fava import shelf
from projects.fava.serve import serve

pytestmark = pytest.mark.sqlite  # copies of the demonstration: a record in a database is not copied with its folder


@pytest.fixture
def workspace(demo: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(demo, tmp_path / "ws")
    opened = open_workspace(tmp_path / "ws")
    yield opened
    opened.close()


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The books in the order in which they are loaded."""
    seen: list[str] = []
    load = shelf._load

    def watched(head: Path, lang: Any) -> Any:
        seen.append(head.parent.name)
        return load(head, lang)

    monkeypatch.setattr(shelf, "_load", watched)
    return seen


def books(workspace: Workspace) -> list[register.Book]:
    with workspace.read() as connection:
        return register.list_books(connection)


def test_a_book_is_loaded_when_it_is_first_opened(workspace: Workspace, loaded: list[str]) -> None:
    first, second, *_ = every = books(workspace)
    client = shelf.make_fava(workspace, listed=every).test_client()
    assert loaded == []
    start = client.get("/", follow_redirects=True)
    assert start.request.path.startswith(f"/{first.code}/")
    assert loaded == [first.code]
    for page in ("income_statement/", "extension/Projects/", "extension/Audit/"):
        assert client.get(f"/{second.code}/{page}").status_code == 200
    assert loaded == [first.code, second.code]


def test_the_menu_names_every_other_book(workspace: Workspace, loaded: list[str]) -> None:
    first, second, *_ = every = books(workspace)
    page = shelf.make_fava(workspace, listed=every).test_client().get(f"/{first.code}/extension/Projects/")
    assert f'"/{second.code}/"' in page.get_data(as_text=True)
    assert loaded == [first.code]


def test_only_listed_books_are_opened(workspace: Workspace, loaded: list[str]) -> None:
    first, second, *_ = books(workspace)
    client = shelf.make_fava(workspace, listed=[first]).test_client()
    assert client.get(f"/{second.code}/income_statement/").status_code == 404
    assert client.get("/nonsense/income_statement/").status_code == 404
    assert loaded == []


def test_without_a_list_no_book_leads_to_another_and_none_is_first(workspace: Workspace) -> None:
    first, second, *_ = books(workspace)
    client = shelf.make_fava(workspace).test_client()
    assert f'"/{second.code}/"' not in client.get(f"/{first.code}/extension/Projects/").get_data(as_text=True)
    assert client.get("/").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_changed_book_is_refused_and_the_others_open(workspace: Workspace, loaded: list[str], lang: Any) -> None:
    first, second, *_ = every = books(workspace)
    head = workspace.books / second.code / "main.beancount"
    head.write_text('plugin "evil"\n' + head.read_text(encoding="utf-8"), encoding="utf-8")
    client = shelf.make_fava(workspace, listed=every, lang=lang).test_client()
    answer = client.get(f"/{second.code}/income_statement/")
    assert answer.status_code == 409
    assert answer.get_data(as_text=True) == explain(BookChanged(books=second.code), lang) + "\n"
    assert client.get(f"/{first.code}/income_statement/").status_code == 200
    assert loaded == [first.code]


def test_a_book_that_was_written_again_is_loaded_again(workspace: Workspace, loaded: list[str]) -> None:
    first, *_ = every = books(workspace)
    client = shelf.make_fava(workspace, listed=every).test_client()
    path = f"/{first.code}/income_statement/"
    assert client.get(path).status_code == client.get(path).status_code == 200
    assert loaded == [first.code]
    month = next((workspace.books / first.code).glob("20*.beancount"))
    text = month.read_bytes()
    month.unlink()
    month.write_bytes(text)
    assert client.get(path).status_code == 200
    assert loaded == [first.code, first.code]


def test_fava_alone_answers_no_host_but_this_machine(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fava has no login: a page of elsewhere whose name was made to lead here would read the books."""
    served: list[Any] = []

    class Server:
        def __init__(self, _at: object, app: Any) -> None:
            served.append(app)

        def prepare(self) -> None:
            pass

        serve = prepare

    monkeypatch.setattr("cheroot.wsgi.Server", Server)
    first, *_ = every = books(workspace)
    serve(workspace, every, port=0, lang="zh", ready=lambda _: None)
    client = served[0].test_client()
    for host, status in (("127.0.0.1:5000", 200), ("localhost:5000", 200), ("evil.example.org", 400)):
        assert client.get(f"/{first.code}/income_statement/", headers={"Host": host}).status_code == status, host
