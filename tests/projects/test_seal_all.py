"""Many drafts sealed in one go: the same as one by one, byte for byte, and a refusal stops what comes after it."""

from __future__ import annotations

import pytest

from ledger.errors import BelowFloor, DraftUnknown, OwnDraft, RoleMissing
from ledger.verify import verify

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
plan project=P001 channel=ZC2024 amount=650000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-02-01
receive project=P001 channel=ZC2024 amount=500 cash party=张三 person date=2024-02-01
contract contract=P001C01 parts=JT2024=300000 party=施工单位 date=2024-02-15
certify contract=P001C01 amount=300000 date=2024-03-25
pay contract=P001C01 amount=50000 date=2024-03-28
accept project=P001 quantity=3.5 observe=paved-road=5/5 date=2024-03-30
allot project=P002 channel=WS2024 amount=5 date=2024-04-01
"""


def drafted(clerk) -> list[str]:
    return [clerk.try_draft(line)["draft"] for line in STORY.strip().splitlines()]


def books(clerk) -> dict[str, bytes]:
    folder = clerk.workspace.books
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_all_in_one_go_are_the_same_as_one_by_one(new_clerk):
    with new_clerk() as one, new_clerk() as other:
        each = [one.at("li").seal(label) for label in drafted(one)]
        together, stopped = other.at("li").seal_all(drafted(other))
        assert stopped is None
        assert together == each
        marks = {"work_dirty"}
        assert {t: r for t, r in one.dump().items() if t not in marks} == {
            t: r for t, r in other.dump().items() if t not in marks
        }
        assert books(one) == books(other)
        assert [finding for check in verify(other.workspace) for finding in check.findings] == []


def test_the_first_that_is_refused_stops_the_rest_and_what_is_before_it_stays(clerk):
    labels = drafted(clerk)
    # Without the receipts the payment has no cash; what was sealed before it stands.
    chosen = [labels[number] for number in (0, 4, 5, 6, 8)]
    done, stopped = clerk.at("li").seal_all(chosen)
    assert [each["draft"] for each in done] == chosen[:3]
    assert stopped is not None
    assert (stopped[0], type(stopped[1])) == (chosen[3], BelowFloor)
    assert clerk.sql("SELECT count(*) FROM voucher") == [(3,)]
    assert [f"D{number}" for (number,) in clerk.sql("SELECT id FROM work_draft ORDER BY id")] == [
        label for label in labels if label not in chosen[:3]
    ]


@pytest.mark.parametrize("user, kind", [("zhang", OwnDraft), ("zhao", RoleMissing)])
def test_who_may_not_seal_one_may_not_seal_all(clerk, unchanged, user, kind):
    labels = drafted(clerk)
    with unchanged():
        done, stopped = clerk.at(user).seal_all(labels)
    assert (done, type(stopped[1])) == ([], kind)


def test_a_draft_named_twice_is_sealed_once(clerk):
    [label, *_] = drafted(clerk)
    done, stopped = clerk.at("li").seal_all([label, label])
    assert len(done) == 1
    assert isinstance(stopped[1], DraftUnknown)


def test_under_a_key_all_are_sealed_once(clerk):
    labels = drafted(clerk)
    first, _ = clerk.at("li").seal_all(labels[:3], key="k")
    again, stopped = clerk.at("li").seal_all(labels, key="k")
    assert stopped is None
    assert again[:3] == first
    assert clerk.sql("SELECT count(*) FROM voucher") == [(len(labels),)]
