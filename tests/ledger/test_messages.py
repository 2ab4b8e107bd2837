"""The catalogues say the same things in both languages, and every refusal has its sentence."""

from __future__ import annotations

import importlib
import string
from importlib.resources import files

import pytest

import ledger.errors
import projects.errors
from ledger import chart, messages
from ledger.errors import AmountZero, BelowFloor, Refusal

PACKAGES = [
    package for package in ("ledger", "importers", "projects") if files(package).joinpath("locale", "zh.toml").is_file()
]
REFUSING = [
    package for package in PACKAGES if any(key.startswith("refusal.") for key in messages.catalogue(package, "zh"))
]


def _refusals() -> list[type[Refusal]]:
    for package in PACKAGES:
        if files(package).joinpath("errors.py").is_file():
            importlib.import_module(f"{package}.errors")
    found: list[type[Refusal]] = []
    waiting = [Refusal]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.split(".")[0] in PACKAGES:
                found.append(kind)
                waiting.append(kind)
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))


def _placeholders(text: str) -> set[tuple[str, str, str]]:
    return {
        (name, spec or "", conversion or "")
        for _, name, spec, conversion in string.Formatter().parse(text)
        if name is not None
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_both_languages_have_the_same_messages(package: str) -> None:
    assert messages.catalogue(package, "zh").keys() ^ messages.catalogue(package, "en").keys() == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_both_languages_name_the_same_facts_in_the_same_format(package: str) -> None:
    zh, en = messages.catalogue(package, "zh"), messages.catalogue(package, "en")
    differ = {
        key: (_placeholders(zh[key]), _placeholders(en[key]))
        for key in zh.keys() & en.keys()
        if _placeholders(zh[key]) != _placeholders(en[key])
    }
    assert differ == {}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("lang", messages.LANGS)
def test_no_message_is_empty_or_asks_for_a_fact_by_position(package: str, lang: messages.Lang) -> None:
    catalogue = messages.catalogue(package, lang)
    assert [key for key, text in catalogue.items() if not text.strip()] == []
    assert [key for key, text in catalogue.items() if any(not p[0] for p in _placeholders(text))] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_chinese_message_is_chinese_and_an_english_one_is_not(package: str) -> None:
    def han(text: str) -> bool:
        return any("\u4e00" <= character <= "\u9fff" for character in text)

    zh = messages.catalogue(package, "zh")
    assert [key for key in zh if key.startswith("refusal.") and not han(zh[key])] == []


@pytest.mark.parametrize("kind", _refusals(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_refusal_has_its_sentence(kind: type[Refusal]) -> None:
    package = kind.__module__.split(".")[0]
    for lang in messages.LANGS:
        assert messages.has(package, f"refusal.{kind.code}", lang)


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in _refusals()]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("package", REFUSING)
def test_every_sentence_belongs_to_a_refusal_and_narrows_it_by_one_word(package: str) -> None:
    codes = {kind.code for kind in _refusals() if kind.__module__.split(".")[0] == package}
    for key in messages.catalogue(package, "zh"):
        if not key.startswith("refusal."):
            continue
        code, *narrower = key.removeprefix("refusal.").split(".")
        assert code in codes, f"{key}: no refusal of {package} has this code"
        assert len(narrower) <= 1
        assert all(word.isascii() and word.replace("-", "").replace("_", "").isalnum() for word in narrower)


def test_a_narrower_sentence_about_a_floor_is_about_an_account_that_has_one() -> None:
    """Or about an account and the source of the channel that is short in it."""
    roles, sources = chart.load().roles, chart.load().funds
    keys = [key for key in messages.catalogue("ledger", "zh") if key.startswith("refusal.below-floor.")]
    told = [key.rpartition(".")[2].partition("-") for key in keys]
    assert [role for role, _, _ in told if not roles[role].floor] == []
    assert {source for _, _, source in told} - {""} <= sources.keys()


def test_a_refusal_explains_itself_in_both_languages() -> None:
    refusal = AmountZero(text="0")
    assert messages.explain(refusal, "zh") == "金额“0”为零：每个事项都要有金额。"
    assert messages.explain(refusal, "en") == 'The amount "0" is zero: every event moves something.'


def test_a_narrower_sentence_goes_before_the_general_one() -> None:
    facts = {"account": "A", "channel": "JT2024", "have": 0, "need": 150, "short": 150, "project": "P001 路"}
    general = messages.explain(BelowFloor(about="", **facts), "zh")
    narrower = messages.explain(BelowFloor(about="cash", **facts), "zh")
    assert general == "A 的渠道 JT2024 只有 0.00 元，本次 1.50 元，超出 1.50 元：余额不得为负，请核减。"
    assert narrower.startswith("项目 P001 路 的库存现金里，渠道 JT2024 只有 0.00 元")


def test_what_a_user_typed_is_never_read_as_a_format() -> None:
    refusal = AmountZero(text="{text.__class__} {0} {")
    assert "“{text.__class__} {0} {”" in messages.explain(refusal, "zh")


def test_every_refusal_of_the_two_packages_is_counted() -> None:
    found = {kind.__module__ for kind in _refusals()}
    assert {ledger.errors.__name__, projects.errors.__name__} <= found
