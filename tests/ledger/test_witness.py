"""Two offices: one asks, the other checks, remembers and cosigns; a fork, a lost memory and a forgery are seen."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from ledger import checkpoints, cosigned, cosigning, keyring, log, merkle, signing, witness
from ledger.books.write import settle
from ledger.errors import ForkSeen, NoteUnfit, Unknown, WitnessMemory, WitnessUnfit
from ledger.signing import Checkpoint, Note
from ledger.verify import verify
from ledger.witness import Asked

OPENS = "a passphrase"
STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-02-01
"""


@pytest.fixture
def office(clerk):
    """A village whose office has a key."""
    clerk.begin(STORY)
    clerk.make_key(logged=True)
    return clerk


class County:
    """A witness with a folder of its own."""

    def __init__(self, folder, name, office=None):
        folder.mkdir()
        self.folder, self.signer = folder, signing.make_key(folder, name, OPENS)
        self.witness = cosigning.witness_of(self.signer)
        if office is not None:
            witness.add(folder, office.signer.verifier.text())
            witness.add(office.workspace.path, self.witness.text())

    def sign(self, asked, now):
        return witness.sign(self.folder, self.signer, asked, now)


@pytest.fixture
def county(office, tmp_path):
    return County(tmp_path / "county", "county.example/finance", office)


def grow(office, day="2024-02-02"):
    office.do("receive", project="P001", channel="JT2024", amount="1", date=day)


def ask(office, county, of="SF", since=None):
    with office.workspace.read() as connection:
        return cosigned.ask(connection, of, county.witness, since=since)


def accept(office, note):
    with office.workspace.write() as unit:
        result = cosigned.accept(unit, office.workspace, note.whole(), user="zhao")
        unit.commit()
    return result


def found(office, **options):
    settle(office.workspace)
    checks = verify(office.workspace, **options)
    return (
        [finding.code for check in checks for finding in check.findings],
        [(notice.code, notice.facts) for check in checks for notice in check.notices],
    )


def fork(office, size, salt=0):
    """Return a checkpoint of another history of the log SF, signed by the office, and its leaves."""
    hashes = [merkle.leaf(f"{salt} {number}".encode()) for number in range(size)]
    note = office.signer.sign(Checkpoint(checkpoints.origin(office.signer.name, "SF"), size, merkle.root(hashes)))
    return signing.read_note(note), hashes


# The way there and back.


def test_a_log_is_witnessed_as_it_grows_and_verification_says_by_how_many(office, county, clock):
    for day in ("2024-02-02", "2024-02-03"):
        office.sign()
        note = county.sign(ask(office, county), clock())
        of, _, names = accept(office, note)
        assert (of, [each.name for each in names]) == ("SF", ["county.example/finance"])
        codes, notices = found(office, against=[note.whole()])
        assert codes == []
        size = int(note.text.split("\n")[1])
        assert notices == [("witnesses", {"log": "SF", "size": size, "count": 1, "names": "county.example/finance"})]
        grow(office, day)
    assert ask(office, county).old == size, "the next request starts where the witness stopped"
    office.sign()
    assert found(office)[1][0][1]["count"] == 0, "nobody has cosigned the newest yet"


def test_the_same_checkpoint_is_cosigned_again_with_the_time_of_now(office, county, clock):
    office.sign()
    asked = ask(office, county)
    first = county.sign(asked, clock())
    again = county.sign(asked, clock() + timedelta(hours=1))
    assert county.witness.seen_at(again) == county.witness.seen_at(first) + 3600
    assert len(again.lines) == 2
    accept(office, first)
    accept(office, again)
    assert found(office)[1][0][1]["count"] == 1, "one witness that speaks twice is one witness"


def test_two_witnesses_count_as_two_and_the_log_of_the_office_is_witnessed_too(office, county, clock, tmp_path):
    other = County(tmp_path / "city", "city.example/audit", office)
    for of in ("SF", log.OFFICE):
        office.sign(of)
        for each in (county, other):
            accept(office, each.sign(ask(office, each, of), clock()))
    codes, notices = found(office)
    assert codes == []
    assert [(facts["log"], facts["count"]) for _, facts in notices] == [("SF", 2), ("office", 2)]


