"""A village's indicators on its page: before, now and what is aimed at, in words and on a bar; the target in IATI too."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import standards
from publication import let_publish

from ledger import facts, messages
from projects import observations
from projects.disclosure.site import publish
from projects.events import works
from projects.events.requests import read_observations
from projects.indicators import shipped
from projects.places import places
from projects.telling import tell

ROAD = """
    allot project=P001 channel=JT2024 amount=1000 date=2024-01-10
    receive project=P001 channel=JT2024 amount=1000 date=2024-01-12
    contract contract=P001C01 parts=JT2024=1000 date=2024-02-15 party=宏达路桥 name=路面
    certify contract=P001C01 amount=1000 date=2024-03-25
    accept project=P001 quantity=3.5 observe=paved-road=2350/4700 date=2024-07-20
"""


def say(clerk: Any, kind: str, place: str, *values: str, on: str, evidence: str = "年度计划", until: str = "") -> str:
    """Record what was observed, or what is aimed at, and return the fact's label."""
    with clerk.workspace.write() as unit:
        made = observations.record(
            unit,
            kind,
            shipped(),
            places(unit.connection),
            place,
            read_observations(list(values)),
            on=date.fromisoformat(on),
            by="zhang",
            evidence=evidence,
            until=until,
        )
        unit.commit()
    return made[0].label


def rows(clerk: Any, folder: Path, lang: messages.Lang = "zh") -> dict[str, tuple[list[str], str]]:
    """Publish, and return the cells behind each indicator as they are read, with its bar."""
    publish(clerk.workspace, folder, languages=[lang])
    page = unescape((folder / "SF/index.html").read_text("utf-8"))
    table = page.partition('<table class="stack indicators aims">')[2].partition("</table>")[0]
    found = {}
    for row in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", table, re.DOTALL):
        name, _, cells = row.partition("<small>")
        said = [re.sub(r"<[^>]+>", " ", each) for each in re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)]
        bar = re.sub(r".*<svg|</svg>.*", "", row, flags=re.DOTALL)
        found[name] = [" ".join(each.split()) for each in said], bar
    return found


@pytest.fixture
def road(clerk: Any) -> Any:
    with clerk.workspace.write() as unit:
        works.observe(unit, "SF", "paved-road", on="2024-01-01", numerator=470, denominator=4700, evidence="台账")
        unit.commit()
    clerk.play(ROAD)
    return clerk


def test_a_page_shows_baseline_now_and_target(road: Any, tmp_path: Path) -> None:
    say(road, "indicator-target", "V13", "paved-road=4700/4700", on="2024-01-05", until="2024-12-31")
    cells, bar = rows(road, tmp_path / "site")["有硬化路"]
    assert cells == [
        "470 / 4,700 10.0% 2024-01-01 登记",
        "2,350 / 4,700 50.0% 2024-07-20 登记",
        "4,700 / 4,700 100.0% 2024-12-31 前，年度计划： 尚未达到",
    ]
    assert re.findall(r'class="(\w+)"[^>]*? (?:x|width)="(\d+)"', bar.replace(' y="7"', "")) == [
        ("whole", "1000"),
        ("part", "500"),
        ("before", "100"),
        ("target", "988"),
    ]
    english = rows(road, tmp_path / "english", "en")["Paved road"][0]
    assert english[2] == "4,700 / 4,700 100.0% by 2024-12-31, 年度计划: not reached yet"


def test_a_page_says_where_no_target_was_set_and_where_nothing_was_seen(road: Any, tmp_path: Path) -> None:
    say(road, "indicator-target", "V13", "clinic=1/1", on="2024-01-05", until="2025-06-30")
    found = rows(road, tmp_path / "site")
    assert found["有硬化路"][0][2] == "没有定目标"
    assert 'class="target"' not in found["有硬化路"][1]
    assert found["有卫生室"][0] == ["首次登记", "尚无变化", "1 / 1 100.0% 2025-06-30 前，年度计划： 还没有观测值"]


def test_less_is_better_where_it_falls_and_the_target_told_last_stands(road: Any, tmp_path: Path) -> None:
    say(road, "observation", "V13", "poverty-rate=100/1000", on="2024-01-02")
    say(road, "observation", "V13", "poverty-rate=20/1000", on="2024-06-30")
    say(road, "indicator-target", "V13", "poverty-rate=30/1000", on="2024-01-02", until="2024-12-31")
    assert rows(road, tmp_path / "site")["贫困发生率"][0][2].endswith("已达到")
    label = say(road, "indicator-target", "V13", "poverty-rate=10/1000", on="2024-02-02", until="2025-12-31")
    cells, bar = rows(road, tmp_path / "site")["贫困发生率"]
    assert cells[2] == "10 / 1,000 1.0% 2025-12-31 前，年度计划： 尚未达到"
    assert '"part" y="7" width="200"' in bar, "the whole is what it was at its worst"
    with road.workspace.write() as unit:
        facts.withdraw(unit, "SF", label, on=date(2024, 3, 1), by="zhang", reason="写错")
        unit.commit()
    assert rows(road, tmp_path / "site")["贫困发生率"][0][2].startswith("30 / 1,000")


def test_a_village_is_the_sum_of_its_hamlets_and_a_part_is_no_figure(clerk: Any, tmp_path: Path) -> None:
    for name in ("一组", "二组"):
        said = {"village": "V13", "hamlet": name, "households": "100", "persons": "400", "date": "2024-01-01"}
        tell(clerk.at("zhang"), "hamlet", said)
    say(clerk, "observation", "V13/一组", "poverty-rate=12/400", on="2024-02-01")
    say(clerk, "indicator-target", "V13/一组", "poverty-rate=4/400", on="2024-02-01", until="2024-12-31")
    assert rows(clerk, tmp_path / "site") == {}
    say(clerk, "observation", "V13/二组", "poverty-rate=8/400", on="2024-02-01")
    say(clerk, "indicator-target", "V13/二组", "poverty-rate=4/400", on="2024-02-01", until="2024-11-30")
    cells, _ = rows(clerk, tmp_path / "site")["贫困发生率"]
    assert cells[0].startswith("20 / 800 2.5%")
    assert cells[2] == "8 / 800 1.0% 2024-12-31 前，年度计划： 尚未达到"


def test_what_shows_a_target_passes_the_policy(road: Any, tmp_path: Path) -> None:
    said = "王小明电话 13812345678 的计划"
    say(road, "indicator-target", "V13", "paved-road=4700/4700", on="2024-01-05", until="2024-12-31", evidence=said)
    target = rows(road, tmp_path / "site")["有硬化路"][0][2]
    assert "***" in target
    assert "13812345678" not in target


def test_iati_has_baseline_target_and_what_was_reached(road: Any, tmp_path: Path) -> None:
    say(road, "indicator-target", "V13", "paved-road=4700/4700", on="2024-01-05", until="2024-12-31")
    workspace = let_publish(road)
    publish(workspace, tmp_path / "site")
    workspace.close()
    path = tmp_path / "site/data/iati-activities.xml"
    assert standards.iati(path) == []
    text = path.read_text("utf-8")
    result = text.partition("<narrative>有硬化路</narrative>")[2].partition("</result>")[0]
    assert re.findall(r'<(baseline|period-start|period-end|target|actual)\b.*?"([^"]+)"(?: year="2024")?', result) == [
        ("baseline", "2024-01-01"),
        ("period-start", "2024-01-01"),
        ("period-end", "2024-12-31"),
        ("target", "100.00"),
        ("actual", "50.00"),
    ]
    assert 'measure="2" ascending="1"' in result
