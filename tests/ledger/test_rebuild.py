"""The record made again from the books alone: the same roots and the same books, or nothing at all."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger import log, merkle, people, register, restores
from ledger.books.rebuild import Rebuilt, rebuild
from ledger.books.write import settle
from ledger.errors import BooksUnfit, KeyMissing, OnePerson, RestoreBehind, RoleMissing, WorkspaceThere
from ledger.restores import Answer
from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects.events import works
from projects.events.verbs import EFFECTS

STORY = """
allot project=P001 channel=JT2024 amount=1000 date=2024-01-10 number=交财〔2024〕7号
receive project=P001 channel=JT2024 amount=500 date=2024-01-11
contract contract=P001C01 parts=JT2024=700 date=2024-02-01 party=张三丰 person
certify contract=P001C01 amount=333.33 date=2024-03-01
pay contract=P001C01 date=2024-03-02
allot project=P001 channel=SN2024 amount=400 date=2024-03-03
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1.25 amount=400 date=2024-03-03
reverse voucher=V2024-03-0004 reason=退回 date=2024-03-04
accept project=P001 quantity=3.5 observe=paved-road=3500/3500 date=2024-03-20
"""
WORK = {"work_draft", "work_draft_number", "work_dirty", "command_key"}


@pytest.fixture
def village(clerk: Any, tmp_path: Path) -> Any:
    """A village with every kind of leaf, a paper, a person, a draft that waits, and signed logs."""
    clerk.play(STORY)
    paper = tmp_path / "slip.txt"
    paper.write_text("bank slip", encoding="utf-8")
    clerk.day = "2024-04-01"
    clerk.seal(clerk.draft("allot", papers=[paper], project="P001", channel="JT2024", amount="1")["draft"])
    clerk.draft("allot", project="P001", channel="JT2024", amount="2")
    clerk.make_key()
    with clerk.workspace.write() as unit:
        people.add_user(unit, "sun", roles=["maker", "approver"], full_name="孙大壮", book="SF")
        people.add_user(unit, "boss", roles=["administrator"])
        people.grant(unit, "sun", roles=["cashier", "publisher"], by="boss")
        people.revoke(unit, "sun", roles=["cashier"], by="boss")
        people.grant(unit, "sun", roles=["cashier"], by="boss")
        people.add_user(unit, "deputy", roles=["administrator"], by="boss")
        people.revoke(unit, "deputy", roles=["administrator"], by="boss")
        people.grant(unit, "deputy", roles=["auditor", "maker"], by="boss")
        register.add_budget_line(unit, "SF", "P002", "JT2024", 700)
        register.add_budget_line(unit, "SF", "P002", "JT2024", 1)
        for evidence in ('他说 "好" \\', "second"):
            works.observe(unit, "SF", "paved-road", on="2024-01-01", numerator=0, denominator=3500, evidence=evidence)
        unit.commit()
    clerk.notes = [clerk.sign(of) for of in ("SF", log.OFFICE)]
    return clerk


def again(clerk: Any, target: Path, **options: Any) -> Rebuilt:
    return rebuild(clerk.workspace.books, target, effects=EFFECTS, clock=clerk.clock, **options)


def texts(books: Path) -> dict[str, bytes]:
    return {str(path.relative_to(books)): path.read_bytes() for path in books.rglob("*") if path.is_file()}


def test_the_record_comes_back_from_the_books_alone_to_the_same_roots_and_bytes(village: Any, tmp_path: Path) -> None:
    with village.workspace.read() as connection:
        roots = restores.heads(connection)
    made = again(village, tmp_path / "new", notes=village.notes)
    assert made.right
    assert list(made.logs) == roots
    assert (made.books, made.vouchers, made.documents, made.compared, made.behind) == (1, 10, 1, 2, ())
    assert made.absent == {"private": 1, "times": 0, "names": 7}
    before, after = texts(village.workspace.books), texts(tmp_path / "new" / "books")
    [office] = [name for name in before if before[name] != after[name]]
    assert office == "office.beancount"
    assert before.keys() == after.keys()
    assert after[office].startswith(before[office])
    assert after[office].count(b"custom") == before[office].count(b"custom") + 1
    assert not list(tmp_path.glob(".*"))


def test_vouchers_of_who_lost_the_role_since_come_back_too(village: Any, tmp_path: Path) -> None:
    village.clock.now += timedelta(minutes=1)
    with village.workspace.write() as unit:
        for name, role in (("zhang", "maker"), ("li", "approver")):
            [book] = [book for book, roles in people.roles_of(unit.connection, name).items() if role in roles]
            people.revoke(unit, name, roles=[role], book=book, by="boss")
        unit.commit()
    settle(village.workspace)
    made = again(village, tmp_path / "new")
    assert (made.right, made.vouchers) == (True, 10)
    with open_workspace(tmp_path / "new").read() as connection:
        assert people.roles_of(connection, "zhang") == {}


def test_every_row_comes_back_but_what_the_books_do_not_hold(
    village: Any, tmp_path: Path, dump: Callable[..., dict[str, list[Any]]]
) -> None:
    again(village, tmp_path / "new")
    new = open_workspace(tmp_path / "new")
    with new.read() as connection:
        after = dump(connection)
    before = village.dump()
    for table in before.keys() - WORK - {"private_value", "users", "log_leaf", "workspace"}:
        assert after[table] == before[table], table
    assert [(row[0], row[2]) for row in after["users"]] == [(row[0], row[2]) for row in before["users"]]
    assert {row[1] for row in after["users"]} == {""}
    assert after["private_value"] == []
    [added] = set(after["log_leaf"]) - set(before["log_leaf"])
    assert set(before["log_leaf"]) < set(after["log_leaf"])
    assert added[2] == "restore"
    new.close()


def test_work_goes_on_in_a_record_that_was_made_again(village: Any, tmp_path: Path) -> None:
    from projects.desk import Desk

    again(village, tmp_path / "new")
    new = open_workspace(tmp_path / "new", clock=village.clock)
    draft = Desk(new, "zhang", "SF").record(
        "allot", {"date": "2024-05-02", "project": "P001", "channel": "JT2024", "amount": "3"}
    )
    assert Desk(new, "li", "SF").seal(draft["draft"])["number"] == "2024-05-0001"
    checks = verify(new, against=village.notes)
    assert [check.findings for check in checks if check.findings] == []
    assert [each.code for check in checks for each in check.notices] == ["private-rebuilt", "rebuilt-whole"]
    new.close()
    # And the books of the new record are complete again.
    assert rebuild(tmp_path / "new" / "books", tmp_path / "third", effects=EFFECTS, clock=village.clock).right


def test_leaves_of_a_time_before_they_told_times_come_back(clerk: Any, tmp_path: Path) -> None:
    with clerk.workspace.write() as unit:
        run = unit.connection.exec_driver_sql
        run("INSERT INTO users (name, full_name, created_at) VALUES ('old', '', '2024-01-01T00:00:00+08:00')")
        log.append(unit, log.OFFICE, "user", {"name": "old"})
        unit.commit()
    settle(clerk.workspace)
    made = again(clerk, tmp_path / "new")
    assert made.right
    assert made.absent["times"] == 1


@pytest.mark.parametrize(
    "file, old, new, about, line",
    [
        ("SF/2024-03.beancount", "333.33 JT2024\n", "333.34 JT2024\n", "leaf", 3),
        ("SF/2024-03.beancount", 'maker: "zhang"', 'maker: "wang"', "leaf", 3),
        ("SF/2024-03.beancount", "2024-03-01 *", "2024-03-02 *", "leaf", 3),
        ("SF/2024-03.beancount", ";; SF 2024-03\n", ";; SF 2024-04\n", "line", 1),
        ("SF/2024-03.beancount", ";; SF 2024-03\n", 'plugin "evil"\n', "line", 1),
        ("SF/2024-03.beancount", ";; SF 2024-03\n\n", ';; SF 2024-03\n\ninclude "/etc/passwd"\n\n', "line", 3),
        ("SF/2024-03.beancount", "333.33 JT2024\n", "333.33 JT2024 @ 1 CNY\n", "line", None),
        ("SF/2024-03.beancount", "333.33 JT2024\n", "333.33 JT2024\r\n", "line", None),
        ("SF/main.beancount", 'option "title"', 'option  "title"', "differs", 1),
        ("SF/main.beancount", "price JT2024 1 CNY", "price JT2024 2 CNY", "differs", None),
        ("SF/register.beancount", "880000.00", "880001.00", "leaf", None),
        ("SF/register.beancount", ";; SF register", ";; SF registers", "differs", 1),
        ("office.beancount", '"li"', '"lu"', "leaf", None),
        ("office.beancount", 'custom "user" 0 ', 'custom "user" 1 ', "leaf", 4),
        ("office.beancount", "办公室日志", "别的", "differs", 2),
    ],
)
def test_a_change_by_hand_is_refused_with_file_and_line(
    village: Any, tmp_path: Path, file: str, old: str, new: str, about: str, line: int | None
) -> None:
    path = village.workspace.books / file
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())
    with pytest.raises(BooksUnfit) as refused:
        again(village, tmp_path / "new")
    facts = refused.value.facts
    assert (facts["about"], facts["path"]) == (about, path)
    assert line is None or facts["line"] == line
    assert [each.name for each in tmp_path.iterdir()] == ["slip.txt"]


def test_what_is_missing_or_does_not_belong_is_refused(village: Any, tmp_path: Path) -> None:
    books = village.workspace.books

    def refused(change: Callable[[Path], object]) -> str:
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(books, copy)
        change(copy)
        with pytest.raises(BooksUnfit) as found:
            rebuild(copy, tmp_path / "new", effects=EFFECTS)
        assert not (tmp_path / "new").exists()
        return str(found.value.facts["about"])

    def link(folder: Path) -> None:
        (folder / "SF" / "2024-03.beancount").rename(tmp_path / "elsewhere")
        (folder / "SF" / "2024-03.beancount").symlink_to(tmp_path / "elsewhere")

    def paper(folder: Path) -> Path:
        return next((folder / "SF" / "documents").iterdir())

    assert refused(lambda folder: (folder / "SF" / "2024-02.beancount").unlink()) == "order"
    assert refused(lambda folder: (folder / "SF" / "register.beancount").unlink()) == "missing"
    assert refused(lambda folder: (folder / "office.beancount").unlink()) == "missing"
    assert refused(lambda folder: (folder / "SF" / "main.beancount").unlink()) == "missing"
    assert refused(lambda folder: (folder / "SF" / "extra.txt").write_text("x")) == "stray"
    assert refused(link) == "file"
    assert refused(lambda folder: paper(folder).unlink()) == "missing"
    assert refused(lambda folder: paper(folder).write_text("other slip")) == "document"
    with pytest.raises(KeyMissing):
        refused(lambda folder: (folder / "office.pub").unlink())


def test_a_folder_that_is_not_empty_is_left_alone(village: Any, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(WorkspaceThere):
        again(village, tmp_path / "new")


def test_books_older_than_a_checkpoint_need_two_people_and_say_so_for_ever(village: Any, tmp_path: Path) -> None:
    shutil.copytree(village.workspace.books, tmp_path / "stick")
    village.do("allot", project="P001", channel="JT2024", amount="9")
    note = village.sign("SF")

    def late(answer: Answer) -> Rebuilt:
        return rebuild(
            tmp_path / "stick", tmp_path / "new", effects=EFFECTS, answer=answer, notes=[note], clock=village.clock
        )

    with pytest.raises(RestoreBehind):
        late(Answer())
    with pytest.raises(RestoreBehind):
        late(Answer("li", "", "the disk is gone"))
    with pytest.raises(OnePerson):
        late(Answer("li", "li", "the disk is gone"))
    with pytest.raises(RoleMissing):
        late(Answer("li", "zhang", "the disk is gone"))
    assert not (tmp_path / "new").exists()
    made = late(Answer("li", "zhao", "the disk is gone"))
    assert made.right
    assert [(each.log, each.size) for each in made.behind] == [("SF", made.logs[0].size + 1)]
    new = open_workspace(tmp_path / "new", clock=village.clock)
    notices = [each.code for check in verify(new, against=[note]) for each in check.notices]
    assert notices == ["private-rebuilt", "rebuilt", "checkpoint-before-restore"]
    # Another note of the lost time, which nobody answered for, is a finding still.
    village.do("allot", project="P001", channel="JT2024", amount="8")
    other = village.sign("SF")
    assert [each.code for check in verify(new, against=[other]) for each in check.findings] == ["checkpoint-shorter"]
    new.close()


def test_no_change_of_a_byte_comes_through_unseen(village: Any, tmp_path: Path) -> None:
    """Refused, or another root, which a checkpoint that was kept outside tells."""
    books = tmp_path / "copy"
    shutil.copytree(village.workspace.books, books)
    files = sorted(path for path in books.rglob("*") if path.is_file() and path.name != "office.pub")
    chance = random.Random(20240501)
    for each in range(60):
        path = files[each % len(files)]
        before = path.read_bytes()
        place = chance.randrange(len(before))
        path.write_bytes(before[:place] + bytes([before[place] ^ (1 << chance.randrange(8))]) + before[place + 1 :])
        with pytest.raises(BooksUnfit):
            rebuild(books, tmp_path / "new", effects=EFFECTS)
        path.write_bytes(before)
    assert rebuild(books, tmp_path / "new", effects=EFFECTS).right


def test_a_forger_who_makes_every_hash_anew_gets_another_root(village: Any, tmp_path: Path) -> None:
    """The books of a record in which one figure was another from the beginning are whole, and have other roots."""
    import json
    import re

    path = village.workspace.books / "SF" / "register.beancount"
    text = path.read_text(encoding="utf-8")
    [row] = village.sql("SELECT position, leaf, leaf_hash FROM log_leaf WHERE log = 'SF' AND leaf LIKE '%\"0.01\"%'")
    forged = log.leaf("SF", row[0], "budget-line", json.loads(row[1])["data"] | {"planned": "0.02"})
    hashed = merkle.leaf(forged.encode()).hex()
    path.write_text(text.replace('planned: "0.01"', 'planned: "0.02"').replace(row[2], hashed), encoding="utf-8")
    head = path.with_name("main.beancount")
    head.write_text(re.sub(r"7\.01 JT2024\.B", "7.02 JT2024.B", head.read_text(encoding="utf-8")), encoding="utf-8")
    # The office's log remembers a checkpoint, so it is seen even without one from outside.
    made = again(village, tmp_path / "new", notes=[], answer=Answer("li", "zhao", "x"))
    assert not made.right
    assert {each.code for check in made.checks for each in check.findings} == {"checkpoint-forked"}
    assert not (tmp_path / "new").exists()