def test_a_key_that_was_rotated_is_entered_by_hand_and_witnessing_goes_on(office, county, clock):
    office.sign()
    accept(office, county.sign(ask(office, county), clock()))
    new = keyring.rotate(office.workspace, passphrase=office.passphrase, new_passphrase=OPENS * 2, user="li")
    office.signer = signing.load_key(office.workspace.path, OPENS * 2)
    grow(office)
    office.sign()
    with pytest.raises(NoteUnfit):
        county.sign(ask(office, county), clock())
    witness.add(county.folder, new.text())
    accept(office, county.sign(ask(office, county), clock()))
    assert found(office)[0] == []


# What a witness refuses.


def refused(county, asked, clock, kind, about):
    before = {path: path.read_bytes() for path in (county.folder / "witnesses" / "seen").glob("*")}
    with pytest.raises(kind) as refusal:
        county.sign(asked, clock())
    assert refusal.value.facts.get("about") == about
    assert {path: path.read_bytes() for path in (county.folder / "witnesses" / "seen").glob("*")} == before
    return refusal.value.facts


def test_another_history_of_the_same_size_is_refused_and_both_are_kept(office, county, clock):
    office.sign()
    asked = ask(office, county)
    mine = county.sign(asked, clock())
    size = int(asked.note.text.split("\n")[1])
    other, hashes = fork(office, size)
    facts = refused(county, Asked(size, (), other), clock, ForkSeen, "forked")
    assert facts["shown"] == merkle.root(hashes).hex()
    assert facts["known"] == signing.read_checkpoint(mine.text).root.hex()
    kept = facts["evidence"]
    assert (kept / "cosigned.txt").read_text(encoding="utf-8") == mine.whole()
    assert (kept / "shown.txt").read_text(encoding="utf-8") == other.whole()
    # Whoever has the two notes and the public key has the proof.
    for name in ("cosigned.txt", "shown.txt"):
        assert office.signer.verifier.open((kept / name).read_text(encoding="utf-8")).size == size


def test_a_longer_history_that_does_not_follow_is_refused(office, county, clock):
    office.sign()
    asked = ask(office, county)
    county.sign(asked, clock())
    size = int(asked.note.text.split("\n")[1])
    other, hashes = fork(office, size + 5)
    proof = tuple(merkle.consistency(hashes, size))
    refused(county, Asked(size, proof, other), clock, ForkSeen, "unproved")
    refused(county, Asked(size, (), other), clock, ForkSeen, "unproved")


def test_a_log_that_shrank_is_refused(office, county, clock):
    small = signing.read_note(office.sign())
    grow(office)
    office.sign()
    county.sign(ask(office, county), clock())
    refused(county, Asked(0, (), small), clock, ForkSeen, "shrunk")


def test_a_fork_shown_to_two_witnesses_is_seen_by_either_and_by_verify(office, county, clock, tmp_path):
    other = County(tmp_path / "city", "city.example/audit", office)
    office.sign()
    asked = ask(office, county)
    one = county.sign(asked, clock())
    two = other.sign(Asked(0, (), fork(office, int(asked.note.text.split("\n")[1]))[0]), clock())
    refused(county, Asked(0, (), two), clock, ForkSeen, "forked")
    refused(other, Asked(0, (), one), clock, ForkSeen, "forked")
    assert found(office, against=[one.whole(), two.whole()])[0] == ["checkpoint-forked"]
    with pytest.raises(NoteUnfit) as refusal:
        accept(office, two)
    assert refusal.value.facts["about"] == "forked"


def test_a_memory_put_back_from_an_old_copy_is_noticed_and_mended_by_our_own_word(office, county, clock, tmp_path):
    office.sign()
    accept(office, county.sign(ask(office, county), clock()))
    shutil.copytree(county.folder / "witnesses", tmp_path / "old")
    grow(office)
    office.sign()
    newest = county.sign(ask(office, county), clock())
    accept(office, newest)
    shutil.rmtree(county.folder / "witnesses")
    shutil.copytree(tmp_path / "old", county.folder / "witnesses")
    grow(office, "2024-02-03")
    office.sign()
    asked = ask(office, county)
    refused(county, asked, clock, WitnessMemory, "behind")
    with pytest.raises(WitnessUnfit):
        witness.remember(county.folder, county.witness, asked.note.whole())
    witness.remember(county.folder, county.witness, newest.whole())
    accept(office, county.sign(asked, clock()))
    with pytest.raises(WitnessMemory):
        witness.remember(county.folder, county.witness, newest.whole())
    assert found(office)[0] == []


