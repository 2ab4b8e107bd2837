"""Notes and cosignatures against what C2SP's documents and other implementations publish, and against forgeries."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import cosigning, signing, witness
from ledger.cosigning import Witness
from ledger.errors import NoteUnfit, WitnessMemory
from ledger.signing import Checkpoint, Note, Signer

# The example of Go's sumdb/note, which every implementation of signed notes repeats.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_PRIVATE = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
NEUMANN_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""

# The example of C2SP's tlog-cosignature; its keys are not published.
BEHIND = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""

# The requests of torchwood's own tests of its witness, signed by a Sigsum log.
SIGSUM = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
SIGSUM_KEY = "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"
ADD_1 = f"""old 0

{SIGSUM}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— {SIGSUM} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=
"""
ADD_3 = f"""old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{SIGSUM}
3
RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

— {SIGSUM} UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=
"""
ADD_5 = f"""old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=
KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{SIGSUM}
5
QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=

— {SIGSUM} UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=
"""


def key(seed: int, name: str) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


@pytest.fixture
def note() -> Note:
    return signing.read_note(key(1, "earmark/test").sign(Checkpoint("earmark/test/SF", 7, bytes(range(32)))))


# What others publish.


def test_the_example_of_gos_notes_is_read_verified_and_signed_again_byte_for_byte():
    verifier = signing.read_verifier(NEUMANN)
    note = signing.read_note(NEUMANN_NOTE)
    assert verifier.signed(note)
    assert note.whole() == NEUMANN_NOTE
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(NEUMANN_PRIVATE)[1:])
    signer = Signer("PeterNeumann", private)
    assert signer.verifier.text() == NEUMANN
    assert signer.sign_text(note.text).whole() == NEUMANN_NOTE


def test_the_example_of_tlog_cosignature_is_framed_as_the_document_says():
    note = signing.read_note(BEHIND)
    assert note.whole() == BEHIND
    log, cosignature = note.lines
    assert (log.name, len(log.signature)) == ("example.com/behind-the-sofa", 64)
    assert (cosignature.name, cosignature.hint.hex()) == ("witness.example.com/w1", "8d66cf3f")
    assert (len(cosignature.signature), int.from_bytes(cosignature.signature[:8], "big")) == (72, 1679315147)
    assert signing.read_checkpoint(note.text).size == 20852163
    # "time 1679315147" and the note's text, as the document's example of the signed message has it.
    assert cosigning.message(note.text, 1679315147) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_a_published_witness_key_of_type_4_is_read_and_others_are_refused():
    text = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
    assert cosigning.read_witness(text).text() == text
    for wrong in (NEUMANN, text.replace("da77", "da78"), "a+b", "rekor.sigstore.dev+12345678+AwEB", ""):
        with pytest.raises(NoteUnfit):
            cosigning.read_witness(wrong)
    with pytest.raises(NoteUnfit):
        signing.read_verifier(text)


def test_the_requests_of_another_witness_s_tests_get_the_answers_that_it_gives(tmp_path, clock):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    office = signing.Verifier(SIGSUM, Ed25519PublicKey.from_public_bytes(bytes.fromhex(SIGSUM_KEY)))
    witness.add(tmp_path, office.text())
    us = key(2, "witness.example/w1")
    for request, size in ((ADD_1, 1), (ADD_5, 5)):
        asked = witness.read_asked(request)
        assert asked.text() == request
        cosigned = witness.sign(tmp_path, us, asked, clock())
        assert cosigning.witness_of(us).seen_at(cosigned) == int(clock().timestamp())
        assert witness.seen(tmp_path, SIGSUM).checkpoint.size == size
    # The one that lost the race: three leaves after five.
    with pytest.raises(Exception, match="shrunk"):
        witness.sign(tmp_path, us, witness.read_asked(ADD_3), clock())
    assert witness.seen(tmp_path, SIGSUM).checkpoint.size == 5


def test_a_cosignature_is_what_the_document_says_byte_by_byte(note):
    us = key(2, "county.example/finance")
    line = cosigning.cosign(us, note, 1700000000).lines[-1]
    message = b"cosignature/v1\ntime 1700000000\n" + note.text.encode()
    assert line.signature[:8] == (1700000000).to_bytes(8, "big")
    us.private.public_key().verify(line.signature[8:], message)
    assert line.text().startswith("— county.example/finance ")


# Forgeries, and lines that are none of ours.


def test_a_cosignature_holds_for_its_text_its_time_and_its_key_only(note):
    us = key(2, "county.example/finance")
    ours, cosigned = cosigning.witness_of(us), cosigning.cosign(us, note, 1700000000)
    assert ours.seen_at(cosigned) == 1700000000
    raw = base64.b64decode(cosigned.lines[-1].text().split()[2])
    for at in range(4, len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        line = signing.Line(us.name, changed[:4], changed[4:])
        with pytest.raises(NoteUnfit):
            ours.seen_at(Note(note.text, (note.lines[0], line)))
    with pytest.raises(NoteUnfit):
        ours.seen_at(Note(note.text.replace("\n7\n", "\n8\n"), cosigned.lines))
    forged = Witness(us.name, key(3, us.name).private.public_key())
    assert forged.seen_at(cosigned) is None, "another key of the same name is another key"


def test_an_earlier_time_cannot_be_played_onto_a_later_signature(note):
    us = key(2, "county.example/finance")
    line = cosigning.cosign(us, note, 1700000000).lines[-1]
    for time in (1600000000, 1800000000, 2**63 - 1, 2**64 - 1):
        replayed = signing.Line(line.name, line.hint, time.to_bytes(8, "big") + line.signature[8:])
        with pytest.raises(NoteUnfit):
            cosigning.witness_of(us).seen_at(Note(note.text, (replayed,)))


def test_a_checkpoints_signature_is_no_cosignature_and_the_reverse(note):
    office = key(1, "earmark/test")
    both = cosigning.cosign(office, note, 1700000000)
    assert [len(line.signature) for line in both.lines] == [64, 72]
    assert office.verifier.open(both.whole()).size == 7
    assert cosigning.witness_of(office).seen_at(note) is None
    assert not office.verifier.signed(Note(note.text, both.lines[1:]))


def test_unknown_keys_are_ignored_even_with_a_known_name_or_a_known_id(note):
    us = key(2, "county.example/finance")
    cosigned = cosigning.cosign(us, note, 1700000000)
    ours = cosigning.witness_of(us)
    strangers = [signing.Line(us.name, b"\0\0\0\0", bytes(72)), signing.Line("x", ours.hint, bytes(72))]
    strangers += [signing.Line(f"stranger/{number}", b"abcd", bytes(64)) for number in range(20)]
    crowded = Note(note.text, (*strangers, *cosigned.lines))
    again = signing.read_note(crowded.whole())
    assert again == crowded
    assert ours.seen_at(again) == 1700000000
    assert key(1, "earmark/test").verifier.open(again.whole()).size == 7
    kept = cosigning.only(again, [ours])
    assert all(len(line.signature) == 64 or line.hint == ours.hint for line in kept.lines)


def test_a_note_with_one_false_line_by_a_known_key_is_refused_whole(note):
    office = key(1, "earmark/test").verifier
    false = signing.Line(office.name, office.hint, bytes(64))
    for lines in ((false, *note.lines), (*note.lines, false)):
        with pytest.raises(NoteUnfit):
            office.open(Note(note.text, lines).whole())


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n— name AAAA\n",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\n\n— name AAAAAAAA",
        "text\n\n— name AAAAAAAA\n\n",
        "te\tt\n\n— name AAAAAAAA\n",
        "te\rt\n\n— name AAAAAAAA\n",
        "text\n\n— name AAA*AAAA\n",
        "text\n\n— name AAAAAAAA\nmore\n",
        "x" * signing.LONGEST_NOTE + "\n\n— name AAAAAAAA\n",
    ],
    ids=lambda text: repr(text)[:30],
)
def test_what_does_not_have_the_form_of_a_note_is_refused(wrong):
    with pytest.raises(NoteUnfit):
        signing.read_note(wrong)


def test_the_text_ends_at_the_last_empty_line():
    note = signing.read_note("one\n\ntwo\n\n— name AAAAAAAA\n")
    assert note.text == "one\n\ntwo\n"


@pytest.mark.parametrize(
    "wrong",
    [
        ADD_3.replace("old 1", "old 01"),
        ADD_3.replace("old 1", "old -1"),
        ADD_3.replace("old 1", "old 1 2"),
        ADD_3.replace("KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "KgEA"),
        ADD_3.replace(
            "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 63
        ),
        ADD_3.partition("\n\n")[0],
    ],
    ids=["a leading zero", "a negative size", "two sizes", "a short hash", "64 hashes", "no checkpoint"],
)
def test_what_is_no_request_is_refused(wrong):
    with pytest.raises(NoteUnfit):
        witness.read_asked(wrong)


def test_a_memory_that_cannot_be_read_is_never_taken_for_an_empty_one(tmp_path, clock):
    path = tmp_path / "witnesses" / "seen" / "earmark%2Ftest%2FSF.txt"
    path.parent.mkdir(parents=True)
    for content in (b"", b"\xff", NEUMANN_NOTE.encode(), BEHIND.encode()):
        path.write_bytes(content)
        with pytest.raises(WitnessMemory):
            witness.seen(tmp_path, "earmark/test/SF")
