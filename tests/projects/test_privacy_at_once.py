"""What is told at once to hold nothing personal holds nothing: the short way shows every text as the long way does."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import erasure
from ledger.store.workspace import open_workspace
from projects import privacy as policies
from projects.lookalike import narrow
from projects.privacy import Privacy, pattern_of, policy, privacy_of
from tests.projects.test_privacy import BETWEEN, SCRIPTS, WAYS, disguised, planted

WORDS = [
    "张三",
    "李小明",
    "欧阳小凤",
    "阿依·古丽",
    "平安",
    "6228481234567890",
    "王",
    "Li Na",
    "510101199001011237",
    "高山",
]
KNOWN = Privacy({length: frozenset(each for each in WORDS if len(each) == length) for length in range(2, 19)})
NOBODY = Privacy({})
PIECES = [
    *("0", "1", "3", "8", "19", "86", "138", "0871", "1234", "5678", "6228", "510101", "19900101", "123X", "20"),
    *("０８７１", "①②③④", "一三八", "〇", "○", "零", "幺二三四", "٣", "十", "百", "𝟙", "⓪"),
    *(" ", "-", "－", ".", "·", ",", "、", "/", "\u00a0", "\u200b", "\u3000", "（", "）", "：", ":", "@", "+", "_", "\n"),
    *("电话", "尾号", "账号", "卡号", "身份证", "护照", "QQ", "qq号", "微信", "微信号", "手机", "传真", "座机"),
    *("户主", "姓名", "村民", "农户", "联系人", "负责人", "责任人", "收款人", "王小明"),
    *("#", "at", "（at）", "[", "]", "qq", "dot", "艾特", "小老鼠", "点", "。", "wxid_", "VX", "V信", "WeChat", "Tel", "是"),
    *("转", "再", "中间", "后四位", "最后", "桂", "新", "京", "A", "D1", "E", "G7", "警", "车牌号", "拖拉机", "通行证", "社保卡", "扣扣"),
    *("号", "弄", "栋", "幢", "单元", "室", "楼", "巷", "街", "胡同", "桥", "路", "〕", "元", "公里", "年", "月", "日"),
    *("wang", "163", "com", "a", "x", "X", "P001C01", "V2024-12-0004", "2024-02-20T09:30:00+08:00", "1,750,000.00"),
    *("张", "三", "张　三", "張三", "歐陽小鳳", "欧阳\u200b小凤", "李小明", "小明", "平安", "高 山", "阿依古丽", "村委会", "Na"),
]  # fmt: skip
MANY = 20_000


def agree(shows: Privacy, said: str) -> None:
    long_way = shows.looked_through(said)
    assert shows.scrub(said) == long_way, said
    assert shows.scrub(said) == long_way, "the second time it is remembered"
    if long_way != said:
        assert not shows.holds_nothing(said), said


def test_both_ways_show_any_text_alike() -> None:
    """Texts are put together of what patterns and names are made of: thousands of them hold something."""
    dice = random.Random(20261129)
    held = 0
    for _ in range(MANY):
        said = "".join(dice.choices(PIECES, k=dice.randint(1, 12)))
        agree(KNOWN, said)
        agree(NOBODY, said)
        held += KNOWN.scrub(said) != said
    assert MANY / 5 < held < MANY * 4 / 5


@settings(max_examples=200)
@given(st.text())
def test_both_ways_show_any_characters_alike(said: str) -> None:
    agree(KNOWN, said)


@pytest.mark.parametrize("name", policy()["patterns"])
def test_no_pattern_finds_what_the_hint_does_not_announce(name: str) -> None:
    """Texts are made from the pattern itself, with anything around them."""

    @settings(max_examples=200)
    @given(st.from_regex(pattern_of(name)), st.sampled_from(SCRIPTS))
    def holds(said: str, script: str) -> None:
        agree(NOBODY, said)
        agree(NOBODY, said.translate(str.maketrans("0123456789", script)))

    holds()


def test_both_ways_show_what_is_planted_alike() -> None:
    dice = random.Random(11)
    for said in planted(random.Random(8)):
        for each in (said, disguised(said, dice), f"修路 {said}，张三"):
            agree(KNOWN, each)
            assert not KNOWN.holds_nothing(each)
    for way in WAYS:
        for between in BETWEEN:
            for script in SCRIPTS:
                said = way.format(between).translate(str.maketrans("0123456789", script))
                assert not NOBODY.holds_nothing(said), said
                agree(NOBODY, said)


@pytest.mark.parametrize("word", [each for each in WORDS if len(each) > 1])
def test_no_name_is_passed_by_wherever_it_stands(word: str) -> None:
    alone = Privacy({len(word): frozenset({word})})
    for said in (word, f"修{word}", f"{word}家", f"在{word}家", f"a {word} b", narrow(word)):
        assert not alone.holds_nothing(said), said
        assert word not in alone.scrub(said)


def test_a_text_that_spells_an_erased_name_is_never_passed_by() -> None:
    text = "王小明便道"
    spelled = Privacy({}, {erasure.digest_of(text): [erasure.Spelled(erasure.digest_of(text), 0, 3)]})
    assert not spelled.holds_nothing(text)
    assert spelled.scrub(text) == "王某某便道"
    assert spelled.holds_nothing("王小明大道")


def test_only_so_many_texts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "REMEMBERED", 3)
    shows = Privacy({2: frozenset({"张三"})})
    for number in range(10):
        assert shows.scrub(f"{number} 张三") == f"{number} 张某"
        assert len(shows._shown) <= 3


def test_most_texts_of_a_log_are_looked_at_no_further(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The long way is for the few that may hold something."""
    workspace = open_workspace(demo)
    with workspace.read() as connection:
        shows = privacy_of(connection)
        leaves = [str(leaf) for (leaf,) in connection.exec_driver_sql("SELECT leaf FROM log_leaf")]
    workspace.close()
    texts = [each for leaf in leaves for each in policies._texts(json.loads(leaf))]
    asked: list[str] = []
    whole = Privacy.looked_through
    monkeypatch.setattr(Privacy, "looked_through", lambda self, said: asked.append(said) or whole(self, said))
    for each in texts:
        shows.scrub(each)
    assert len(texts) > 5000
    assert len(set(asked)) == len(asked), "nothing is looked through twice"
    assert 0 < len(asked) < len(texts) / 50