def test_our_own_word_for_another_history_is_evidence_and_not_taken_into_memory(office, county, clock):
    office.sign()
    asked = ask(office, county)
    county.sign(asked, clock())
    other, _ = fork(office, int(asked.note.text.split("\n")[1]))
    ours = cosigning.cosign(county.signer, other, int(clock().timestamp()))
    with pytest.raises(ForkSeen):
        witness.remember(county.folder, county.witness, ours.whole())


def test_a_request_from_an_earlier_size_says_which_one_to_start_from(office, county, clock):
    office.sign()
    county.sign(ask(office, county), clock())  # and the answer was lost on the way
    grow(office)
    office.sign()
    facts = refused(county, ask(office, county), clock, WitnessMemory, "ahead")
    accept(office, county.sign(ask(office, county, since=facts["known"]), clock()))


def test_strangers_forgeries_and_clocks_that_go_back_are_refused(office, county, clock, tmp_path):
    office.sign()
    asked = ask(office, county)
    stranger = County(tmp_path / "stranger", "somebody/else")
    elsewhere = signing.read_note(stranger.signer.sign(Checkpoint("somebody/else/SF", 1, bytes(32))))
    refused(county, Asked(0, (), elsewhere), clock, WitnessUnfit, "office")
    # Signed by a stranger in the office's name, and by the office in a stranger's.
    posing = signing.Signer(office.signer.name, stranger.signer.private)
    forged = signing.read_note(posing.sign(Checkpoint(f"{office.signer.name}/SF", 9, bytes(32))))
    refused(county, Asked(0, (), forged), clock, NoteUnfit, None)
    beyond = signing.read_note(office.signer.sign(Checkpoint("somebody/else/SF", 9, bytes(32))))
    refused(county, Asked(0, (), beyond), clock, WitnessUnfit, "office")
    county.sign(asked, clock())
    clock.set("2025-12-30")
    refused(county, asked, clock, WitnessUnfit, "clock")


@pytest.mark.parametrize(
    "old, proof", [(99, 0), (0, 1), (9, 1)], ids=["old above size", "proof from 0", "proof to itself"]
)
def test_a_request_that_contradicts_itself_is_refused(office, county, clock, old, proof):
    note, _ = fork(office, 9)
    refused(county, Asked(old, (bytes(32),) * proof, note), clock, NoteUnfit, "request")


def test_an_empty_log_has_the_root_of_nothing(office, county, clock):
    def empty(root):
        return signing.read_note(office.signer.sign(Checkpoint(f"{office.signer.name}/EMPTY", 0, root)))

    refused(county, Asked(0, (), empty(bytes(32))), clock, NoteUnfit, "request")
    county.sign(Asked(0, (), empty(merkle.EMPTY)), clock())


# What an office refuses.


def refused_here(office, note, kind, about):
    before = office.dump()
    with office.workspace.write() as unit, pytest.raises(kind) as refusal:
        cosigned.accept(unit, office.workspace, note.whole(), user="zhao")
    assert refusal.value.facts.get("about") == about
    assert office.dump() == before


def test_a_cosignature_that_is_forged_unknown_or_known_already_is_refused(office, county, clock, tmp_path):
    note = signing.read_note(office.sign())
    refused_here(office, note, WitnessUnfit, "nobody")
    stranger = County(tmp_path / "stranger", "stranger.example")
    refused_here(office, cosigning.cosign(stranger.signer, note, 1), WitnessUnfit, "nobody")
    posing = signing.Signer(county.signer.name, stranger.signer.private)
    refused_here(office, cosigning.cosign(posing, note, 1), WitnessUnfit, "nobody")
    false = signing.Line(county.witness.name, county.witness.hint, bytes(72))
    refused_here(office, Note(note.text, (*note.lines, false)), NoteUnfit, "cosignature")
    late = cosigning.cosign(county.signer, note, int((clock() + timedelta(days=2)).timestamp()))
    refused_here(office, late, WitnessUnfit, "future")
    good = county.sign(ask(office, county), clock())
    accept(office, good)
    refused_here(office, good, WitnessUnfit, "replayed")
    older = cosigning.cosign(county.signer, note, int(clock().timestamp()) - 1)
    refused_here(office, older, WitnessUnfit, "replayed")


