"""What is told of a project at the desk: by the same rules as the command line, once, and taken back with a reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from desks import desk, enter, post, token
from flask import Flask
from markupsafe import escape

from ledger import facts, messages
from ledger.errors import Refusal
from ledger.verify import verify
from projects.telling import TELL, tell
from projects.web import forms, instead

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MEETING = {"project": "P001", "step": "propose", "due": "12", "present": "11", "ayes": "10", "date": "2024-03-01"}
BOUGHT = {"contract": "P001C01", "method": "inquiry", "winner": "甲公司", "price": "30万元", "number": "采〔2024〕1号"}


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "li"))


def send(client: Any, verb: str, typed: dict[str, str], *papers: tuple[bytes, str], key: str = "1") -> Any:
    return post(client, f"/desk/SF/tell/{verb}", typed, *papers, key=key)


def told(clerk: Any, kind: str) -> list[Any]:
    with clerk.workspace.read() as connection:
        return facts.facts(connection, "SF", kind)


@pytest.mark.parametrize("lang", messages.LANGS)
def test_each_telling_has_a_form_in_words(app: Flask, lang: str) -> None:
    zhang = enter(app, "zhang")
    zhang.post("/language", data={"csrf_token": zhang.token, "lang": lang})
    listed = zhang.get("/desk/SF/record").text
    assert "--" not in re.sub("<[^>]*>", "", listed)
    for verb in forms.tellings():
        assert f'href="/desk/SF/tell/{verb}"' in listed
        page = zhang.get(f"/desk/SF/tell/{verb}?project=P001")
        assert page.status_code == 200
        kind = forms.need_told(verb)
        for name in {*kind.model_fields} - {"party", "person", "serial", "documents", "village"}:
            assert f'name="{name}"' in page.text, (verb, name)
        labels = re.findall(r"<label for=[^>]*>([^<]*)", page.text)
        assert all(labels)
        if lang == "zh":
            assert not [each for each in labels if not re.search(r"[\u4e00-\u9fff]", each)], verb
        for options in re.findall(r"<select.*?</select>", page.text, re.DOTALL):
            names = [name for name in re.findall(r"<option[^>]*>([^<]*)", options) if name]
            assert lang == "en" or all(re.search(r"[\u4e00-\u9fff]", each) for each in names), names


def test_what_is_told_elsewhere_has_no_form_here(app: Flask) -> None:
    elsewhere = {*TELL} - {*forms.tellings()}
    assert elsewhere == {"put-up", "take-down"}
    zhang = enter(app, "zhang")
    assert {zhang.get(f"/desk/SF/tell/{verb}").status_code for verb in [*elsewhere, "pay", "x"]} == {403}


def test_a_meeting_is_told_once_with_its_minutes_and_passes_its_gate(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    file = "/desk/SF/projects/P001"
    assert "tell/deliberate?project=P001&amp;step=propose" in zhang.get(file).text
    assert {send(zhang, "deliberate", MEETING, (PDF, "会议记录.pdf")).status_code for _ in range(3)} == {303}
    [fact] = told(clerk, "deliberation")
    assert (fact.subject, fact.on, fact.by, fact.data["present"]) == ("P001", "2024-03-01", "zhang", 11)
    page = zhang.get(file).text
    assert "step=propose" not in page
    assert all(each in page for each in (f'id="{fact.label}"', "党组织提议", "应到", "四议两公开"))
    [paper] = re.findall(r'href="([^"]+/papers/[^"]+)"', li.get(file).text)
    handed = li.get(paper)
    assert handed.data == PDF
    assert "sandbox" in handed.headers["Content-Security-Policy"]
    assert li.get(paper.replace(fact.label, "F1")).status_code == 422  # that is no fact
    assert [each for each in verify(clerk.workspace) if each.findings] == []


def test_a_refusal_is_the_one_of_the_command_line_and_nothing_typed_is_lost(
    app: Flask, clerk: Any, tmp_path: Path
) -> None:
    zhang, minutes = enter(app, "zhang"), tmp_path / "记录.pdf"
    minutes.write_bytes(PDF)
    late = MEETING | {"step": "resolve", "topic": "修路"}
    with pytest.raises(Refusal) as caught:
        tell(clerk.at("zhang"), "deliberate", late, papers=[minutes])
    refused = send(zhang, "deliberate", late, (PDF, "记录.pdf"))
    assert refused.status_code == 422
    assert str(escape(instead.explain(caught.value, "zh"))) in refused.text
    assert all(each in refused.text for each in ("修路", "记录.pdf", '<option value="resolve" selected>'))
    unread = send(zhang, "deliberate", MEETING | {"present": "十一"}, key="2").text
    assert re.search(r'id="f-present"[^>]*aria-invalid="true"', unread)
    assert send(zhang, "inspect", {"project": "P001"}, key="3").status_code == 422
    assert told(clerk, "deliberation") == []


def test_a_wrong_telling_is_taken_back_with_a_reason_and_stays_to_be_seen(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    send(zhang, "deliberate", MEETING, (PDF, "会议记录.pdf"))
    [fact] = told(clerk, "deliberation")
    back = f"/desk/SF/facts/{fact.label}/withdraw"
    file = "/desk/SF/projects/P001"
    form = {"csrf_token": zhang.token, "key": token(zhang.get(file), "key")}
    assert li.post(back, data=form | {"csrf_token": li.token, "reason": "x"}).status_code == 403
    assert zhang.post(back, data=form | {"reason": " "}).status_code == 422
    assert {zhang.post(back, data=form | {"reason": "日期写错"}).status_code for _ in range(2)} == {303}
    assert told(clerk, "deliberation") == []
    page = zhang.get(file).text
    assert "（已撤回）" in page
    assert back not in page
    send(zhang, "deliberate", MEETING, (PDF, "会议记录.pdf"), key="5")
    assert len(told(clerk, "deliberation")) == 1
    assert [each for each in verify(clerk.workspace) if each.findings] == []


def test_a_role_that_is_taken_back_meanwhile_takes_nothing_back(
    app: Flask, clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    send(zhang, "deliberate", MEETING, (PDF, "会议记录.pdf"))
    [fact] = told(clerk, "deliberation")
    monkeypatch.setattr(
        "projects.web.access.need_right", lambda *_: {"maker"}
    )  # li was one when the page was asked for
    form = {"csrf_token": li.token, "key": "9" * 32, "reason": "x"}
    assert li.post(f"/desk/SF/facts/{fact.label}/withdraw", data=form).status_code == 403
    assert told(clerk, "deliberation") == [fact]


def test_only_what_is_told_here_is_taken_back_or_handed_out_here(app: Flask, clerk: Any, tmp_path: Path) -> None:
    zhang = enter(app, "zhang")
    photo = tmp_path / "photo.pdf"
    photo.write_bytes(PDF)
    up = {"project": "P001", "stage": "before", "date": "2024-03-01", "places": ["村公示栏"]}
    made = tell(clerk.at("zhang"), "put-up", up, papers=[photo])
    where = f"/desk/SF/facts/{made['fact']}"
    assert (
        zhang.post(f"{where}/withdraw", data={"csrf_token": zhang.token, "key": "7" * 32, "reason": "x"}).status_code
        == 404
    )
    [(sha256, suffix, _)] = told(clerk, "notice-up")[0].documents
    assert zhang.get(f"{where}/papers/{sha256}{suffix}").status_code == 404
    assert len(told(clerk, "notice-up")) == 1


def test_how_a_contract_was_bought_is_told_before_it_is_made(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    bought = BOUGHT | {"date": "2024-03-01", "tenderers": "3", "start": "2024-03-10"}
    assert send(zhang, "procurement", bought | {"method": "guess"}).status_code == 422
    answer = send(zhang, "procurement", bought, (PDF, "成交通知书.pdf"))
    assert answer.status_code == 303
    assert "/projects/P001#" in answer.location
    [fact] = told(clerk, "procurement")
    assert fact.data == {
        "method": "inquiry",
        "winner": "甲公司",
        "price": "300000.00",
        "document-number": "采〔2024〕1号",
        "tenderers": 3,
        "start": "2024-03-10",
    }
    noted = bought | {"contract": "P001C03", "note": "两家放弃", "party": "x", "by": "li", "papers-of": "x"}
    assert send(zhang, "procurement", noted, key="3").status_code == 303
    assert told(clerk, "procurement")[-1].data == fact.data | {"note": "两家放弃"}
    page = zhang.get("/desk/SF/projects/P001").text
    assert all(each in page for each in ("询价", "甲公司", "P001C01", "300,000.00"))
    person = bought | {"winner": "王小明", "person": "1", "contract": "P001C02"}
    assert send(zhang, "procurement", person, key="2").status_code == 303
    assert "王小明" not in zhang.get("/desk/SF/projects/P001").text


@pytest.mark.parametrize("name", ["li"])
def test_who_does_not_record_sees_what_was_told_and_no_form(app: Flask, name: str) -> None:
    client = enter(app, name)
    page = client.get("/desk/SF/projects/P001").text
    assert "/tell/" not in page
    assert "登记的事项" in page
    assert {client.get(f"/desk/SF/tell/{verb}").status_code for verb in forms.tellings()} == {403}


def test_the_village_is_told_at_the_desk_and_shown_as_it_is_today(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    village, day = "/desk/SF/village", {"date": "2024-03-01"}
    assert all(each in li.get(village).text for each in ("还没有登记", "还没有登记村民组"))
    assert village in li.get("/desk/SF/projects").text
    counted = {"households": "30", "persons": "120", "poor_households": "3", "poor_persons": "9"}
    # Whatever village a form names, it is the book's own of which is told.
    for key, name in enumerate(("上坝组", "下坝组"), 1):
        told_it = send(zhang, "hamlet", day | counted | {"hamlet": name, "village": "V99"}, key=str(key))
        assert (told_it.status_code, told_it.location.partition("#")[0]) == (303, village)
    wrong = send(zhang, "hamlet", day | counted | {"hamlet": "新组", "persons": "3"}, key="3")
    assert re.search(r'id="f-persons"[^>]*aria-invalid="true"', wrong.text)
    short = send(zhang, "division", day | {"division": "5301"}, key="4")
    assert re.search(r'id="f-division"[^>]*aria-invalid="true"', short.text)
    assert send(zhang, "division", day | {"division": "530123102203", "postcode": "650000"}, key="4").status_code == 303
    assert '<option value="上坝组">' in zhang.get("/desk/SF/tell/merge-hamlet").text
    assert send(zhang, "merge-hamlet", day | {"hamlet": "上坝组", "into": "下坝组"}, key="5").status_code == 303
    page = li.get(village).text
    assert all(each in page for each in ("530123102203", '<td class="right">240</td>', "<td>上坝组</td>", "合组"))
    assert "/tell/" not in page
    [merger] = told(clerk, "hamlet-merger")
    form = {"csrf_token": zhang.token, "key": "6" * 32, "reason": "没有合"}
    back = zhang.post(f"/desk/SF/facts/{merger.label}/withdraw", data=form)
    assert (back.status_code, back.location.partition("#")[0]) == (303, village)
    assert told(clerk, "hamlet-merger") == []
    assert [each for each in verify(clerk.workspace) if each.findings] == []


def test_a_document_of_a_project_is_told_with_its_file_and_a_bank_statement_is_none(
    app: Flask, clerk: Any, tmp_path: Path
) -> None:
    zhang = enter(app, "zhang")
    study = {"project": "P001", "type": "feasibilityStudy", "title": "可研", "says": "路线可行", "date": "2024-03-01"}
    assert send(zhang, "document", study, (PDF, "可研报告.pdf")).status_code == 303
    [fact] = told(clerk, "statement")
    assert (fact.subject, len(fact.documents)) == ("P001", 1)
    page = zhang.get("/desk/SF/projects/P001").text
    assert all(each in page for each in ("文件说明", "可行性研究报告", "路线可行"))
    [paper] = re.findall(r'href="([^"]+/papers/[^"]+)"', page)
    assert zhang.get(paper).data == PDF
    at_bank = tmp_path / "对账单.pdf"
    at_bank.write_bytes(PDF)
    with clerk.workspace.write(book="SF") as unit:
        papers = clerk.at("zhang").papers([at_bank])
        said = {"on": unit.now.date(), "by": "zhang", "data": {"period": "2024-02"}, "documents": papers}
        other = facts.record(unit, "SF", "statement", "P001", **said)
        unit.commit()
    where = f"/desk/SF/facts/{other.label}"
    form = {"csrf_token": zhang.token, "key": "7" * 32, "reason": "x"}
    assert zhang.post(f"{where}/withdraw", data=form).status_code == 404
    assert zhang.get(paper.replace(fact.label, other.label)).status_code == 404
    assert zhang.get("/desk/SF/projects/P001").text.count("文件说明</td>") == 1
