"""The form of an event: its order, what is left beside it, what it says while it is filled in."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from desks import RECEIPT, desk, enter
from flask import Flask

from ledger import messages
from ledger.balances import State
from ledger.errors import Refusal
from ledger.money import yuan
from projects.events.verbs import PROPOSE
from projects.registration import REGISTER
from projects.room import Room, rooms
from projects.telling import TELL
from projects.web import forms, instead
from projects.web.known import code_of

ROOT = Path(__file__).parents[2]
FORM = "/desk/SF/record/{}"


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "li"))


def beside(client: Any, verb: str, **typed: str) -> str:
    """What stands beside a form in which this was typed."""
    answer = client.post(f"{FORM.format(verb)}/beside", data={"csrf_token": client.token, "key": "a" * 32} | typed)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def refusal(page: str) -> list[tuple[str, str]]:
    """Beside which field a refusal is to stand, and what it says."""
    return re.findall(r'<p class="refusal" role="alert"(?: data-beside="(\w+)")?>([^<]+)<', page)


def test_every_fact_has_one_place_and_every_place_a_fact() -> None:
    facts = {name for kind, _ in PROPOSE.values() for name in kind.model_fields} - {"documents"}
    places = list(forms.placed())
    assert set(places) == facts
    assert len(places) == len(set(places))


def test_every_event_is_in_one_group_and_says_what_it_is_for(app: Flask) -> None:
    for lang in messages.LANGS:
        verbs = [verb for _, found in forms.events(lang) for verb, _ in found]
        assert sorted(verbs) == sorted(PROPOSE)
        for verb, use in (each for _, found in forms.events(lang) for each in found):
            name = messages.text("projects", f"web.verb.{verb}", lang)
            assert not use.startswith((f"{name}：", f"{name}: "))
            assert "--" not in use
    page = enter(app, "zhang").get("/desk/SF/record").text
    assert "<small>国库或捐赠人直接付给施工单位，不经过专户。</small>" in page
    assert len(re.findall(r'href="/desk/SF/record/[a-z-]+"', page)) == len(PROPOSE)
    assert page.count("<small></small>") == 0
    assert 'href="/desk/SF/record" aria-current="page"' in page
    assert page.count("aria-current") == 1


def test_the_name_of_an_event_is_the_same_where_it_is_recorded_and_where_it_is_listed() -> None:
    """Two words for one thing are two things to who reads them."""
    for verb, event in {
        "bounce": "bounced_disbursement",
        "cancel": "cancellation",
        "cut": "audit_cut",
        "decommit": "decommitment",
        "forfeit": "retention_forfeited",
        "release": "retention_released",
        "spend": "welfare",
        "aid": "household_aid",
        "inkind-lose": "inkind_lost",
        "inkind-receive": "inkind_received",
    }.items():
        assert messages.text("projects", f"web.verb.{verb}", "zh") == messages.text("projects", f"event.{event}", "zh")


def test_every_refusal_with_a_place_is_one_that_there_is() -> None:
    codes = {each.code for each in every(Refusal) if hasattr(each, "code")}
    kinds = [kind for kind, _ in (*REGISTER.values(), *TELL.values())]
    facts = {*forms.placed(), *(name for kind in kinds for name in kind.model_fields)}
    for code, places in forms.places().items():
        assert code.partition(".")[0] in codes
        assert set(places) <= facts


def every(kind: type) -> set[type]:
    return {kind} | {below for each in kind.__subclasses__() for below in every(each)}


@pytest.mark.parametrize("verb", PROPOSE)
def test_what_is_needed_is_asked_for_first_and_nothing_is_left_out(verb: str) -> None:
    kind = PROPOSE[verb][0]
    made = forms.form(verb, {}, "zh")
    asked = [each for _, fields in made.groups for each in fields]
    assert {each.name for each in [*asked, *made.seldom]} == set(kind.model_fields) - {"documents"}
    assert not any(each.needed for each in made.seldom)
    assert made.first == asked[0].name
    assert not made.opened
    for _, fields in made.groups:
        needed = [each.needed for each in fields]
        assert needed == sorted(needed, reverse=True)
    of_groups = [any(each.needed for each in fields) for _, fields in made.groups]
    assert of_groups == sorted(of_groups, reverse=True)


def test_what_is_seldom_told_opens_where_it_holds_something_or_is_refused() -> None:
    assert forms.form("pay", {"bank": "B01"}, "zh").opened
    refused = forms.form("pay", {"contract": "P001C01"}, "zh", refused=("bank", "哪个账户？"))
    assert refused.opened
    assert refused.first == "bank"


def test_a_page_of_a_form_opens_what_is_seldom_told_for_its_refusal(app: Flask) -> None:
    zhang = enter(app, "zhang")
    assert '<details class="more" open>' not in zhang.get(FORM.format("receive")).text
    form = {"csrf_token": zhang.token, "key": "5" * 32, "step": "look"} | RECEIPT
    page = zhang.post(FORM.format("receive"), data=form | {"bank": "B99"})
    assert page.status_code == 422
    assert '<details class="more" open>' in page.text
    assert re.search(r'id="f-bank"[^>]* aria-invalid="true" aria-describedby="e-bank" autofocus', page.text)


@pytest.mark.parametrize(
    "typed, code",
    [
        ("JT2024", "JT2024"),
        ("jt2024", "JT2024"),
        ("JT2024 交通局专项补助", "JT2024"),
        ("交通局专项补助", "JT2024"),
        ("同名", "同名"),
        ("没有", "没有"),
    ],
)
def test_of_what_the_book_has_a_name_means_its_code(typed: str, code: str) -> None:
    choices = [("JT2024", "交通局专项补助"), ("A1", "同名"), ("A2", "同名")]
    assert code_of(typed, choices) == code


def test_a_form_takes_what_it_offers_code_with_name_or_the_name_alone(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    page = zhang.get(FORM.format("receive")).text
    offered = [re.search(rf'<option value="({code} [^"]+)">', page)[1] for code in ("P001", "JT2024")]
    form = {"csrf_token": zhang.token, "step": "keep", **RECEIPT}
    for number, (project, channel) in enumerate((offered, [each.split(" ", 1)[1] for each in offered])):
        kept = zhang.post(
            FORM.format("receive"), data=form | {"key": f"{number:032x}", "project": project, "channel": channel}
        )
        assert kept.status_code == 303, refusal(kept.text)
    with clerk.workspace.read() as connection:
        asked = [each["lines"] for each in State(connection, "SF").drafts]
    assert asked[0] == asked[1]


def test_what_is_left_stands_beside_the_form_now_and_then(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    clerk.do("receive", project="P001", channel="JT2024", amount="500000")
    now = beside(zhang, "receive", project="P001", channel="JT2024")
    assert yuan(380_000_00) not in now
    assert yuan(880_000_00) in now
    assert messages.text("projects", "web.room.then", "zh") not in now
    then = beside(zhang, "receive", **RECEIPT | {"amount": "12000", "date": "2024-03-02"})
    assert yuan(500_000_00) in then
    assert yuan(512_000_00) in then
    assert "壹万贰仟元整" in then
    # The same stands on the page that is asked for without a script.
    looked = zhang.post(
        FORM.format("receive"),
        data={"csrf_token": zhang.token, "key": "5" * 32, "step": "look"}
        | RECEIPT
        | {"amount": "12000", "date": "2024-03-02"},
    )
    tables = re.findall(r'<table class="room.*?</table>', then, re.DOTALL)
    assert len(tables) == 3
    assert re.findall(r'<table class="room.*?</table>', looked.text, re.DOTALL) == tables


LIFE: list[tuple[str, dict[str, Any]]] = [
    ("receive", {"project": "P001", "channel": "JT2024", "amount": "500000"}),
    ("contract", {"contract": "P001C01", "parts": ["JT2024=300000"], "party": "某施工队"}),
    ("advance", {"contract": "P001C01", "amount": "30000"}),
    ("certify", {"contract": "P001C01", "amount": "150000"}),
    ("pay", {"contract": "P001C01", "amount": "40000", "bank": "B01"}),
    ("certify", {"contract": "P001C01", "amount": "50000"}),
    ("purchase", {"project": "P001", "channel": "JT2024", "amount": "300", "party": "五金店"}),
    ("revise-down", {"project": "P001", "channel": "JT2024", "amount": "1000", "number": "2号", "reason": "调减"}),
]


def test_what_is_said_to_be_left_then_is_what_is_left_once_it_was_drafted_and_sealed(clerk: Any) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    desk_ = clerk.at("zhang")
    for verb, asked in LIFE:
        names = {name: text for name, text in asked.items() if isinstance(text, str)}
        with clerk.workspace.read() as connection:
            state = State(connection, "SF")
            foreseen = desk_.foresee(state, verb, asked).proposal
            before = rooms(state, names, foreseen)
        assert before
        assert any(row.now != row.then for room in before for row in room.rows), verb
        label = desk_.record(verb, asked)["draft"]
        assert _now(clerk, names, foreseen) == _then(before), verb
        clerk.at("li").seal(label)
        assert _now(clerk, names, foreseen) == _then(before), verb
    contract = next(room for room in _rooms(clerk, {"contract": "P001C01"}) if room.about == "contract")
    says = {row.figure: row.now for row in contract.rows}
    assert says["contract_amount"] == 300_000_00
    assert says["contract_certified"] == 200_000_00
    assert says["contract_left"] + says["contract_advance"] == 100_000_00
    assert says["contract_paid"] == 200_000_00 - says["contract_retention"] - says["contract_owed"]
    # The refusal of a rule says the same.
    with pytest.raises(Refusal) as over:
        desk_.record("pay", {"contract": "P001C01", "amount": yuan(says["contract_owed"] + 1)})
    assert over.value.facts["owed"] == says["contract_owed"]


def _rooms(clerk: Any, names: dict[str, str], proposal: Any = None) -> list[Room]:
    with clerk.workspace.read() as connection:
        return rooms(State(connection, "SF"), names, proposal)


def _then(found: list[Room]) -> dict[tuple[str, str, str], int | None]:
    return {(room.about, row.figure, row.channel): row.then for room in found for row in room.rows}


def _now(clerk: Any, names: dict[str, str], proposal: Any) -> dict[tuple[str, str, str], int | None]:
    return {
        (room.about, row.figure, row.channel): row.now for room in _rooms(clerk, names, proposal) for row in room.rows
    }


def test_waiting_drafts_count_in_what_is_left_as_they_do_for_the_rules(clerk: Any) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="1000")
    clerk.draft("receive", project="P001", channel="JT2024", amount="1000")
    clerk.draft("purchase", project="P001", channel="JT2024", amount="600", party="五金店")
    found = _rooms(clerk, {"project": "P001", "channel": "JT2024"})
    left = {row.now for room in found for row in room.rows if row.figure == "left"}
    assert left == {400_00}


def test_nothing_is_said_of_what_is_half_typed_until_it_is_sure(app: Flask) -> None:
    zhang = enter(app, "zhang")
    over = RECEIPT | {"amount": "9999999"}
    assert [about for about, _ in refusal(beside(zhang, "receive", **over, typing="amount"))] == ["amount"]
    unread = RECEIPT | {"amount": "1x"}
    assert refusal(beside(zhang, "receive", **unread, typing="amount")) == []
    assert [about for about, _ in refusal(beside(zhang, "receive", **unread))] == ["amount"]
    half = RECEIPT | {"channel": "JT"}
    assert refusal(beside(zhang, "receive", **half, typing="channel")) == []
    assert [about for about, _ in refusal(beside(zhang, "receive", **half))] == ["channel"]
    # What another field says wrong stands whatever is typed here.
    assert [about for about, _ in refusal(beside(zhang, "receive", **RECEIPT | {"date": "x"}, typing="party"))] == [
        "date"
    ]
    # What is not there yet is no mistake.
    nothing = beside(zhang, "receive", project="P001")
    assert refusal(nothing) == []
    assert messages.text("projects", "web.field.amount", "zh") in nothing


def test_a_refusal_beside_the_form_is_the_commands_sentence_with_the_pages_names(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    over = RECEIPT | {"amount": "9999999"}
    [(_, says)] = refusal(beside(zhang, "receive", **over))
    with pytest.raises(Refusal) as refused:
        clerk.at("zhang").record("receive", over)
    assert says == instead.explain(refused.value, "zh").replace('"', "&#34;")


def test_looking_beside_drafts_nothing_and_waits_for_no_writer(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    with clerk.workspace.write(book="SF"):
        assert "伍佰元整" in beside(zhang, "receive", **RECEIPT)
    assert "/drafts/D" not in zhang.get("/desk/SF/drafts").text


def test_a_login_that_is_over_is_said_beside_the_form_and_the_page_stays(app: Flask) -> None:
    client = app.test_client()
    answer = client.post(f"{FORM.format('receive')}/beside", data=RECEIPT, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "Location" not in answer.headers
    assert "<html" not in answer.text
    assert messages.text("projects", "web.session-over", "zh") in answer.text


def test_htmx_is_the_file_that_was_judged(app: Flask) -> None:
    """The decision names version and SHA-256; its settings let it make no code and no style."""
    told = (ROOT / "docs" / "decisions" / "0008-libraries.md").read_text("utf-8")
    held = hashlib.sha256((ROOT / "projects/web/static/htmx.min.js").read_bytes()).hexdigest()
    assert held in told
    page = enter(app, "zhang").get(FORM.format("receive")).text
    for setting in (
        '"allowEval":false',
        '"includeIndicatorStyles":false',
        '"historyEnabled":false',
        '"allowScriptTags":false',
    ):
        assert setting in page
    assert not re.search(r"hx-on|js:|javascript:", page)


def test_files_are_asked_for_once_packed_and_without_a_cookie(app: Flask) -> None:
    zhang = enter(app, "zhang")
    page = zhang.get(FORM.format("receive")).text
    found = re.findall(r'(?:src|href)="(/static/([a-z.]+)\?v=[0-9a-f]{12})"', page)
    assert {name for _, name in found} == {"desk.css", "desk.svg", "htmx.min.js", "form.js"}
    for at, name in found:
        plain = (ROOT / "projects/web/static" / name).read_bytes()
        packed = zhang.get(at, headers={"Accept-Encoding": "gzip, deflate, br"})
        assert gzip.decompress(packed.data) == plain == zhang.get(at).data
        assert len(packed.data) == int(packed.headers["Content-Length"])
        assert packed.headers["Vary"] == "Accept-Encoding"
        assert "immutable" in packed.headers["Cache-Control"]
        assert "Set-Cookie" not in packed.headers
        assert packed.headers["X-Content-Type-Options"] == "nosniff"
        # Under an address that names other content nothing is kept for long.
        assert "immutable" not in zhang.get(at[:-1] + "x").headers["Cache-Control"]
    # Nothing that a person sees is packed: its length would tell of a secret.
    whole = zhang.get(FORM.format("receive"), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in whole.headers
    assert sum(len(zhang.get(at, headers={"Accept-Encoding": "gzip"}).data) for at, _ in found) < 25_000