def test_lines_of_unknown_witnesses_are_not_kept(office, county, clock, tmp_path):
    office.sign()
    good = county.sign(ask(office, county), clock())
    stranger = County(tmp_path / "stranger", "stranger.example")
    crowded = cosigning.cosign(stranger.signer, good, 1)
    _, kept, _ = accept(office, crowded)
    assert [line.name for line in kept.lines] == [office.signer.name, county.witness.name]


def test_a_log_without_a_checkpoint_and_a_size_that_never_was_are_refused(office, county):
    with pytest.raises(Unknown):
        ask(office, county)
    office.sign()
    with pytest.raises(NoteUnfit):
        ask(office, county, since=10_000)


# What verify finds.


def test_a_cosignature_that_was_changed_in_the_record_is_found(office, county, clock):
    office.sign()
    accept(office, county.sign(ask(office, county), clock()))
    [(_, data)] = _leaves(office)
    for changed in (
        {"time": data["time"] + 1},
        {"size": 1},
        {"log": "office"},
        {"note": "x"},
        {"witness": "x"},
        {"root": ""},
    ):
        with office.workspace.write() as unit:
            log.append(unit, log.OFFICE, "witness", data | changed)
            unit.commit()
    assert found(office)[0] == ["cosignature"] * 6


def _leaves(office):
    with office.workspace.read() as connection:
        return list(log.deeds(connection, cosigned.KIND))


def test_a_witness_that_is_not_known_any_more_does_not_count(office, county, clock, tmp_path):
    other = County(tmp_path / "city", "city.example/audit", office)
    office.sign()
    for each in (county, other):
        accept(office, each.sign(ask(office, each), clock()))
    path = office.workspace.path / "witnesses" / "witnesses.txt"
    path.write_text(other.witness.text() + "\n", encoding="utf-8")
    codes, notices = found(office)
    assert codes == []
    assert [code for code, _ in notices] == ["witness-unknown", "witnesses"]
    assert notices[1][1]["count"] == 1
    path.write_text("nonsense\n", encoding="utf-8")
    assert found(office)[0] == ["witnesses-file"]


def test_a_forged_cosignature_on_a_note_from_outside_is_found(office, county, clock):
    note = signing.read_note(office.sign())
    false = signing.Line(county.witness.name, county.witness.hint, bytes(72))
    assert found(office, against=[Note(note.text, (*note.lines, false)).whole()])[0] == ["cosignature-outside"]
    unknown = signing.Line("stranger.example", b"abcd", bytes(72))
    assert found(office, against=[Note(note.text, (*note.lines, unknown)).whole()])[0] == []


# Kills and races.

KILL = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from ledger import signing, witness
folder, moment = Path(sys.argv[1]), sys.argv[2]
write = witness._write
def watched(path, content):
    if moment == "before": os.kill(os.getpid(), signal.SIGKILL)
    write(path, content)
    os.kill(os.getpid(), signal.SIGKILL)
witness._write = watched
signer = signing.load_key(folder, "a passphrase")
asked = witness.read_asked(Path(sys.argv[3]).read_text(encoding="utf-8"))
witness.sign(folder, signer, asked, datetime.fromisoformat(sys.argv[4]))
"""


@pytest.mark.parametrize("moment, size", [("before", None), ("after", 2)])
def test_what_was_signed_is_remembered_before_anybody_gets_it(office, county, clock, tmp_path, moment, size):
    office.sign()
    asked = ask(office, county)
    request = tmp_path / "request.txt"
    request.write_text(asked.text(), encoding="utf-8")
    command = [sys.executable, "-c", KILL, str(county.folder), moment, str(request), clock().isoformat()]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    origin = asked.note.text.split("\n")[0]
    assert (witness.seen(county.folder, origin) is None) is (size is None)
    accept(office, county.sign(asked, clock()))


def _race(folder, request, now, answers):
    try:
        signer = signing.load_key(folder, OPENS)
        answers.put(witness.sign(folder, signer, witness.read_asked(request), now).whole())
    except ForkSeen:
        answers.put("")


def test_of_two_histories_shown_at_once_one_is_cosigned(office, county, clock):
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    requests = [Asked(0, (), fork(office, 9, salt)[0]).text() for salt in (1, 2)] * 2
    racers = [context.Process(target=_race, args=(county.folder, each, clock(), answers)) for each in requests]
    for each in racers:
        each.start()
    given = [answers.get(timeout=60) for _ in racers]
    for each in racers:
        each.join()
    roots = {note.split("\n")[2] for note in given if note}
    assert len(roots) == 1
    assert given.count("") == 2
