"""The page that checks a site's pages: a browser finds what the command line finds, without a network."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from functools import cache
from pathlib import Path

import pytest
from browsing import PICTURES, checking, fits, verdict
from publication import publish_notice

from ledger.store.workspace import open_workspace
from projects.disclosure.proved import Proved
from projects.disclosure.site import publish

pytestmark = pytest.mark.system

MUTATIONS = int(os.environ.get("EARMARK_MUTATIONS", "25"))
FOLDERS = ("", "en/", "zh-Hant/")
CHECK = (
    "async ([proof, page, keys]) => {"
    " const found = await check(proof, page, keys);"
    " return [found.problems.map(([code, facts]) => [code, facts.where ?? '', facts.found ?? '', facts.expected ?? '']),"
    " found.words, found.vouchers, found.withheld, found.later, found.other, found.since, found.foreign, found.named] }"
)


@pytest.fixture(scope="module")
def site(demo, tmp_path_factory) -> Path:
    """The pages of the demonstration, whose logs are signed."""
    out = tmp_path_factory.mktemp("proved") / "site"
    workspace = open_workspace(demo)
    publish(workspace, out)
    workspace.close()
    return out


@pytest.fixture
def checker(browser, site):
    """The page that checks, at the top of the site."""
    with checking(browser, site) as page:
        yield page


FORGED = [
    "<p>已支付玖佰万元整</p>",
    "<p>已支付 9000000 元</p>",
    '<section data-stated="money"><h2>各渠道资金</h2><p>9,000,000.00</p></section>',
    '<section data-stated="brought"><h2>带来了什么</h2><p>已支付 9,000,000.00 元</p></section>',
    '<img src="data:image/png;base64,AAAA" alt="">',
    "<svg><text>9,000,000.00</text></svg>",
    "<noscript>已支付 9,000,000.00</noscript>",
    '<p title="9,000,000.00"></p>',
    '<a href="http://evil.example.org/">核对请看</a>',
    "<!-- 9,000,000.00 -->",
]
CHANGED = [
    ("<main>", '<main class="visually-hidden">'),
    ("<head>", '<head><meta http-equiv="refresh" content="0;url=http://evil.example.org/">'),
    ('href="../style.css"', 'href="../evil.css"'),
    ("<!doctype html>", ""),
    ("<title>", "<title>9,000,000.00 "),
    ('<a href="../index.html">', '<a href="../other.html">'),
    ('<td data-label="可用">', '<td class="unseen" data-label="可用">'),
    ('data-stated="facts"', 'data-stated="map"'),
    ('<section data-stated="brought">\n<h2>带来了什么', '<section data-stated="brought">\n<h2>已支付 9,000,000.00'),
    ('<section data-stated="brought">', '<section data-stated="brought"><a href="//evil.example.org/a.html">x</a>'),
    ('<section data-stated="brought">', '<section data-stated="brought"><h1>9,000,000.00</h1>'),
]


@cache
def proved(proof: str) -> Proved:
    return Proved(proof)


def found_here(proof: str, page: str) -> list[object]:
    """What the command line finds, in the shape of what the browser is asked for."""
    report = proved(proof).check(page)
    problems = [
        [code, *(facts.get(name, "") for name in ("where", "found", "expected"))] for code, facts in report.problems
    ]
    all_of = report.vouchers + report.withheld
    grown = [report.since, report.foreign]
    return [problems, report.words, all_of, report.withheld, report.later, report.other, *grown, report.named]


def as_text(found: list[object]) -> list[object]:
    """What the browser found; numbers in messages are text for the command line."""
    return [[[str(each) for each in problem] for problem in found[0]], *found[1:]]


def test_the_browser_accepts_every_page_in_every_language(checker, site):
    count = 0
    for book in ("V13", "V14"):
        proof = (site / book / "proof.json").read_text("utf-8")
        for folder in FOLDERS:
            for path in sorted((site / folder / book).glob("*.html")):
                page = path.read_text("utf-8")
                found = checker.evaluate(CHECK, [proof, page, []])
                assert (found[0], as_text(found)) == ([], found_here(proof, page)), path
                count += 1
    assert count >= 3 * 10


def test_a_person_checks_a_page_and_sees_what_is_not_proved(checker, site):
    found, said = verdict(checker, site / "V13/P003.html", site / "V13/proof.json")
    assert (found, "编号连续，没有缺号" in said) == ("right", True)
    assert "不在证明之内、只是发布单位所说的：项目的名称、带来了什么" in said
    assert "earmark/demonstration" in said
    assert fits(checker)


def test_another_style_sheet_is_refused(checker, site, tmp_path):
    both = [site / "V13/P001.html", site / "V13/proof.json"]
    style = (site / "style.css").read_text("utf-8")
    for text, found, says in (
        (style, "right", "编号连续"),
        (style + "td:nth-child(3){display:none}", "wrong", "样式表（style.css）不是本程序的"),
    ):
        sheet = tmp_path / found / "style.css"
        sheet.parent.mkdir()
        sheet.write_text(text, "utf-8")
        came, said = verdict(checker, *both, sheet)
        assert (came, says in said, "不在旁边" in said) == (found, True, False)


def test_a_changed_figure_is_refused_with_its_heading(checker, site, tmp_path):
    changed = tmp_path / "P001.html"
    whole = (site / "V13/P001.html").read_text("utf-8")
    [figure, *_] = re.findall(r'<td data-label="已支付">([0-9,.]+)', whole)
    other = figure[:-1] + str((int(figure[-1]) + 1) % 10)
    changed.write_text(whole.replace(f'"已支付">{figure}', f'"已支付">{other}', 1), "utf-8")
    found, said = verdict(checker, changed, site / "V13/proof.json")
    assert (found, f"已支付”处写的是“{other}”，按账应为“{figure}”" in said) == ("wrong", True)
    if os.environ.get("EARMARK_REGENERATE"):
        checker.screenshot(path=PICTURES / "verify-page-wrong.png")


def test_browser_and_command_line_refuse_the_same(checker, site):
    """Changed digits in each language, markup that hides or adds, proofs that leave out, double, or are of another book."""
    chance, cases, refused = random.Random(38), [], 0
    proof, other = ((site / book / "proof.json").read_text("utf-8") for book in ("V13", "V14"))
    for folder in FOLDERS:
        for name in ("index", "P001"):
            whole = (site / f"{folder}V13/{name}.html").read_text("utf-8")
            blocks = [found.start() for found in re.finditer("data-proof=", whole)]
            digits = [
                found.start()
                for found in re.finditer(r"(?<=>)[0-9]|(?<=[0-9,.])[0-9](?=[0-9,.]*<)", whole)
                if found.start() > blocks[2]
            ]
            for place in chance.sample(digits, MUTATIONS):
                digit = chance.choice([each for each in "0123456789" if each != whole[place]])
                cases.append((proof, whole[:place] + digit + whole[place + 1 :]))
    page = (site / "V13/P001.html").read_text("utf-8")
    for old, new in (
        ('<ul class="glance"', '<ul style="display:none" class="glance"'),
        ("</header>", "<p>9,999.00 元</p></header>"),
        ('<section data-proof="money">', "<section>"),
        ('data-label="到账"', 'data-label="已支付"'),
        ("</tfoot>", "<tr><td>1.00</td></tr></tfoot>"),
        ('data-page="V13/P001.html"', 'data-page="V13/P002.html"'),
        ("</main>", "<iframe></iframe></main>"),
        *CHANGED,
        *(("</main>", f"{each}</main>") for each in FORGED),
        *(('<section data-proof="money">', f'{each}<section data-proof="money">') for each in FORGED),
    ):
        assert old in page, old
        cases.append((proof, page.replace(old, new, 1)))
    for of, said in ((other, page), (proof, page)):
        found = checker.evaluate(CHECK, [of, said, []])
        assert as_text(found)[0] == found_here(of, said)[0]
        assert bool(found[0]) == (of is other)
    for changed_proof, changed_page in cases:
        found = as_text(checker.evaluate(CHECK, [changed_proof, changed_page, []]))
        ours = found_here(changed_proof, changed_page)
        assert bool(found[0]) == bool(ours[0]), (found[0][:2], ours[0][:2], changed_page == page)
        # Of what stands around the blocks a browser sees a tree where the command line sees a text: each says it its way.
        if ours[0] and ours[0][0][0] in {"word", "block", "checkpoint", "page"}:
            assert found[0][0][:1] == ours[0][0][:1], (found[0][:2], ours[0][:2])
            assert found[0] == ours[0] or ours[0][0][0] != "word", (found[0][:2], ours[0][:2])
        # What is no digit of a proved block, as a place on the map, both let pass.
        refused += bool(ours[0])
    assert refused > 0.8 * len(cases)


def test_a_changed_proof_never_passes_in_the_browser(checker, site):
    proof, page = json.loads((site / "V13/proof.json").read_text("utf-8")), (site / "V13/P001.html").read_text("utf-8")
    chance = random.Random(39)
    given = [("leaves", at) for at, each in enumerate(proof["leaves"]) if isinstance(each, str)]
    given += [("beside", at) for at, _ in enumerate(proof["beside"])]
    for of, at in chance.sample(given, MUTATIONS):
        whole = proof[of][at]
        place = chance.choice([found.start() for found in re.finditer("[0-9]", whole)])
        digit = chance.choice([each for each in "0123456789" if each != whole[place]])
        changed = [*proof[of][:at], whole[:place] + digit + whole[place + 1 :], *proof[of][at + 1 :]]
        found = checker.evaluate(CHECK, [json.dumps(proof | {of: changed}), page, [proof["vkey"]]])
        assert found[0], (of, whole[max(0, place - 60) : place + 60])


def test_a_changed_earlier_checkpoint_is_refused_or_told_as_on_the_command_line(checker, rekeyed, tmp_path):
    """Before its pages were published the office has changed its key, and somebody may have touched what was before."""
    workspace = open_workspace(rekeyed / "ws")
    publish(workspace, tmp_path / "site")
    workspace.close()
    page = tmp_path / "site/V13/P001.html"
    found, said = verdict(checker, page, page.with_name("proof.json"))
    assert (found, "证明里有 1 个此前的校验点，不是用这里核对的公钥签的" in said) == ("right", True)
    proof = json.loads(page.with_name("proof.json").read_text("utf-8"))
    [since] = proof["since"]
    whole, chance, told = json.dumps(since, ensure_ascii=False), random.Random(40), 0
    places = [place for place, each in enumerate(whole) if each in "0123456789"]
    for place in [-1, *chance.sample(places, min(MUTATIONS, len(places)))]:
        digit = chance.choice([each for each in "0123456789" if each != whole[place]])
        changed = whole if place < 0 else whole[:place] + digit + whole[place + 1 :]
        text = json.dumps(proof | {"since": [json.loads(changed)]})
        found = checker.evaluate(CHECK, [text, page.read_text("utf-8"), []])
        ours = found_here(text, page.read_text("utf-8"))
        assert bool(found[0]) == bool(ours[0]), changed
        assert found[0] or found[6:8] == ours[6:8] == [0, 1], changed
        told += not found[0]
    assert told


def test_the_browser_accepts_pages_that_list_notices(checker, demo, tmp_path):
    """The list is stated; its links lead to the files of the notice, and nowhere else."""
    shutil.copytree(demo, tmp_path / "ws")
    publish_notice(tmp_path / "ws", "completion", tmp_path / "out")
    workspace = open_workspace(tmp_path / "ws")
    publish(workspace, tmp_path / "site")
    workspace.close()
    proof = (tmp_path / "site/V13/proof.json").read_text("utf-8")
    for name in ("V13/index.html", "en/V13/P001.html"):
        page = (tmp_path / "site" / name).read_text("utf-8")
        assert page.count("-completion.pdf") == 1
        assert checker.evaluate(CHECK, [proof, page, []])[0] == []
        away = page.replace("-completion.pdf", "-completion.pdf?x")
        assert checker.evaluate(CHECK, [proof, away, []])[0] != []
