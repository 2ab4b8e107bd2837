"""The seal takes two people, numbers without a gap, and keeps a leaf that anybody can compute again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import rfc8785
from cluster import POSTGRESQL
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger import people, vouchers
from ledger.errors import BelowFloor, OwnDraft, RoleMissing, Unknown
from ledger.messages import explain
from ledger.money import plain
from ledger.seal import Sealed, seal
from ledger.store.workspace import Unit

Unchanged = Callable[[], AbstractContextManager[None]]
ALLOT: dict[str, Any] = {"project": "P001", "channel": "JT2024", "amount": "1000"}


def add_user(clerk: Any, name: str, *roles: str) -> None:
    with clerk.workspace.write() as unit:
        people.add_user(unit, name, roles=list(roles))
        unit.commit()


def test_nobody_approves_what_he_made(clerk: Any, unchanged: Unchanged) -> None:
    add_user(clerk, "chen", "maker", "approver")
    clerk.draft("allot", user="chen", **ALLOT)
    with unchanged(), pytest.raises(OwnDraft) as caught:
        clerk.seal("D1", user="chen")
    assert explain(caught.value, "zh") == "草稿 D1 是 chen 自己制单的，不能自己审核：请由另一位审核人记账。"
    clerk.seal("D1", user="li")


@pytest.mark.parametrize(
    "user, refusal, message",
    [
        ("zhang", OwnDraft, "草稿 D1 是 zhang 自己制单的，不能自己审核：请由另一位审核人记账。"),
        ("wang", RoleMissing, "wang 在专账 SF 没有审核权限（approver）：请由审核人办理。"),
        ("zhao", RoleMissing, "zhao 在专账 SF 没有审核权限（approver）：请由审核人办理。"),
        ("sun", Unknown, "没有登记用户“sun”：请先登记（earmark user add），或核对 --as 后的姓名。"),
    ],
    ids=["its maker", "another maker", "the auditor", "nobody known"],
)
def test_only_an_approver_seals(
    user: str, refusal: type[Exception], message: str, clerk: Any, unchanged: Unchanged
) -> None:
    clerk.draft("allot", **ALLOT)
    with unchanged(), pytest.raises(refusal) as caught:
        clerk.seal("D1", user=user)
    assert explain(caught.value, "zh") == message  # type: ignore[arg-type]


def test_numbers_have_no_gap_in_a_month_and_the_count_none_in_a_book(clerk: Any) -> None:
    days = ["2024-01-05", "2024-01-05", "2024-02-01", "2024-02-29", "2024-02-29", "2024-12-31", "2025-02-01"]
    numbers = [clerk.do("allot", date=day, **ALLOT) for day in days]
    assert numbers == [
        "2024-01-0001",
        "2024-01-0002",
        "2024-02-0001",
        "2024-02-0002",
        "2024-02-0003",
        "2024-12-0001",
        "2025-02-0001",
    ]
    assert clerk.sql("SELECT seq, number FROM voucher ORDER BY seq") == list(enumerate(numbers))


def test_a_refused_seal_and_a_dropped_draft_take_no_number(clerk: Any) -> None:
    clerk.do("allot", **ALLOT)
    clerk.try_draft("allot project=P001 channel=JT2024 amount=1")
    clerk.try_draft("contract contract=P001C01 parts=JT2024=1001")
    with pytest.raises(BelowFloor):
        clerk.seal("D3")
    clerk.at("zhang").drop("D2")
    assert clerk.do("allot", **ALLOT) == "2024-03-0002"
    assert clerk.seal("D3") == "2024-03-0003"


def test_vouchers_are_sealed_in_the_order_of_the_approver(clerk: Any) -> None:
    clerk.draft("allot", **ALLOT)
    clerk.draft("allot", **ALLOT)
    assert (clerk.seal("D2"), clerk.seal("D1")) == ("2024-03-0001", "2024-03-0002")


def test_a_sealed_draft_is_gone_and_its_balances_stand(clerk: Any) -> None:
    clerk.do("allot", **ALLOT)
    assert clerk.sql("SELECT count(*) FROM work_draft") == [(0,)]
    assert clerk.balances() == {
        ("Equity:B0-下达:P001-通村公路", "JT2024.B"): -1000_00,
        ("Equity:B1-可用预算:P001-通村公路", "JT2024.B"): 1000_00,
    }


def test_a_voucher_says_who_and_when(clerk: Any) -> None:
    clerk.clock.set("2024-03-01", hour=10)
    clerk.draft("allot", **ALLOT)
    clerk.clock.set("2024-03-02", hour=15)
    clerk.seal("D1")
    assert clerk.sql("SELECT date, maker, made_at, approver, sealed_at FROM voucher") == [
        ("2024-03-01", "zhang", "2024-03-01T10:00:00+08:00", "li", "2024-03-02T15:00:00+08:00")
    ]


# The leaf.

STORY = """
allot project=P001 channel=JT2024 amount=1000 number=交财〔2024〕7号
plan project=P001 channel=ZC2024 amount=500
receive project=P001 channel=ZC2024 amount=300 cash person party=蒲君君
contract contract=P001C01 parts=JT2024=700,ZC2024=300 party=施工单位
certify contract=P001C01 amount=333.33
allot project=P001 channel=SN2024 amount=400
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1.25 amount=400
reverse voucher=V2024-03-0005 reason=计量有误
"""


def test_a_leaf_is_canonical_json_and_its_hash_is_that_of_rfc_6962(clerk: Any) -> None:
    clerk.begin(STORY)
    leaves = clerk.sql("SELECT log, position, kind, leaf, leaf_hash FROM log_leaf ORDER BY log, position")
    assert {row[0] for row in leaves} == {"SF", "office"}
    for log, position, kind, leaf, leaf_hash in leaves:
        told = json.loads(leaf)
        assert rfc8785.dumps(told) == leaf.encode()
        assert leaf_hash == hashlib.sha256(b"\x00" + leaf.encode()).hexdigest()
        told.pop("data")
        assert told == {"format": "earmark/log/1", "log": log, "position": position, "kind": kind}


def test_the_positions_of_a_log_have_no_gap(clerk: Any) -> None:
    clerk.begin(STORY)
    for log in ("SF", "office"):
        positions = [row[0] for row in clerk.sql("SELECT position FROM log_leaf WHERE log = ? ORDER BY position", log)]
        assert positions == list(range(len(positions)))


def test_a_leaf_says_all_that_the_record_says(clerk: Any) -> None:
    clerk.begin(STORY)
    columns = ["book", "seq", "number", "date", "event", "project", "contract", "payee", "narration"]
    columns += ["maker", "made_at", "approver", "sealed_at"]
    scales = dict(clerk.sql("SELECT code, scale FROM commodity"))
    numbers = dict(clerk.sql("SELECT seq, number FROM voucher"))
    for leaf, leaf_hash, own_hash, facts, reverses, *row in clerk.sql(
        f"SELECT l.leaf, l.leaf_hash, v.leaf_hash, v.facts, v.reverses, {', '.join('v.' + each for each in columns)} "
        "FROM voucher v JOIN log_leaf l ON l.log = v.book AND l.position = v.position ORDER BY v.seq"
    ):
        assert own_hash == leaf_hash
        told = json.loads(leaf)["data"]
        assert told.pop("facts") == json.loads(facts)
        assert told.pop("reverses") == (None if reverses is None else numbers[reverses])
        assert told.pop("documents") == []
        assert told.pop("postings") == [
            [account, commodity, plain(amount, scales[commodity])]
            for account, commodity, amount in clerk.sql(
                "SELECT account, commodity, amount FROM posting WHERE seq = ? ORDER BY line", told["seq"]
            )
        ]
        assert told == dict(zip(columns, row, strict=True))


def test_two_vouchers_of_the_same_content_have_different_leaves(clerk: Any) -> None:
    clerk.do("allot", **ALLOT)
    clerk.do("allot", **ALLOT)
    assert clerk.sql("SELECT count(DISTINCT leaf_hash) FROM voucher") == [(2,)]


def test_a_name_enters_the_leaf_only_as_a_salted_commitment(clerk: Any) -> None:
    clerk.begin(STORY)
    [(field, value, salt)] = clerk.sql("SELECT field, value, salt FROM private_value")
    [(payee, facts)] = clerk.sql("SELECT payee, facts FROM voucher WHERE number = '2024-03-0003'")
    assert (field, value, payee) == ("payee", "蒲君君", "蒲某某")
    assert len(bytes.fromhex(salt)) == 16
    assert json.loads(facts)["payee-commitment"] == hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest()


def test_a_name_stands_nowhere_but_in_the_private_store(clerk: Any) -> None:
    clerk.begin(STORY)
    clerk.draft(
        "receive", key="k1", project="P001", channel="ZC2024", amount="1", cash=True, person=True, party="蒲君君"
    )
    clerk.seal("D9")
    dump = clerk.dump()
    assert "蒲君君" in repr(dump.pop("private_value"))
    assert "蒲君君" not in repr(dump)
    for path in clerk.workspace.books.rglob("*.beancount"):
        assert "蒲君君" not in path.read_text(encoding="utf-8")


def test_each_name_has_a_salt_of_its_own(clerk: Any) -> None:
    clerk.play("plan project=P001 channel=ZC2024 amount=500")
    for _ in range(2):
        clerk.do("receive", project="P001", channel="ZC2024", amount="1", cash=True, person=True, party="蒲君君")
    assert clerk.sql("SELECT count(DISTINCT salt), count(DISTINCT value) FROM private_value") == [(2, 1)]


# What the database refuses by itself.

RAW = [
    pytest.param("UPDATE balance SET amount = -1 WHERE account LIKE 'Assets:102-%'", "floor", id="cash below zero"),
    pytest.param(
        "UPDATE balance SET amount = 1 WHERE account LIKE 'Liabilities:241-%'", "floor", id="a debt on the wrong side"
    ),
    pytest.param(
        "UPDATE balance SET amount = amount - 100001 WHERE account LIKE 'Equity:B1-%'", "floor", id="budget below zero"
    ),
    pytest.param("UPDATE balance SET floor_side = 2, amount = 0", "floor_side_known", id="a floor on no side"),
    pytest.param("UPDATE voucher SET approver = maker", "two_people", id="maker is approver"),
    pytest.param("UPDATE voucher SET approver = 'nobody'", "FOREIGN KEY", id="an unknown approver"),
    pytest.param(
        "INSERT INTO posting VALUES ('SF', 0, 9, 'Assets:999', 'JT2024', 1)", "FOREIGN KEY", id="an unknown account"
    ),
    pytest.param(
        "INSERT INTO posting SELECT book, 0, 9, account, 'JZ2024', 1 FROM balance WHERE account LIKE 'Assets:102-%'",
        "FOREIGN KEY",
        id="a channel that the account does not hold",
    ),
    pytest.param(
        "INSERT INTO posting SELECT book, 99, 0, account, commodity, 1 FROM balance LIMIT 1",
        "FOREIGN KEY",
        id="a posting without voucher",
    ),
    pytest.param("UPDATE posting SET amount = 0", "amount_not_zero", id="a posting of zero"),
    # PostgreSQL rounds it, and lets nobody but the owner try: the seal reads whole numbers only.
    pytest.param("UPDATE posting SET amount = 0.5", "REAL value in INTEGER", id="half a fen", marks=pytest.mark.sqlite),
    pytest.param("UPDATE balance SET amount = '一百'", "TEXT value in INTEGER", id="an amount in words"),
    pytest.param(
        "UPDATE voucher SET position = 999 WHERE seq = 0", "FOREIGN KEY", id="a voucher that is not in the log"
    ),
    pytest.param("UPDATE voucher SET position = (SELECT max(position) FROM voucher)", "UNIQUE", id="a leaf twice"),
    pytest.param("UPDATE voucher SET number = '2024-03-0001'", "UNIQUE", id="a number twice"),
    pytest.param("UPDATE voucher SET date = '2024-04-01'", "number_of_month", id="a number of another month"),
    pytest.param("UPDATE voucher SET seq = -1 WHERE seq = 0", "seq_from_zero", id="a count below zero"),
    pytest.param("UPDATE voucher SET reverses = 0 WHERE seq > 0", "UNIQUE", id="a second reversal"),
    pytest.param("UPDATE voucher SET reverses = 99 WHERE seq = 1", "FOREIGN KEY", id="a reversal of nothing"),
    pytest.param("UPDATE voucher SET project = 'P999'", "FOREIGN KEY", id="a voucher of no project"),
    pytest.param("INSERT INTO role_grant VALUES ('li', 'king', '*', '', 1)", "role_known", id="an unknown role"),
    pytest.param("UPDATE bank SET kind = 'private'", "kind_known", id="an unknown kind of bank"),
    pytest.param("UPDATE budget_line SET planned = -1", "planned_not_negative", id="a plan below zero"),
    pytest.param(
        "INSERT INTO bank_channel VALUES ('SF', 'B01', 'XX')", "FOREIGN KEY", id="a bank that holds an unknown channel"
    ),
]


@pytest.mark.parametrize("sql, reason", RAW)
def test_the_database_refuses_by_itself(sql: str, reason: str, clerk: Any, unchanged: Unchanged) -> None:
    clerk.begin("""
        allot project=P001 channel=JT2024 amount=1000
        receive project=P001 channel=JT2024 amount=500
        allot project=P001 channel=JZ2024 amount=1
    """)
    # Keys and checks stand by themselves; the triggers over them have a table of attacks of their own.
    said = {"FOREIGN KEY": "foreign key", "UNIQUE": "duplicate key", "TEXT value in INTEGER": "invalid input syntax"}
    with (
        unchanged(),
        clerk.lawless() as connection,
        pytest.raises(DBAPIError, match=said.get(reason, reason) if POSTGRESQL else reason),
    ):
        connection.execute(text(sql))
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE" if POSTGRESQL else "COMMIT")


# One unit of work.


def _draft_and_seal(clerk: Any, unit: Unit, **effects: Callable[[Unit, Sealed], None]) -> Sealed:
    waiting = vouchers.need_draft(unit.connection, "SF", "D1")
    return seal(unit, waiting, approver="li", effects=effects)


def test_what_is_not_committed_was_never_there(clerk: Any, unchanged: Unchanged) -> None:
    clerk.draft("allot", **ALLOT)
    with unchanged(), clerk.workspace.write() as unit:
        assert _draft_and_seal(clerk, unit).number == "2024-03-0001"
    assert clerk.seal("D1") == "2024-03-0001"


def test_an_effect_that_fails_takes_the_seal_with_it(clerk: Any, unchanged: Unchanged) -> None:
    def fail(unit: Unit, sealed: Sealed) -> None:
        raise ZeroDivisionError

    clerk.draft("allot", **ALLOT)
    with unchanged(), clerk.workspace.write() as unit, pytest.raises(ZeroDivisionError):
        _draft_and_seal(clerk, unit, allotment=fail)


def test_an_effect_is_told_what_was_sealed(clerk: Any) -> None:
    told: list[Sealed] = []
    clerk.draft("allot", **ALLOT)
    with clerk.workspace.write() as unit:
        sealed = _draft_and_seal(clerk, unit, allotment=lambda _, each: told.append(each), other=lambda _, __: None)
        unit.commit()
    assert told == [sealed]
    assert (sealed.book, sealed.seq, sealed.number) == ("SF", 0, "2024-03-0001")
