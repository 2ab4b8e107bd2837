"""The books hold every leaf of every log: Beancount itself reads enough from them to make each leaf again."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Custom, Transaction
from cluster import native

from ledger import channels, checkpoints, log, register
from ledger.books import keys
from ledger.books.keys import DOCUMENTS
from ledger.books.quoting import quoted, unquoted
from ledger.books.write import settle
from ledger.verify import verify
from projects.events import works

STORY = """
allot project=P001 channel=JT2024 amount=1000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500 date=2024-01-11
"""


@pytest.fixture
def office(clerk: Any) -> Any:
    """A village in which every kind of leaf was made, and the logs were signed."""
    clerk.play(STORY)
    signer = clerk.make_key()
    with clerk.workspace.write() as unit:
        works.observe(
            unit, "SF", "paved-road", on="2024-01-01", numerator=0, denominator=3500, evidence='他说 "好" \\n'
        )
        channels.add_channel(unit, "XX", name='名 "一" \\', source="department")
        for of in ("SF", log.OFFICE):
            checkpoints.sign(unit, signer, of, user="zhao")
        log.append(
            unit,
            log.OFFICE,
            "restore",
            {"missing": {"SF": ["2024-01-0002"]}, "before": None, "rebuilt": True, "lost": []},
        )
        unit.commit()
    settle(clerk.workspace)
    return clerk


def read(path: Path) -> list[Any]:
    entries, errors, _ = loader.load_file(str(path))
    assert [each.message for each in errors] == []
    return list(entries)


def leaf_of(directive: Custom, of: str) -> tuple[str, str]:
    """Return the leaf that a directive says, and the hash that it gives for it."""
    position, hashed = (value.value for value in directive.values)
    data = {
        key.removesuffix("-json"): json.loads(value)
        if key.endswith("-json")
        else int(value)
        if isinstance(value, Decimal)
        else value
        for key, value in directive.meta.items()
        if key not in {"filename", "lineno"}
    }
    return log.leaf(of, int(position), directive.type, data), hashed


def stored(clerk: Any, of: str) -> list[tuple[Any, ...]]:
    return clerk.sql("SELECT leaf, leaf_hash FROM log_leaf WHERE log = ? AND kind <> 'voucher' ORDER BY position", of)


def test_beancount_reads_every_leaf_of_the_registers_from_the_book(office: Any) -> None:
    kinds = {kind for (kind,) in office.sql("SELECT DISTINCT kind FROM log_leaf WHERE log = 'SF'")} - {"voucher"}
    assert kinds == {"project", "bank", "bank-channel", "budget-line", "observation"}
    path = office.workspace.books / "SF" / keys.REGISTER_FILE
    found = [each for each in read(path) if isinstance(each, Custom)]
    assert [leaf_of(each, "SF") for each in sorted(found, key=lambda each: each.values[0].value)] == stored(
        office, "SF"
    )
    # The head includes them, so that they are part of the book in Fava.
    head = [each for each in read(path.with_name("main.beancount")) if isinstance(each, Custom)]
    assert [each.type for each in head if each.meta["filename"].endswith(keys.REGISTER_FILE)].count("bank") == 2


def test_beancount_reads_every_leaf_of_the_offices_log(office: Any) -> None:
    found = [each for each in read(office.workspace.books / keys.OFFICE_FILE) if isinstance(each, Custom)]
    assert [leaf_of(each, log.OFFICE) for each in found] == stored(office, log.OFFICE)
    assert {each.type for each in found} == {
        "user",
        "role",
        "village",
        "channel",
        "good",
        "book",
        "key",
        "checkpoint",
        "restore",
    }


def test_the_public_key_lies_beside_the_notes_that_it_checks(office: Any) -> None:
    key = office.workspace.path / "office.pub"
    assert (office.workspace.books / keys.PUBLIC_KEY).read_bytes() == key.read_bytes()


def test_the_size_of_a_paper_stands_in_the_book(clerk: Any, tmp_path: Path) -> None:
    paper = tmp_path / "slip.txt"
    paper.write_text("bank slip", encoding="utf-8")
    clerk.seal(clerk.draft("allot", papers=[paper], project="P001", channel="JT2024", amount="1")["draft"])
    [voucher] = [
        each for each in read(clerk.workspace.books / "SF" / "main.beancount") if isinstance(each, Transaction)
    ]
    assert voucher.meta["document-1"].startswith(DOCUMENTS)
    assert voucher.meta["size-1"] == "9"


@pytest.mark.parametrize("file", ["SF/register.beancount", "office.beancount", "office.pub"])
def test_what_was_changed_taken_or_linked_beside_the_months_is_found(office: Any, file: str, tmp_path: Path) -> None:
    path = office.workspace.books / file
    before = path.read_bytes()

    def codes() -> set[str]:
        return {finding.code for check in verify(office.workspace) for finding in check.findings}

    assert codes() == set()
    path.write_bytes(before + b"\n")
    assert codes() == {"head"}
    path.unlink()
    assert codes() == {"book-missing"}
    (tmp_path / "elsewhere").write_bytes(before)
    path.symlink_to(tmp_path / "elsewhere")
    assert codes() == {"stray"}


def test_a_registration_writes_no_month_again(clerk: Any) -> None:
    clerk.play(STORY)
    settle(clerk.workspace)
    january = clerk.workspace.books / "SF" / "2024-01.beancount"
    before = january.stat()
    with clerk.workspace.write() as unit:
        register.add_bank(unit, "SF", "B02", name="新专户", kind="dedicated", channels=[])
        unit.commit()
    assert settle(clerk.workspace) == 2
    assert january.stat().st_ino == before.st_ino
    assert "新专户" in (clerk.workspace.books / "SF" / keys.REGISTER_FILE).read_text(encoding="utf-8")
    assert {finding.code for check in verify(clerk.workspace) for finding in check.findings} == set()


def test_nothing_personal_and_nothing_secret_stands_in_the_offices_file(clerk: Any) -> None:
    from ledger import people

    with clerk.workspace.write() as unit:
        people.add_user(unit, "sun", roles=["auditor"], full_name="孙大壮")
        unit.commit()
    settle(clerk.workspace)
    text = (clerk.workspace.books / keys.OFFICE_FILE).read_text(encoding="utf-8")
    assert '  name: "sun"\n' in text
    assert "孙大壮" not in text


def test_a_time_that_was_changed_behind_the_log_is_found(clerk: Any) -> None:
    clerk.tamper("UPDATE users SET created_at = '2020-01-01T00:00:00+08:00' WHERE name = 'li'")
    assert {finding.code for check in verify(clerk.workspace) for finding in check.findings} == {"register"}


def test_leaves_of_a_time_before_they_told_times_still_hold(clerk: Any) -> None:
    """An office that registered its users with an older program opens and verifies with this one."""
    at = "2024-01-01T00:00:00+08:00"
    with clerk.workspace.write() as unit:
        run = unit.connection.exec_driver_sql
        run(native("INSERT INTO users (name, full_name, created_at) VALUES ('old', '', ?)"), (at,))
        log.append(unit, log.OFFICE, "user", {"name": "old"})
        run(
            native(
                "INSERT INTO role_grant (\"user\", role, book, granted_at, nth) VALUES ('old', 'auditor', '*', ?, 1)"
            ),
            (at,),
        )
        log.append(unit, log.OFFICE, "role", {"user": "old", "role": "auditor", "book": "*"})
        unit.commit()
    settle(clerk.workspace)
    assert {finding.code for check in verify(clerk.workspace) for finding in check.findings} == set()


@pytest.mark.parametrize("text", ["", "\\", '"', "\\n", "\n", '\\"\n\\\\n', "好"])
def test_a_string_comes_back_as_it_was(text: str) -> None:
    assert unquoted(quoted(text)[1:-1]) == text
    [entry], errors, _ = loader.load_string(f'2024-01-01 event "x" {quoted(text)}\n')
    assert errors == []
    assert entry.description == text
