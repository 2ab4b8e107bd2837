"""Roles: who grants them, which go together, and what the office's log and the database say of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger import log, people
from ledger.books.write import settle
from ledger.errors import AlreadyThere, CodeUnfit, OwnRoles, Refusal, RoleMissing, RoleNotHeld
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


def take_back(clerk: Any, name: str, *roles: str, by: str = "boss", book: str = people.EVERY_BOOK) -> None:
    with clerk.workspace.write() as unit:
        people.revoke(unit, name, roles=list(roles), by=by, book=book)
        unit.commit()
    settle(clerk.workspace)


def findings(clerk: Any) -> list[str]:
    return [each.code for check in verify(clerk.workspace) for each in check.findings]


def test_a_role_that_was_taken_back_counts_no_more_and_what_was_sealed_with_it_stays(
    clerk: Any, unchanged: Any
) -> None:
    grant(clerk, "boss", "administrator", new=True)
    grant(clerk, "chen", "approver", by="boss", new=True)
    draft = {"project": "P001", "channel": "JT2024", "amount": "1"}
    clerk.seal(clerk.draft("allot", **draft)["draft"], user="chen")
    clerk.draft("allot", **draft)
    clerk.clock.now += timedelta(hours=1)
    take_back(clerk, "chen", "approver")
    with unchanged(), pytest.raises(RoleMissing):
        clerk.seal("D2", user="chen")
    clerk.seal("D2")
    with clerk.workspace.read() as connection:
        assert people.roles_of(connection, "chen") == {}
        assert [each["roles"] for each in people.list_users(connection) if each["name"] == "chen"] == [""]
    assert findings(clerk) == []


def test_what_a_former_maker_drafted_is_sealed_by_nobody(clerk: Any, unchanged: Any) -> None:
    grant(clerk, "boss", "administrator", new=True)
    clerk.draft("allot", project="P001", channel="JT2024", amount="1")
    with clerk.workspace.read() as connection:
        [book] = people.roles_of(connection, "zhang")
    take_back(clerk, "zhang", "maker", book=book)
    with unchanged(), pytest.raises(RoleMissing) as caught:
        clerk.seal("D1")
    assert explain(caught.value, "zh") == (
        "草稿 D1 的制单人 zhang 在专账 SF 已没有制单权限（maker），不能记账：请由现任制单人重新制单，"
        "并废弃此草稿（earmark voucher drop D1）。"
    )
    clerk.at("li").drop("D1")


def test_a_role_is_granted_anew_and_who_administered_may_make_afterwards(clerk: Any) -> None:
    grant(clerk, "boss", "administrator", new=True)
    grant(clerk, "sun", "administrator", by="boss", new=True)
    take_back(clerk, "sun", "administrator")
    grant(clerk, "sun", "maker", by="boss")
    for _ in range(2):
        take_back(clerk, "sun", "maker")
        grant(clerk, "sun", "maker", by="boss")
    with clerk.workspace.read() as connection:
        assert people.roles_of(connection, "sun") == {"*": {"maker"}}
        leaves = sql.rows(connection, "SELECT leaf FROM log_leaf WHERE kind = 'role-revoked' ORDER BY position")
    told = [json.loads(leaf)["data"] for (leaf,) in leaves]
    assert [(each["user"], each["role"], each["book"], each["by"]) for each in told] == [
        ("sun", "administrator", "*", "boss"),
        ("sun", "maker", "*", "boss"),
        ("sun", "maker", "*", "boss"),
    ]
    clerk.draft("allot", user="sun", project="P001", channel="JT2024", amount="1")
    assert findings(clerk) == []


def test_nobody_changes_their_own_roles_and_an_administrator_is_left(clerk: Any, unchanged: Any) -> None:
    grant(clerk, "boss", "administrator", new=True)
    grant(clerk, "head", "administrator", by="boss", book="SF", new=True)
    with unchanged(), pytest.raises(OwnRoles) as own:
        grant(clerk, "boss", "auditor", by="boss")
    assert explain(own.value, "zh") == "boss 不能给自己授权，也不能收回自己的角色：请由另一位管理人员办理。"
    with unchanged(), pytest.raises(OwnRoles):
        take_back(clerk, "boss", "administrator")
    take_back(clerk, "head", "administrator", book="SF")
    grant(clerk, "second", "administrator", by="boss", new=True)
    take_back(clerk, "boss", "administrator", by="second")
    # The last one is taken back by nobody: not by himself, and nobody else may.
    for by, refusal in (("second", OwnRoles), ("boss", RoleMissing), ("", RoleMissing)):
        with unchanged(), pytest.raises(refusal):
            take_back(clerk, "second", "administrator", by=by)


def test_only_what_is_held_is_taken_back_for_the_book_it_was_granted_for(clerk: Any, unchanged: Any) -> None:
    grant(clerk, "boss", "administrator", new=True)
    grant(clerk, "sun", "cashier", "maker", by="boss", book="SF", new=True)
    with unchanged(), pytest.raises(RoleNotHeld) as caught:
        take_back(clerk, "sun", "maker", "cashier")
    assert explain(caught.value, "zh") == (
        "sun 在专账 * 没有 maker 角色，无从收回。现有角色：cashier@SF、maker@SF（@ 后为专账，* 为全部）。"
        "请按授权时的专账收回（--book）。"
    )
    with unchanged(), pytest.raises(RoleMissing):
        take_back(clerk, "sun", "maker", by="sun", book="SF")


def test_a_revocation_without_its_leaf_and_a_seal_after_one_are_found(clerk: Any) -> None:
    """What the rules of the database would refuse, done with the rules set aside."""
    grant(clerk, "boss", "administrator", new=True)
    clerk.do("allot", project="P001", channel="JT2024", amount="1")
    clerk.tamper(
        'INSERT INTO role_revocation ("user", role, book, nth, revoked_at) '
        "SELECT \"user\", role, book, nth, '2000-01-01T00:00:00+08:00' FROM role_grant WHERE \"user\" = 'li'"
    )
    assert {"register", "role-missing"} <= set(findings(clerk))


@pytest.mark.parametrize("name", ["zh\u0430ng", "\uff5ahang", "\u0396hang", "zháng", "\u2c9dhang", "\ua4dahang"])
def test_no_letter_of_a_name_looks_like_another_one(clerk: Any, unchanged: Any, name: str) -> None:
    with unchanged(), clerk.workspace.write() as unit, pytest.raises(CodeUnfit):
        people.add_user(unit, name, roles=["approver"])


@pytest.mark.parametrize("name", ["Zhang", "ZHANG", "1i", "Ll"])
def test_no_name_looks_like_one_that_there_is(clerk: Any, unchanged: Any, name: str) -> None:
    """Who made and who approved a voucher is told apart at a glance: there are zhang and li."""
    with unchanged(), clerk.workspace.write() as unit, pytest.raises(AlreadyThere) as caught:
        people.add_user(unit, name, roles=["approver"])
    assert caught.value.facts["other"] in {"zhang", "li"}
    assert caught.value.facts["other"] in explain(caught.value, "zh")


def test_names_are_of_letters_that_are_written_here(clerk: Any) -> None:
    with clerk.workspace.write() as unit:
        for name in ("张三", "张三丰", "ꆈꌠ", "zhang.san", "zhang_2", "مۇھەممەت"):
            people.add_user(unit, name, roles=["maker"])
