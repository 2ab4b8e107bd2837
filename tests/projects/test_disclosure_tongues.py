"""The public pages in three languages: the same figures in each, each leads to the others, nothing simplified is left."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sites import STORY, Page, pages_of

from ledger import messages, register
from projects import registry, tongues
from projects.disclosure.site import publish
from projects.errors import LanguagesUnknown
from projects.tongues import TONGUES, Words, beginning_with, places, read_tongues, traditional

HEAVIEST = 50_000
PLACES = {"zh-Hans": "", "zh-Hant": "zh-Hant/", "en": "en/"}
CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
SHOWN = re.compile(r"-?[\d,]+\.\d\d(?![\d.])|[0-9a-f]{64}|V\d{4}-\d\d-\d{4}|\d{4}-\d\d-\d\d|P\d{3}(?:C\d\d)?")


def figures(page: Page) -> list[str]:
    """What a page says in figures, codes and hashes; amounts in tables, because each language has its ten thousands."""
    cells = " ".join(cell for rows in page.tables.values() for row in rows for cell in row)
    return sorted(SHOWN.findall(cells)) + sorted(set(re.findall(r"[0-9a-f]{64}|V\d{4}-\d\d-\d{4}", page.text)))


def test_every_page_says_the_same_in_three_languages_and_leads_to_the_others(clerk: Any, tmp_path: Path) -> None:
    clerk.play(STORY)
    clerk.make_key()
    note = clerk.sign()
    publish(clerk.workspace, tmp_path)
    pages = pages_of(tmp_path)
    names = [name for name in pages if not name.startswith(("en/", "zh-Hant/"))]
    assert len(pages) == 3 * len(names) == 21
    for name in names:
        found = {tag: pages[f"{place}{name}"] for tag, place in PLACES.items()}
        first = figures(found["zh-Hans"])
        assert len(first) > 1 or name in {"index.html", "costs.html", "projects.html", "search.html"}
        for tag, page in found.items():
            assert figures(page) == first, (name, tag)
            assert ("html", {"lang": tag}) in page.tags
            assert len(page.source.encode()) < HEAVIEST
            assert (note.strip() in page.text) is name.startswith("SF/")
            told = [each for kind, each in page.tags if kind == "link" and each.get("rel") == "alternate"]
            here = tmp_path / PLACES[tag] / name
            assert {each["hreflang"]: (here.parent / str(each["href"])).resolve() for each in told} == {
                **{tag: tmp_path / place / name for tag, place in PLACES.items()},
                "x-default": tmp_path / name,
            }
            links = [each for kind, each in page.tags if kind == "a" and "hreflang" in each]
            assert {each["lang"]: (here.parent / str(each["href"])).resolve() for each in links} == {
                other: tmp_path / place / name for other, place in PLACES.items() if other != tag
            }
            for kind, each in page.tags:
                href = each.get("href") or ""
                if kind in {"a", "link"} and not href.startswith(("tel:", "data:")):
                    assert (here.parent / href).resolve().is_file(), (name, tag, href)
    assert "示範村" in pages["zh-Hant/SF/index.html"].text
    assert "交通部門專項補助" in pages["zh-Hant/SF/P001.html"].tables["本項目各渠道的資金，單位：元"][1]
    assert "宏達路橋" in pages["zh-Hant/SF/P001.html"].text
    assert "本頁由簡體字自動轉換" in pages["zh-Hant/SF/P001.html"].text
    assert not [name for name, page in pages.items() if "轉換" in page.text and "zh-Hant/" not in name]


def test_words_of_the_catalogue_have_no_character_that_is_simplified_only() -> None:
    """Big5 has the characters of old and none of those that were made by simplifying."""
    words = Words("zh-Hant")
    keys = [
        key
        for key in messages.catalogue("projects", "zh")
        if key.startswith(("disclosure.", "event.", "policy.mark.", "type."))
    ]
    assert len(keys) > 150
    left = {}
    for key in keys:
        found = [
            each for each in CHINESE.findall(words.own(messages.catalogue("projects", "zh")[key])) if not big5(each)
        ]
        if found:
            left[key] = found
    assert left == {}


def big5(letter: str) -> bool:
    try:
        return bool(letter.encode("cp950"))
    except UnicodeEncodeError:
        return False


def test_turning_keeps_the_length_so_that_lists_are_cut_in_the_same_places() -> None:
    letters = [chr(code) for code in range(0x3400, 0xA000)]
    assert all(len(traditional(each)) == 1 for each in letters)
    assert traditional("V2024-05-0042 880,000.00 元 １２３４ JT2024") == "V2024-05-0042 880,000.00 元 １２３４ JT2024"


def test_the_language_of_the_office_lies_at_the_top_and_languages_can_be_chosen(clerk: Any, tmp_path: Path) -> None:
    settings = clerk.workspace.settings.model_copy(update={"language": "en"})
    english = replace(clerk.workspace, settings=settings)
    publish(english, tmp_path)
    english.close()
    assert ("html", {"lang": "en"}) in pages_of(tmp_path)["SF/P001.html"].tags
    assert (tmp_path / "zh/SF/P001.html").is_file()
    publish(clerk.workspace, tmp_path, languages=["zh-Hant"])
    pages = pages_of(tmp_path)
    assert {name.count("/") for name in pages} == {0, 1}
    assert not [each for page in pages.values() for _, each in page.tags if "hreflang" in each]
    assert sorted(each.name for each in tmp_path.iterdir() if not each.name.startswith(".")) == [
        "SF", "index.html", "projects.html", "search-all.js", "search-characters.js", "search-names.js", "search.html",
        "search.js", "style.css"
    ]  # fmt: skip


def test_a_book_that_is_called_like_a_language_has_its_folder_to_itself(clerk: Any, tmp_path: Path) -> None:
    with clerk.workspace.write() as unit:
        registry.add_village(unit, "V14", name="新桥村", township="蒲河镇")
        register.add_book(unit, "EN", village="V14", name="新桥村专账", started_on=clerk.clock().date())
        unit.commit()
    publish(clerk.workspace, tmp_path)
    assert (tmp_path / "EN/index.html").is_file()
    assert (tmp_path / "en-pages/EN/index.html").is_file()
    assert not (tmp_path / "en").exists()


@pytest.mark.parametrize(
    "text, read",
    [("zh", ("zh",)), ("EN, zh-hant", ("en", "zh-Hant")), ("zh、zh-Hant，en", TONGUES)],
)
def test_languages_are_read_as_they_are_typed(text: str, read: tuple[str, ...]) -> None:
    assert read_tongues(text) == read


@pytest.mark.parametrize("text", ["", "fr", "zh,zh", "zh,", "../x"])
def test_other_languages_are_refused(text: str) -> None:
    with pytest.raises(LanguagesUnknown) as caught:
        read_tongues(text)
    assert messages.explain(caught.value, "en").startswith(f'"{text}" are no languages of the pages: write one or ')


def test_each_language_has_a_folder_and_the_first_has_none() -> None:
    assert places(beginning_with("en"), ["SF"]) == {"en": "", "zh": "zh/", "zh-Hant": "zh-Hant/"}
    assert set(tongues.TAGS) == set(TONGUES)
