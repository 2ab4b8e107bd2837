"""A command that is sent twice under one key is done once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from ledger.errors import KeyReused, Refusal, TextMissing, TextUnprintable
from ledger.messages import explain

Unchanged = Callable[[], AbstractContextManager[None]]
ALLOT: dict[str, Any] = {"project": "P001", "channel": "JT2024", "amount": "1000"}


def test_the_same_key_and_content_give_the_first_answer_and_one_draft(clerk: Any, unchanged: Unchanged) -> None:
    first = clerk.draft("allot", key="k1", **ALLOT)
    with unchanged():
        assert clerk.draft("allot", key="k1", **ALLOT) == first


def test_without_a_key_a_command_is_done_each_time(clerk: Any) -> None:
    assert [clerk.draft("allot", **ALLOT)["draft"] for _ in range(2)] == ["D1", "D2"]


def test_the_first_answer_is_given_after_the_draft_was_sealed(clerk: Any) -> None:
    first = clerk.draft("allot", key="k1", **ALLOT)
    clerk.seal("D1")
    assert clerk.draft("allot", key="k1", **ALLOT) == first
    assert clerk.sql("SELECT count(*) FROM work_draft") == [(0,)]


def test_a_seal_that_is_sent_twice_seals_once(clerk: Any, unchanged: Unchanged) -> None:
    clerk.draft("allot", **ALLOT)
    first = clerk.at("li").seal("D1", key="s1")
    with unchanged():
        assert clerk.at("li").seal("D1", key="s1") == first
    assert clerk.sql("SELECT count(*) FROM voucher") == [(1,)]


@pytest.mark.parametrize(
    "again",
    [
        {"typed": ALLOT | {"amount": "1000.00"}},
        {"typed": ALLOT | {"date": "2024-03-02"}},
        {"typed": ALLOT | {"note": "改"}},
        {"verb": "plan", "typed": ALLOT | {"channel": "ZC2024"}},
        {"user": "wang", "typed": ALLOT},
    ],
    ids=["another amount", "another day", "another note", "another command", "another user"],
)
def test_a_key_does_not_stand_for_anything_else(again: dict[str, Any], clerk: Any, unchanged: Unchanged) -> None:
    clerk.draft("allot", key="k1", **ALLOT)
    with unchanged(), pytest.raises(KeyReused) as caught:
        clerk.draft(again.get("verb", "allot"), key="k1", user=again.get("user", "zhang"), **again["typed"])
    assert explain(caught.value, "zh") == ("命令键“k1”已用于内容不同的另一条命令：同一键只能重复同一内容，请换一个键。")


def test_a_draft_and_its_seal_do_not_share_a_key(clerk: Any) -> None:
    clerk.draft("allot", key="k1", **ALLOT)
    with pytest.raises(KeyReused):
        clerk.at("li").seal("D1", key="k1")


def test_a_refused_command_does_not_use_its_key(clerk: Any, unchanged: Unchanged) -> None:
    ask = {"contract": "P001C01", "parts": ["JT2024=1000"]}
    with unchanged(), pytest.raises(Refusal):
        clerk.draft("contract", key="k1", **ask)
    clerk.do("allot", **ALLOT)
    assert clerk.draft("contract", key="k1", **ask)["draft"] == "D2"


@pytest.mark.parametrize("key, refusal", [("", TextMissing), ("  ", TextMissing), ("a\nb", TextUnprintable)])
def test_a_key_is_a_word(key: str, refusal: type[Refusal], clerk: Any, unchanged: Unchanged) -> None:
    with unchanged(), pytest.raises(refusal):
        clerk.draft("allot", key=key, **ALLOT)


def test_edits_and_drops_are_done_once_too(clerk: Any, unchanged: Unchanged) -> None:
    clerk.draft("allot", **ALLOT)
    edited = clerk.at("zhang").edit("D1", {"amount": "2"}, key="e1")
    dropped = clerk.at("zhang").drop("D1", key="d1")
    with unchanged():
        assert clerk.at("zhang").edit("D1", {"amount": "2"}, key="e1") == edited
        assert clerk.at("zhang").drop("D1", key="d1") == dropped
