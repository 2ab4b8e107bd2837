"""The office's keys through time: every change is signed by those who have to, and none can be played elsewhere."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys

import pytest

from ledger import checkpoints, keyring, log, merkle, signing
from ledger.books.write import settle
from ledger.errors import KeyLocked, KeyNotCurrent, NoteUnfit, OnePerson, RoleMissing, TextMissing
from ledger.signing import Checkpoint, Note
from ledger.store.workspace import open_workspace
from ledger.verify import verify

OLD, NEW = "the old passphrase", "the new passphrase"
STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-02-01
"""


@pytest.fixture
def office(clerk):
    """A village whose office has made a key and logged it."""
    clerk.begin(STORY)
    clerk.signer = signing.make_key(clerk.workspace.path, clerk.workspace.settings.office, OLD)
    with clerk.workspace.write() as unit:
        keyring.log_made(unit, clerk.signer)
        unit.commit()
    return clerk


def sign(office, passphrase, of="SF"):
    signer = signing.load_key(office.workspace.path, passphrase)
    with office.workspace.write() as unit:
        note = checkpoints.sign(unit, signer, of, user="zhao")
        unit.commit()
    return note


def rotate(office, old=OLD, new=NEW, user="li"):
    return keyring.rotate(office.workspace, passphrase=old, new_passphrase=new, user=user)


def codes(office, **options):
    settle(office.workspace)
    return [finding.code for check in verify(office.workspace, **options) for finding in check.findings]


def notices(office):
    return [(notice.code, notice.facts) for check in verify(office.workspace) for notice in check.notices]


def change(office) -> dict:
    [leaf] = office.sql("SELECT leaf FROM log_leaf WHERE kind = 'key' ORDER BY position DESC LIMIT 1")
    return json.loads(leaf[0])["data"]


def forge(office, data) -> None:
    """Append a change of the key as it stands, as an intruder who can write to the record would."""
    with office.workspace.write() as unit:
        log.append(unit, log.OFFICE, "key", data)
        unit.commit()


# Rotation.


def test_a_rotation_is_one_leaf_signed_by_both_keys_over_one_text(office):
    old = office.signer.verifier
    new = rotate(office)
    data = change(office)
    note = signing.read_note(data["note"])
    assert [line.hint for line in note.lines] == [old.hint, new.hint]
    assert old.signed(note)
    assert new.signed(note)
    assert note.text == keyring.statement(data)
    assert note.text.splitlines()[:5] == ["earmark/key/v1", "rotated", old.name, new.text(), old.text()]
    assert codes(office) == []


def test_notes_of_each_time_verify_under_the_key_of_their_time(office):
    before = sign(office, OLD)
    rotate(office)
    office.do("receive", project="P001", channel="JT2024", amount="1", date="2024-02-02")
    after = sign(office, NEW)
    assert codes(office, against=[before, after]) == []
    with office.workspace.read() as connection:
        ring = keyring.load(connection, office.workspace.path)
        assert checkpoints.prove_since(connection, ring, before)["from_size"] < len(list(log.hashes(connection, "SF")))
    assert [each.act for each in ring.held] == ["made", "rotated"]


def test_the_new_passphrase_opens_the_new_key_and_the_old_one_nothing(office):
    new = rotate(office)
    assert signing.load_key(office.workspace.path, NEW).verifier.text() == new.text()
    assert signing.load_verifier(office.workspace.path).text() == new.text()
    with pytest.raises(KeyLocked):
        signing.load_key(office.workspace.path, OLD)
    assert not list(office.workspace.path.glob("*.new"))


@pytest.mark.parametrize(
    "old, user, refusal",
    [("a wrong passphrase", "li", KeyLocked), (OLD, "zhang", RoleMissing)],
    ids=["locked", "maker"],
)
def test_a_rotation_that_is_refused_changes_nothing(office, unchanged, old, user, refusal):
    before = (office.workspace.path / "office.key").read_bytes()
    with unchanged(), pytest.raises(refusal):
        rotate(office, old=old, user=user)
    assert (office.workspace.path / "office.key").read_bytes() == before
    assert not list(office.workspace.path.glob("*.new"))


def test_a_checkpoint_that_the_old_key_signs_after_the_rotation_is_found(office):
    rotate(office)
    with office.workspace.write() as unit:
        checkpoints.sign(unit, office.signer, "SF", user="zhao")
        unit.commit()
    assert codes(office) == ["checkpoint-key"]


def test_a_note_from_outside_by_the_old_key_has_to_be_of_its_time(office):
    rotate(office)
    with office.workspace.read() as connection:
        hashes = list(log.hashes(connection, "SF"))
        ring = keyring.load(connection, office.workspace.path)
    late = office.signer.sign(
        Checkpoint(checkpoints.origin(office.signer.name, "SF"), len(hashes), merkle.root(hashes))
    )
    assert ring.open(late)[1].act == "made"
    assert codes(office, against=[late]) == ["checkpoint-key"]


