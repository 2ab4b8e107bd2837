"""The desk says no word that is typed at a terminal: where a shared sentence has one, it names the page, form or field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from desks import RECEIPT, desk, enter

from ledger import messages
from ledger.errors import Names, Phrase, Phrases
from ledger.messages import Lang
from projects.cli.commands import build
from projects.errors import EntryLacks, ReasonMissing
from projects.events.verbs import PROPOSE
from projects.web import forms, instead

PACKAGES = ("ledger", "importers", "projects")
SAID = ("refusal", "warning", "lacks", "late", "entry", "amiss", "reconcile", "web")
"""What the desk's pages say of these catalogues; helps, printouts and working papers are the terminal's."""
SPAN = re.compile("`([^`]*)`")
TYPED = re.compile(r"(?<![\w-])--[a-z][a-z-]+|(?<![\w/])earmark ([a-z][a-z-]*)")


def commands(node: Any, path: str = "") -> dict[str, Any]:
    """The commands of the command line by their words, groups among them."""
    found: dict[str, Any] = {}
    for name, each in (getattr(node, "commands", None) or {}).items():
        found |= {f"{path}{name}": each} | commands(each, f"{path}{name} ")
    return found


COMMANDS = commands(build("zh"))


def typed(text: str) -> list[str]:
    """What of a text is typed at a terminal: options, and the program with one of its commands."""
    return [each[0] for each in TYPED.finditer(text) if not each[1] or each[1] in COMMANDS]


def said(package: str, lang: Lang) -> dict[str, str]:
    """The patterns that the desk may say."""
    whole = messages.catalogue(package, lang)
    return {key: pattern for key, pattern in whole.items() if key.split(".")[0] in SAID}


def at_desk(pattern: str, lang: Lang) -> str:
    """A pattern as the desk says it, its facts left as they are named."""
    return messages.fill(re.sub(r"[{]([^}]*)[}]", r"{{\1}}", pattern), instead.at_desk(lang))


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("lang", messages.LANGS)
def test_the_desk_says_no_option_and_no_command(package: str, lang: Lang) -> None:
    shown = {key: at_desk(pattern, lang) for key, pattern in said(package, lang).items()}
    assert {key: text for key, text in shown.items() if typed(text) or "`" in text} == {}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("lang", messages.LANGS)
def test_the_terminal_shows_what_is_typed_as_it_is_typed(package: str, lang: Lang) -> None:
    for pattern in said(package, lang).values():
        plain = messages.fill(re.sub(r"[{]([^}]*)[}]", r"{{\1}}", pattern))
        assert plain == SPAN.sub(lambda span: span[1].split("|")[0], pattern)


@pytest.mark.parametrize("lang", messages.LANGS)
def test_what_a_message_tells_to_type_is_a_command_that_there_is(lang: Lang) -> None:
    for package in PACKAGES:
        for key, pattern in said(package, lang).items():
            for words in re.findall(r"earmark ((?:[a-z][a-z-]* ?)+)", " ".join(SPAN.findall(pattern))):
                known = [n for n in range(1, 3) if " ".join(words.split()[:n]) in COMMANDS]
                assert known, f"{key}: earmark {words}"


@pytest.mark.parametrize("lang", messages.LANGS)
def test_a_refusal_with_a_place_in_a_form_names_the_field(lang: Lang) -> None:
    """What stands beside a field is read by who fills it in: "the option of the command line" is no help there."""
    nowhere = messages.text("projects", "web.instead.unknown", lang)
    for package in PACKAGES:
        for key, pattern in said(package, lang).items():
            if key.startswith("refusal.") and key.split(".")[1] in forms.places():
                assert nowhere not in at_desk(pattern, lang), key


def test_the_table_names_what_there_is() -> None:
    table = instead.table()
    assert [each for each in [*table["page"], *table["event"]] if each not in COMMANDS] == []
    assert set(table["event"].values()) <= {*PROPOSE, *forms.tellings(), *forms.registrations()}
    options = {name for each in COMMANDS.values() for one in each.params for name in one.opts}
    assert [each for each in table["field"] if f"--{each}" not in options] == []
    for key in [*table["page"].values(), *table["field"].values()]:
        assert messages.has("projects", key, "zh")


@pytest.mark.parametrize(
    ("command", "zh", "en"),
    [
        ("earmark pay {contract}", "“登记业务”的“支付”", '"Disbursement" under "Record"'),
        ("earmark retention release", "“登记业务”的“退质保金”", '"Retention released" under "Record"'),
        ("earmark voucher list", "“凭证”页", 'the page "Vouchers"'),
        ("earmark channel add", "请管理人员代办", "ask the administrator"),
        ("--reason", "“原因”", '"Reason"'),
        ("--force", "命令行的选项", "the option of the command line"),
    ],
)
def test_a_command_is_a_form_or_a_page_and_an_option_a_field(command: str, zh: str, en: str) -> None:
    assert (instead.at_desk("zh")(command), instead.at_desk("en")(command)) == (zh, en)


def test_chinese_words_stand_without_the_blanks_of_what_is_typed() -> None:
    refusal = ReasonMissing(contract="P001C01")
    assert messages.explain(refusal, "zh") == "合同 P001C01 不按比例分摊，须说明理由：请加 --reason。"
    assert instead.explain(refusal, "zh") == "合同 P001C01 不按比例分摊，须说明理由：请填“原因”。"
    assert instead.explain(refusal, "en").endswith('which needs a reason: fill in "Reason".')


def test_what_stands_inside_of_a_sentence_is_said_for_the_desk_as_well() -> None:
    lacks = Phrases([Phrase("projects", "entry.budget", code="P001"), Phrase("projects", "entry.task")])
    refusal = EntryLacks(project="P001", code="P001", lacks=lacks)
    assert typed(messages.explain(refusal, "zh"))
    assert instead.explain(refusal, "zh") == (
        "项目 P001 还不能入库，缺少：资金规模和筹资方式、建设任务。请在“登记业务”的“项目概况”等各项里补充（国开办发〔2018〕10号）。"
    )


def test_what_a_user_wrote_is_left_as_it_is() -> None:
    """Only the catalogue's own words are looked at: a name may have a backtick or look like a command."""
    hostile = Names(["`earmark pay`", "--reason"])
    for lang in messages.LANGS:
        assert "`earmark pay`" in messages.text(
            "projects", "refusal.book-missing", lang, instead.at_desk(lang), books=hostile
        )


def test_a_refused_form_tells_its_field_by_its_name(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = desk(clerk, monkeypatch, ("zhang",))
    zhang = enter(app, "zhang")
    form = {"csrf_token": zhang.token, "key": "b" * 32, "step": "look"} | RECEIPT | {"amount": "999999"}
    page = zhang.post("/desk/SF/record/receive", data=form)
    assert page.status_code == 422
    assert "先登记追加指标（“登记业务”的“指标下达”），或把多收的部分列为暂收款（“超出部分挂暂收”）" in page.text
    assert typed(page.text) == []
