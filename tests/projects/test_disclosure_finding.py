"""Every project is found by its name: on a plain list, and by a search that knows what the pages say and no more."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sites import STORY, Page, pages_of, written

from projects import registry
from projects.disclosure import finding
from projects.disclosure.pages import Pages
from projects.disclosure.parts import Part
from projects.disclosure.shown import Listed
from projects.disclosure.site import publish
from projects.tongues import TONGUES, Tongue, folded, traditional

HEAVIEST = 50_000
PLACES: dict[Tongue, str] = {"zh": "", "zh-Hant": "zh-Hant/", "en": "en/"}
NAME = "示范村民小组通村公路硬化及排水沟工程"


def called(script: bytes | str, name: str) -> list[Any]:
    """Return what a file of the index calls a function with."""
    text = script.decode() if isinstance(script, bytes) else script
    found = re.fullmatch(rf"earmark\.{name}\((.*)\);\n", text, re.DOTALL)
    assert found is not None
    return list(json.loads(f"[{found[1]}]"))


def test_the_index_holds_what_the_pages_say_and_nobody_who_is_masked(clerk: Any, tmp_path: Path) -> None:
    """A household paid, a person was paid and stands in a project's name: the search finds neither."""
    clerk.play(STORY)
    with clerk.workspace.write() as unit:
        name = "蒲君君家门前便道</script>\u2028"
        registry.add_project(unit, "SF", "P003", title="便道", name=name, budget={"WS2024": 100}, detail={})
        unit.commit()
    clerk.do(
        "contract", contract="P001C09", parts=["JT2024=10"], name="零星", party="李二狗", person=True, date="2024-07-21"
    )
    publish(clerk.workspace, tmp_path)
    said = "".join(page.text for page in pages_of(tmp_path).values())
    for place in ("", "zh-Hant/"):
        file, [[book, village, _, channels, contractors, rows]] = called(
            (tmp_path / place / "search-all.js").read_bytes(), "projects"
        )
        assert (file, book, village) == ("search-all.js", "SF", {"": "示范村", "zh-Hant/": "示範村"}[place])
        for text in (
            *contractors,
            *(text for row in rows for text in row[1:3]),
            *(each.split(" ", 1)[1] for each in channels),
        ):
            assert text in said
        found = {code: (title, [contractors[at] for at in payees]) for code, title, _, _, _, payees in rows}
        assert set(found) == {"P001", "P002", "P003"}
        assert found["P001"][1] == [
            {"": "宏达路桥", "zh-Hant/": "宏達路橋"}[place],
            {"": "立人测绘", "zh-Hant/": "立人測繪"}[place],
        ]
    everything = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*") if path.suffix in {".js", ".html"})
    assert [each for each in ("李二狗", "蒲君君") if each in everything] == []
    assert "\u2028" not in (tmp_path / "search-all.js").read_text("utf-8")


def test_the_list_leads_to_every_project_in_each_language(clerk: Any, tmp_path: Path) -> None:
    clerk.play(STORY)
    publish(clerk.workspace, tmp_path)
    for place in PLACES.values():
        page = Page((tmp_path / place / "projects.html").read_text("utf-8"))
        links = [attributes["href"] or "" for tag, attributes in page.tags if tag == "a"]
        assert {"SF/index.html", "SF/P001.html", "SF/P002.html"} <= set(links)
        assert all(
            (tmp_path / place / each).is_file() for each in links if not each.startswith(("tel:", "../", "zh-", "en/"))
        )
    assert "P001 · 已驗收" in (tmp_path / "zh-Hant/projects.html").read_text("utf-8")


def test_the_page_that_searches_runs_scripts_of_the_site_alone_and_says_what_to_do_without(
    clerk: Any, tmp_path: Path
) -> None:
    publish(clerk.workspace, tmp_path)
    for place in PLACES.values():
        page = Page((tmp_path / place / "search.html").read_text("utf-8"))
        policy = [each["content"] or "" for tag, each in page.tags if "Security" in (each.get("http-equiv") or "")]
        assert [each.partition("script-src")[2].split(";")[0] for each in policy] == [" 'self'"]
        sources = [attributes["src"] or "" for tag, attributes in page.tags if tag == "script"]
        assert [Path(each).name for each in sources] == ["search.js", "search-characters.js", "search-names.js"]
        assert all((tmp_path / place / each).is_file() for each in sources)
        assert not re.search(r"<script[^>]*>[^<]", page.source)
        [form] = [attributes for tag, attributes in page.tags if tag == "form"]
        assert "hidden" in form
        assert (tmp_path / place / f"{form['data-index']}search-all.js").is_file()
        assert ("a", {"href": "projects.html"}) in page.tags
        assert len(page.source) < HEAVIEST
    assert not (tmp_path / "en/search-all.js").exists(), "what was typed stands there once"
    others = [page for name, page in pages_of(tmp_path).items() if not name.endswith("search.html")]
    assert not [page for page in others if "<script" in page.source]