def test_the_old_key_put_back_into_the_folder_cannot_sign_and_is_found(office):
    path = office.workspace.path
    kept = {name: (path / name).read_bytes() for name in ("office.key", "office.pub")}
    rotate(office)
    for name, content in kept.items():
        (path / name).write_bytes(content)
    signer = signing.load_key(path, OLD)
    with office.workspace.read() as connection, pytest.raises(KeyNotCurrent):
        keyring.need_current(connection, path, signer)
    with pytest.raises(KeyNotCurrent):
        rotate(office)
    assert codes(office) == ["public-key-differs"]


def test_a_workspace_whose_first_key_is_no_leaf_stays_valid_and_can_be_rotated(clerk):
    clerk.begin(STORY)
    signer = signing.make_key(clerk.workspace.path, clerk.workspace.settings.office, OLD)
    # As the first release signed: a checkpoint, and no leaf of the key.
    with clerk.workspace.write() as unit:
        hashes = list(log.hashes(unit.connection, "SF"))
        checkpoint = Checkpoint(checkpoints.origin(signer.name, "SF"), len(hashes), merkle.root(hashes))
        data = {"log": "SF", "size": len(hashes), "root": checkpoint.root.hex(), "note": signer.sign(checkpoint)}
        log.append(unit, log.OFFICE, "checkpoint", data | {"user": "zhao"})
        unit.commit()
    clerk.signer = signer
    assert codes(clerk) == []
    first = sign(clerk, OLD)
    assert clerk.sql("SELECT count(*) FROM log_leaf WHERE kind = 'key'") == [(0,)]
    rotate(clerk)
    sign(clerk, NEW)
    assert codes(clerk, against=[first]) == []


def test_the_first_checkpoint_logs_a_key_that_was_not_logged(clerk):
    clerk.begin(STORY)
    signing.make_key(clerk.workspace.path, clerk.workspace.settings.office, OLD)
    sign(clerk, OLD)
    assert change(clerk)["act"] == "made"
    assert codes(clerk) == []


# Hostile changes.


def test_a_rotation_of_another_office_cannot_be_played_here(office, new_clerk):
    with new_clerk() as other:
        other.begin(STORY)
        signer = signing.make_key(other.workspace.path, "somebody/else", OLD)
        with other.workspace.write() as unit:
            keyring.log_made(unit, signer)
            unit.commit()
        keyring.rotate(other.workspace, passphrase=OLD, new_passphrase=NEW, user="li")
        stolen = change(other)
    forge(office, stolen)
    assert "office-key" in codes(office)


def test_a_rotation_played_twice_is_found(office):
    rotate(office)
    forge(office, change(office))
    assert "office-key" in codes(office)


def test_a_rotation_back_to_an_older_key_by_its_old_statement_is_found(office):
    first = change(office)
    rotate(office)
    forge(office, first)
    assert "office-key" in codes(office)


@pytest.mark.parametrize("missing", [0, 1], ids=["the old key's signature", "the new key's signature"])
def test_a_rotation_that_one_key_did_not_sign_is_found(office, missing):
    rotate(office)
    data = change(office)
    note = signing.read_note(data["note"])
    alone = Note(note.text, tuple(line for at, line in enumerate(note.lines) if at != missing)).whole()
    leaf = office.sql("SELECT position FROM log_leaf WHERE kind = 'key' ORDER BY position DESC LIMIT 1")[0][0]
    content = log.leaf(log.OFFICE, leaf, "key", data | {"note": alone})
    office.tamper(
        f"UPDATE log_leaf SET leaf = '{content}', leaf_hash = '{log.leaf_hash(content)}' "
        f"WHERE log = 'office' AND position = {leaf}"
    )
    assert "office-key" in codes(office)


@pytest.mark.parametrize(
    "changed",
    [
        {"users": ["zhao"]},
        {"reason": "other"},
        {"act": "replaced"},
        {"act": "made"},
        {"act": "nonsense"},
        {"size": 1},
        {"root": "AAAA"},
        {"office": "somebody/else"},
        {"old": ""},
        {"vkey": "x"},
        {"note": "x"},
        {"note": None},
        {"users": None},
    ],
    ids=repr,
)
def test_every_fact_of_a_change_is_held_by_its_signatures(office, changed):
    rotate(office)
    data = change(office) | changed
    position = office.sql("SELECT max(position) FROM log_leaf WHERE kind = 'key'")[0][0]
    content = log.leaf(log.OFFICE, position, "key", data).replace("'", "''")
    hashed = log.leaf_hash(content.replace("''", "'"))
    office.tamper(
        f"UPDATE log_leaf SET leaf = '{content}', leaf_hash = '{hashed}' WHERE log = 'office' AND position = {position}"
    )
    assert "office-key" in codes(office)


