"""A notice on a telephone and the page that checks it: a browser says the same as the command line, without a network."""

from __future__ import annotations

import os
import random
import re
import shutil
from pathlib import Path

import pytest
from browsing import NARROW, PICTURES, checking, fits, verdict
from publication import publish_notice

from projects.notices.check import check

pytestmark = pytest.mark.system

MUTATIONS = 100


@pytest.fixture(scope="module")
def notices(demo, tmp_path_factory) -> Path:
    """Two notices of the demonstration, the second with a proof of growth, published by the command itself."""
    folder = tmp_path_factory.mktemp("notices")
    shutil.copytree(demo, folder / "ws")
    for kind in ("completion", "before"):
        publish_notice(folder / "ws", kind, folder / "out", "--date", "2024-12-13")
    return folder / "out"


@pytest.fixture
def checker(browser, notices):
    """The page that checks, beside the notices."""
    with checking(browser, notices) as page:
        yield page


def both(notices: Path, kind: str) -> list[Path]:
    """The page of a notice and its proof."""
    [page] = notices.glob(f"*-{kind}.html")
    return [page, page.with_name(page.name.replace(".html", ".proof.json"))]


@pytest.mark.parametrize("kind", ["completion", "before"])
def test_the_browser_accepts_a_real_notice(checker, notices, kind):
    found, said = verdict(checker, *both(notices, kind))
    assert (found, "与存证日志一致" in said) == ("right", True)
    assert ("此前的记录没有改动" in said) == (kind == "before")
    assert "earmark/demonstration" in said
    assert fits(checker), "the page runs over on a telephone"


def test_the_browser_tells_of_an_earlier_checkpoint_that_another_key_signed(checker, rekeyed):
    page, proof = both(rekeyed / "out", "before")
    found, said = verdict(checker, page, proof)
    assert (found, "证明里有 1 个此前的校验点，不是用这里核对的公钥签的" in said) == ("right", True)
    assert "此前的记录没有改动" not in said
    assert check(proof.read_text(), page.read_text()).foreign == 1


def test_the_browser_sees_growth_across_a_change_of_key_with_every_key_of_the_office(checker, rekeyed):
    newest, older = (rekeyed / "ws" / "office.pub").read_text().split()
    for kind, known, right in [
        ("before", f"{newest}\n{older}\n", "right"),
        ("completion", f"{newest}\n{older}", "right"),
        ("before", older, "wrong"),
    ]:
        checker.fill("#known", known)
        found, said = verdict(checker, *both(rekeyed / "out", kind))
        assert (found, "公钥不符" in said, "不是用这里核对的公钥签的" in said) == (right, right == "wrong", False)
        assert ("此前的记录没有改动" in said) == ((kind, right) == ("before", "right"))
    assert fits(checker)


def test_a_changed_figure_is_refused_with_its_place(checker, notices, tmp_path):
    page, proof = both(notices, "completion")
    changed = tmp_path / page.name
    changed.write_text(page.read_text().replace("854,200.00", "854,300.00", 1))
    found, said = verdict(checker, changed, proof)
    assert (found, "854,300.00" in said, "854,200.00" in said) == ("wrong", True, True)
    if os.environ.get("EARMARK_REGENERATE"):
        checker.screenshot(path=PICTURES / "verify-wrong.png")


def test_browser_and_command_line_find_the_same_in_a_hundred_changed_pages_and_proofs(checker, notices):
    chance, disagreeing, refused = random.Random(19), [], 0
    for kind in ("completion", "before"):
        page, proof = (each.read_text() for each in both(notices, kind))
        body = page.index("<h1>")
        digits = [found.start() for found in re.finditer("[0-9]", page) if body < found.start() < page.index("<svg")]
        places = [found.start() for found in re.finditer("[0-9a-zA-Z一-龥]", proof)]
        cases = [(proof, _other(page, place, chance)) for place in chance.sample(digits, MUTATIONS // 2)]
        cases += [(_other(proof, place, chance), page) for place in chance.sample(places, MUTATIONS // 2)]
        cases += [
            (proof, page.replace("<main>", '<main style="color:#fff">')),
            (proof, page.replace('data-label="下达"', 'data-label="质保金"', 1)),
            (proof, page.replace("<dd>", '<dd class="amount">', 1)),
            (proof, page.replace("<dd>", '<dd><svg viewBox="0 0 9 9"><path d="M0 0h9v9"/></svg>', 1)),
            (proof, page.replace("<title>", '<meta http-equiv="refresh" content="0;url=https://example.org"><title>')),
            (proof, page.replace("</svg>", '<path transform="scale(9)" d="M0 0c9 9 9 9"/></svg>')),
            (proof, page.replace("<svg", "<div></div><svg")),
            (proof, page.replace("</style>", "dd{display:none}</style>")),
            (proof, page.replace("</aside>", "<p>500.00元</p></aside>")),
        ]
        for changed_proof, changed_page in cases:
            said, foreign, since = checker.evaluate(
                "async ([proof, page]) => { const found = await check(proof, page, []);"
                " return [found.problems.map(([code]) => code), found.foreign, found.since]; }",
                [changed_proof, changed_page],
            )
            found = check(changed_proof, changed_page)
            ours = [code for code, _ in found.problems]
            if not said and not ours and (foreign, since) == (found.foreign, found.since) == (1, 0):
                # The checkpoint before it is no longer signed by this key: both tell that it shows no growth.
                said = ours = ["foreign"]
            refused += bool(said)
            # A proof can be broken in several ways at once, and which is told does not matter; of a page it does.
            if not said or not ours or (changed_proof == proof and said != ours):
                disagreeing.append((said, ours, changed_proof == proof))
    assert not disagreeing, disagreeing[:4]
    assert refused == 2 * (MUTATIONS + 9)


def _other(text: str, place: int, chance: random.Random) -> str:
    other = chance.choice([each for each in "0123456789" if each != text[place]])
    return text[:place] + other + text[place + 1 :]


def test_a_notice_is_readable_on_a_telephone_without_scripts(browser, notices):
    context = browser.new_context(viewport=NARROW, java_script_enabled=False)
    page = context.new_page()
    page.goto(both(notices, "completion")[0].as_uri())
    assert page.inner_text("h1") == "项目完工公示"
    context.close()
    context = browser.new_context(viewport=NARROW)
    page = context.new_page()
    page.goto(both(notices, "completion")[0].as_uri())
    assert fits(page)
    wide, labels = page.evaluate(
        "() => [[...document.querySelectorAll('table, td')].filter((each) => each.scrollWidth > each.clientWidth).length,"
        " [...document.querySelectorAll('tbody tr:first-child > *')].map((each) => getComputedStyle(each, '::before').content)]"
    )
    assert wide == 0, "no table is cut off"
    assert labels == [f'"{each}"' for each in ("渠道", "预算", "下达", "到账", "已计量", "已支付", "质保金")]
    context.close()
