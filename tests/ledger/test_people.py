"""Roles: who grants them, which go together, and what the office's log and the database say of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger import log, people
from ledger.books.write import settle
from ledger.errors import Refusal, RoleMissing
from ledger.messages import explain
from ledger.store import sql
from ledger.verify import verify


def grant(clerk: Any, name: str, *roles: str, by: str = "", book: str = people.EVERY_BOOK, new: bool = False) -> None:
    with clerk.workspace.write() as unit:
        (people.add_user if new else people.grant)(unit, name, roles=list(roles), by=by, book=book)
        unit.commit()
    settle(clerk.workspace)


def test_whoever_has_the_machine_grants_until_there_is_an_administrator(clerk: Any, unchanged: Any) -> None:
    grant(clerk, "chen", "maker", new=True)
    grant(clerk, "boss", "administrator", "auditor", new=True)
    for by in ("", "chen", "nobody"):
        with unchanged(), pytest.raises(RoleMissing):
            grant(clerk, "sun", "maker", by=by, new=True)
        with unchanged(), pytest.raises(RoleMissing):
            grant(clerk, "chen", "approver", by=by)
    grant(clerk, "sun", "publisher", "cashier", by="boss", new=True)
    grant(clerk, "chen", "approver", "maker", by="boss")
    with clerk.workspace.read() as connection:
        assert people.roles_of(connection, "sun") == {"*": {"publisher", "cashier"}}
        assert people.roles_of(connection, "chen") == {"*": {"maker", "approver"}}


def test_the_administrator_of_a_book_grants_there_and_nowhere_else(clerk: Any) -> None:
    grant(clerk, "head", "administrator", book="SF", new=True)
    grant(clerk, "sun", "maker", by="head", book="SF", new=True)
    with pytest.raises(RoleMissing) as caught:
        grant(clerk, "sun", "auditor", by="head")
    assert explain(caught.value, "zh") == (
        "head 在专账 * 没有管理权限（administrator）：本单位已有管理人员，授权请由管理人员办理（--as 写明是谁）。"
    )


def test_every_grant_is_in_the_offices_log_with_who_granted_it(clerk: Any) -> None:
    grant(clerk, "boss", "administrator", new=True)
    grant(clerk, "sun", "maker", by="boss", book="SF", new=True)
    grant(clerk, "sun", "maker", "cashier", by="boss", book="SF")
    with clerk.workspace.read() as connection:
        leaves = sql.rows(
            connection, "SELECT leaf FROM log_leaf WHERE log = :log AND kind = 'role'", {"log": log.OFFICE}
        )
    told = [json.loads(leaf)["data"] for (leaf,) in leaves]
    assert [(each["user"], each["role"], each["book"], each.get("by")) for each in told[-3:]] == [
        ("boss", "administrator", "*", None),
        ("sun", "maker", "SF", "boss"),
        ("sun", "cashier", "SF", "boss"),
    ]
    assert [each.code for check in verify(clerk.workspace) for each in check.findings] == []


@pytest.mark.parametrize("other", ["maker", "approver", "cashier", "publisher"])
def test_who_administers_neither_makes_seals_keeps_cash_nor_publishes(clerk: Any, unchanged: Any, other: str) -> None:
    for first, second in (("administrator", other), (other, "administrator")):
        with unchanged(), pytest.raises(Refusal) as caught:
            grant(clerk, "both", first, second, new=True)
        assert explain(caught.value, "zh") == (
            f"both 不能既是管理人员（administrator）又有 {other} 角色：管理人员授权、管人，不制单、不审核、不出纳、"
            "不公示。请分由两人担任，或登记为两个用户。"
        )
        with clerk.workspace.write() as unit, pytest.raises(DBAPIError, match="who administers neither"):
            for role in (first, second):
                query = text(
                    "INSERT INTO role_grant (\"user\", role, book, granted_at, nth) VALUES ('zhao', :role, 'SF', '', 1)"
                )
                unit.connection.execute(query, {"role": role})


def test_the_administrator_cannot_draft_nor_seal(clerk: Any, unchanged: Any) -> None:
    grant(clerk, "boss", "administrator", "auditor", new=True)
    with unchanged(), pytest.raises(RoleMissing):
        clerk.draft("allot", user="boss", project="P001", channel="JT2024", amount="1")
    clerk.draft("allot", project="P001", channel="JT2024", amount="1")
    with unchanged(), pytest.raises(RoleMissing):
        clerk.at("boss").seal("D1")


@pytest.mark.parametrize("role", ["cashier", "publisher", "auditor"])
def test_the_other_roles_neither_draft_nor_seal(clerk: Any, unchanged: Any, role: str) -> None:
    grant(clerk, "sun", role, new=True)
    with unchanged(), pytest.raises(RoleMissing):
        clerk.draft("allot", user="sun", project="P001", channel="JT2024", amount="1")
    clerk.draft("allot", project="P001", channel="JT2024", amount="1")
    with unchanged(), pytest.raises(RoleMissing):
        clerk.at("sun").seal("D1")