@pytest.fixture
def county() -> list[tuple[Listed, Part]]:
    """Fifteen thousand projects: twenty townships, three hundred villages, one with four hundred projects of its own."""
    found = []
    for village in range(300):
        book = f"V{village:03}"
        codes = [f"P{number:03}" for number in range(1, 400 if village == 7 else 51)]
        texts = {}
        for tongue in TONGUES:
            texts[f"list:{tongue}:{book}"] = "".join(
                f'<li><a href="{book}/{code}.html">{village}{NAME}{code}</a><small>{code} · {tongue}</small></li>\n'
                for code in codes
            )
        for script in ("typed", "zh-Hant"):
            rows = [[code, f"{village}{NAME}{code}", "", 0, [0], [0]] for code in codes]
            texts[f"find:{script}:{book}"] = json.dumps([book, f"村{village}", "镇", ["JT 交通"], ["宏达"], rows])
        found.append((Listed(f"第{village // 15}镇", f"示范村{village}", book), Part("", {}, {}, texts=texts)))
    return found


def test_the_list_of_a_county_is_split_and_no_page_of_it_too_heavy(county: list[tuple[Listed, Part]]) -> None:
    languages = [Pages(each, folders=PLACES, demonstration=True) for each in TONGUES]
    made = written(finding.county(languages, county, "2024-12-31"))
    pages = {name: page.decode() for name, page in made.items() if name.endswith(".html")}
    assert max(len(page.encode()) for page in pages.values()) < HEAVIEST
    links = {}
    for place in PLACES.values():
        mine = {
            name.removeprefix(place): page
            for name, page in pages.items()
            if name.rpartition("/")[0] + "/" == (place or "/")
        }
        links[place] = {
            name: re.findall(r'href="(V\d+/P\d+)\.html"', page) for name, page in mine.items() if "projects" in name
        }
        every = [each for of in links[place].values() for each in of]
        assert len(every) == len(set(every)) == 299 * 50 + 399
        pointed = set(re.findall(r'href="(projects-[0-9a-f]{8}(?:-\d+)?\.html)"', mine["projects.html"]))
        assert pointed == set(mine) - {"projects.html", "search.html"}
    assert links[""] == links["zh-Hant/"] == links["en/"]


def test_the_index_of_a_county_is_split_by_township_and_says_how_large_each_file_is(
    county: list[tuple[Listed, Part]],
) -> None:
    made = written(finding.county([Pages("en", demonstration=True)], county, ""))
    files, villages = called(made["search-names.js"], "names")
    assert len(files) == 20
    assert len(villages) == 300
    for name, file, size in files:
        called_so, books = called(made[file], "projects")
        assert called_so == file
        assert 0 <= len(made[file]) - size < 100
        assert {each[0] for each in books} == {each[0] for each in villages if each[2] == name}
    whole = sum(size for *_, size in files)
    small = written(finding.county([Pages("en", demonstration=True)], county[:15], ""))
    assert whole > finding.TOGETHER > len(small["search-all.js"])
    assert [file for file in small if file.startswith("search-") and file.endswith(".js")] == [
        "search-characters.js", "search-names.js", "search-all.js"
    ] or "search-all.js" in small  # fmt: skip


def test_texts_fold_alike_in_whatever_characters_they_are_typed() -> None:
    pairs = folded()
    folds = dict(zip(pairs[::2], pairs[1::2], strict=True))

    def fold(text: str) -> str:
        return "".join(folds.get(each, each) for each in text)

    letters = "".join(map(chr, range(0x3400, 0xA000)))
    assert fold("".join(map(traditional, letters))) == fold(letters)
    for one, other in (
        ("乡村道路", "鄉村道路"),
        ("皇后以后", "皇后以後"),
        ("余家沟", "余家溝"),
        ("台州", "臺州"),
        ("里面", "裡面"),
    ):
        assert fold(one) == fold(other) == fold(traditional(one))
    assert fold("公路") != fold("公里")
    assert fold(fold(letters)) == fold(letters)
    assert len(pairs.encode()) < 25_000
