"""Checkpoints: signed, kept outside, and the witness against an old copy or a rewritten record."""

from __future__ import annotations

import base64
import hashlib
import shutil
from dataclasses import replace

import pytest

from ledger import checkpoints, keyring, log, merkle, signing
from ledger.errors import KeyLocked, KeyMissing, KeyThere, NoteUnfit, VoucherUnknown
from ledger.signing import Checkpoint, Counts, Signer
from ledger.store.workspace import open_workspace
from ledger.verify import verify

SEED = bytes(range(32))
STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-02-01
"""


@pytest.fixture
def signer(tmp_path) -> Signer:
    return signing.make_key(tmp_path, "earmark/test", "a passphrase", seed=SEED)


@pytest.fixture
def office(clerk):
    """A village whose office has a key and has signed every log once."""
    clerk.play(STORY)
    clerk.make_key()
    return clerk


def codes(clerk, **options):
    return [finding.code for check in verify(clerk.workspace, **options) for finding in check.findings]


def test_a_note_has_the_form_of_c2sp(signer):
    note = signer.sign(Checkpoint("earmark/test/SF", 7, bytes(32)))
    body, signature = note.split("\n\n")
    assert body == "earmark/test/SF\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    dash, name, encoded = signature.rstrip("\n").split(" ")
    raw = base64.b64decode(encoded)
    public = signer.verifier.public.public_bytes_raw()
    assert (dash, name, len(raw)) == ("—", "earmark/test", 4 + 64)
    assert raw[:4] == hashlib.sha256(b"earmark/test\n\x01" + public).digest()[:4]
    signer.verifier.public.verify(raw[4:], (body + "\n").encode())


def test_a_public_key_is_read_from_its_text_and_a_changed_one_is_refused(signer):
    text = signer.verifier.text()
    assert signing.read_verifier(text).text() == text
    for wrong in ("", "x+y", text[:-4] + "AAAA", text.replace("test", "best"), "a+b+c+d"):
        with pytest.raises(NoteUnfit):
            signing.read_verifier(wrong)


def test_every_changed_character_of_a_note_is_refused(signer):
    note = signer.sign(Checkpoint("earmark/test/SF", 7, bytes(range(32))))
    assert signer.verifier.open(note).size == 7
    for at in range(len(note) - 1):
        changed = note[:at] + ("x" if note[at] != "x" else "y") + note[at + 1 :]
        with pytest.raises(NoteUnfit):
            signer.verifier.open(changed)


def test_a_note_may_carry_other_signatures_beside_ours(signer):
    note = signer.sign(Checkpoint("earmark/test/SF", 7, bytes(32)))
    assert signer.verifier.open(note + "— somebody/else AAAAAAAA\n").size == 7


def test_a_key_opens_with_its_passphrase_only_and_is_made_once(signer, tmp_path):
    assert signing.load_key(tmp_path, "a passphrase").verifier.text() == signer.verifier.text()
    assert (tmp_path / "office.key").stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in (tmp_path / "office.key").read_bytes()
    with pytest.raises(KeyLocked):
        signing.load_key(tmp_path, "another passphrase")
    with pytest.raises(KeyThere):
        signing.make_key(tmp_path, "earmark/test", "a passphrase")
    with pytest.raises(KeyMissing):
        signing.load_key(tmp_path / "nowhere", "a passphrase")


def test_what_was_signed_is_remembered_and_verified(office):
    note = office.sign("SF")
    office.sign(log.OFFICE)
    assert codes(office, against=[note]) == []
    [check] = [each for each in verify(office.workspace, against=[note]) if each.name == "checkpoints"]
    assert check.covered == 4, "two checkpoints, the one from outside, and the key"


def test_an_old_copy_put_back_is_seen_by_a_note_that_was_kept_outside(office, tmp_path):
    copy = tmp_path / "old"
    shutil.copytree(office.workspace.path, copy)
    open_workspace(copy).close()  # a database is copied when its folder is opened
    office.do("receive", project="P001", channel="JT2024", amount="1", date="2024-02-02")
    note = office.sign("SF")
    old = open_workspace(copy)
    assert [f.code for each in verify(old) for f in each.findings] == []
    assert [f.code for each in verify(old, against=[note]) for f in each.findings] == ["checkpoint-shorter"]
    old.close()


def test_a_record_that_was_rewritten_with_right_hashes_is_a_fork(office):
    note = office.sign("SF")
    [(position, leaf)] = office.sql(
        "SELECT position, leaf FROM log_leaf WHERE log = 'SF' ORDER BY position DESC LIMIT 1"
    )
    leaf = leaf.replace("500000.00", "500001.00")
    office.tamper(
        f"UPDATE log_leaf SET leaf = '{leaf}', leaf_hash = '{log.leaf_hash(leaf)}' "
        f"WHERE log = 'SF' AND position = {position}"
    )
    assert "checkpoint-forked" in codes(office, against=[note])


def test_a_checkpoint_of_a_book_says_how_many_vouchers_and_lines_there_are_and_a_false_number_is_found(office):
    note = office.sign("SF")
    [(vouchers, lines)] = office.sql(
        "SELECT count(CASE kind WHEN 'voucher' THEN 1 END), count(CASE kind WHEN 'budget-line' THEN 1 END) "
        "FROM log_leaf WHERE log = 'SF'"
    )
    assert note.split("\n")[3] == f"vouchers={vouchers} budget-lines={lines}"
    assert (vouchers > 1, lines > 1) == (True, True)
    assert note.split("\n")[4] == "", "one line more, as tlog-checkpoint allows"
    assert len(office.sign("office").split("\n\n")[0].split("\n")) == 3
    right = office.signer.verifier.open(note)
    assert codes(office, against=[note]) == []
    office.do("receive", project="P001", channel="JT2024", amount="1", date="2024-02-02")
    assert codes(office, against=[note]) == [], "what was sealed later is not counted"
    for counts in (Counts(vouchers - 1, lines), Counts(vouchers, lines + 1)):
        false = office.signer.sign(replace(right, counts=counts))
        assert codes(office, against=[false]) == ["checkpoint-miscounted"]
    assert codes(office, against=[office.signer.sign(replace(right, counts=None))]) == [], "of an earlier version"


@pytest.mark.parametrize(
    "line",
    ["vouchers=2", "vouchers=02 budget-lines=1", "vouchers=2 budget-lines=1 ", "x", "vouchers=２ budget-lines=1"],
)
def test_a_line_that_nobody_understands_is_not_signed_over(signer, line):
    text = Checkpoint("earmark/test/SF", 7, bytes(32)).text() + f"{line}\n"
    with pytest.raises(NoteUnfit):
        signer.verifier.open(signer.sign_text(text).whole())
    twice = Checkpoint("earmark/test/SF", 7, bytes(32), Counts(2, 1)).text() + "vouchers=2 budget-lines=1\n"
    assert signing.read_checkpoint(twice) is None


def test_a_note_of_another_office_or_by_another_key_is_no_witness(office, tmp_path):
    other = signing.make_key(tmp_path, office.workspace.settings.office, "a passphrase", seed=SEED)
    forged = other.sign(Checkpoint(checkpoints.origin(other.name, "SF"), 1, bytes(32)))
    assert codes(office, against=[forged]) == ["checkpoint-signature"]
    stranger = office.signer.sign(Checkpoint("somebody/else/SF", 1, bytes(32)))
    assert codes(office, against=[stranger]) == ["checkpoint-unknown"]
    (office.workspace.path / "office.pub").unlink()
    assert codes(office, against=[stranger]) == ["public-key"]


def test_a_proof_of_a_voucher_is_checked_by_rfc_9162_alone(office):
    with office.workspace.read() as connection:
        proof = checkpoints.prove(connection, "SF", "V2024-02-0001")
    leaf = hashlib.sha256(b"\x00" + proof["leaf"].encode()).digest()
    assert leaf.hex() == proof["leaf_hash"]
    path = [bytes.fromhex(each) for each in proof["path"]]
    assert merkle.check_inclusion(leaf, proof["position"], proof["size"], path, bytes.fromhex(proof["root"]))
    with office.workspace.read() as connection, pytest.raises(VoucherUnknown):
        checkpoints.prove(connection, "SF", "2024-02-0099")


def test_growth_since_a_checkpoint_is_proved(office):
    note = office.sign("SF")
    office.do("receive", project="P001", channel="JT2024", amount="1", date="2024-02-02")
    with office.workspace.read() as connection:
        proof = checkpoints.prove_since(connection, keyring.load(connection, office.workspace.path), note)
    assert proof["size"] == proof["from_size"] + 1
    path = [bytes.fromhex(each) for each in proof["path"]]
    tops = bytes.fromhex(proof["from_root"]), bytes.fromhex(proof["root"])
    assert merkle.check_consistency(proof["from_size"], proof["size"], path, *tops)


def test_every_registration_is_a_leaf(office):
    kinds = {"/".join(row) for row in office.sql("SELECT DISTINCT log, kind FROM log_leaf")}
    assert kinds >= {
        "office/user",
        "office/role",
        "office/village",
        "office/channel",
        "office/good",
        "office/book",
        "SF/bank",
        "SF/bank-channel",
        "SF/project",
        "SF/budget-line",
        "SF/voucher",
    }