def test_a_key_exchanged_in_the_folder_is_found(office):
    path = office.workspace.path
    for name in ("office.key", "office.pub"):
        (path / name).unlink()
    signing.make_key(path, office.workspace.settings.office, "an intruder's")
    assert codes(office) == ["public-key-differs"]
    (path / "office.pub").write_bytes(b"\xff\xfe")
    assert "public-key-differs" in codes(office)


# A lost key.


def test_a_lost_key_is_replaced_by_two_people_and_verification_says_so(office):
    before = sign(office, OLD)
    (office.workspace.path / "office.key").unlink()
    new = keyring.replace_lost(office.workspace, new_passphrase=NEW, users=["li", "zhao"], reason="口令遗忘")
    sign(office, NEW)
    assert codes(office, against=[before]) == []
    hint = new.hint.hex()
    facts = {"at": "2025-12-31T09:00:00+08:00", "users": "li, zhao", "reason": "口令遗忘", "hint": hint}
    assert notices(office) == [("key-replaced", facts)]
    note = signing.read_note(change(office)["note"])
    assert [line.hint for line in note.lines] == [new.hint]


@pytest.mark.parametrize(
    "users, reason, refusal",
    [
        (["li", "li"], "x", OnePerson),
        (["li", "zhang"], "x", RoleMissing),
        (["zhang", "li"], "x", RoleMissing),
        (["li", "zhao"], "", TextMissing),
    ],
    ids=["one person twice", "a maker second", "a maker first", "no reason"],
)
def test_a_replacement_that_is_refused_changes_nothing(office, unchanged, users, reason, refusal):
    before = (office.workspace.path / "office.key").read_bytes()
    with unchanged(), pytest.raises(refusal):
        keyring.replace_lost(office.workspace, new_passphrase=NEW, users=users, reason=reason)
    assert (office.workspace.path / "office.key").read_bytes() == before
    assert not list(office.workspace.path.glob("*.new"))


# A process that dies between the steps.

RUN = """
import os, signal, sys
from pathlib import Path
from ledger import keyring, signing
from ledger.store.workspace import Unit, open_workspace
act, moment = sys.argv[2], int(sys.argv[3])
steps = 0
def die(step):
    global steps
    steps += 1
    if steps == moment: os.kill(os.getpid(), signal.SIGKILL)
def watched(function):
    def called(*args, **named):
        die(function.__name__)
        result = function(*args, **named)
        die(function.__name__)
        return result
    return called
signing._write_new = watched(signing._write_new)
signing.sync_folder = watched(signing.sync_folder)
Unit.commit = watched(Unit.commit)
workspace = open_workspace(Path(sys.argv[1]))
if act == "rotate":
    keyring.rotate(workspace, passphrase=sys.argv[4], new_passphrase=sys.argv[5], user="li")
else:
    keyring.replace_lost(workspace, new_passphrase=sys.argv[5], users=["li", "zhao"], reason="x")
workspace.close()
print(steps)
"""
STEPS = 12
"""Two files, their folder, the commit, two renames; before and after each."""


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.parametrize("act", ["rotate", "replace"])
def test_a_kill_between_any_two_steps_leaves_one_key_that_signs(office, tmp_path, act):
    office.workspace.close()
    start = office.workspace.path
    seen = set()
    for moment in range(1, STEPS + 2):
        path = tmp_path / f"{moment}"
        shutil.copytree(start, path)
        done = subprocess.run(
            [sys.executable, "-c", RUN, str(path), act, str(moment), OLD, NEW],
            check=False,
            capture_output=True,
            text=True,
        )
        if moment > STEPS:
            assert (done.returncode, done.stdout) == (0, f"{STEPS}\n"), done.stderr
        else:
            assert done.returncode == -signal.SIGKILL, done.stderr
        office.workspace = open_workspace(path, clock=office.clock, salts=lambda: bytes(16))
        assert codes(office) == [], moment
        keyring.finish(office.workspace)
        opened = []
        for passphrase in (OLD, NEW):
            try:
                sign(office, passphrase)
            except KeyLocked:
                continue
            opened.append(passphrase)
        assert len(opened) == 1, moment
        assert codes(office) == [], moment
        # And what was interrupted can be done again.
        rotate(office, old=opened[0], new="a third passphrase")
        sign(office, "a third passphrase")
        assert codes(office) == [], moment
        assert not list(path.glob("*.new"))
        office.workspace.close()
        seen.add(opened[0])
    assert seen == {OLD, NEW}


def test_a_note_by_no_key_of_the_office_is_refused(office):
    stranger = signing.make_key(office.workspace.path.parent, "somebody/else", OLD)
    with office.workspace.read() as connection, pytest.raises(NoteUnfit):
        keyring.load(connection, office.workspace.path).open(
            stranger.sign(Checkpoint("somebody/else/SF", 1, bytes(32)))
        )
