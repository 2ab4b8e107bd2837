"""A village's Beancount ledger: what stood on a day, and nothing in it is run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from importers import beans
from importers.errors import FileUnreadable
from ledger.messages import explain

LEDGER = """option "title" "示范村"
2024-01-01 open Assets:102银行存款:0专户
2024-01-01 open Liabilities:242专项应付款:1衔接资金
2024-01-01 open Assets:153在建工程:1道路
2024-01-01 open Assets:121稻种

2024-03-01 * "到账"
  Assets:102银行存款:0专户  1000.50 CNY
  Liabilities:242专项应付款:1衔接资金
2024-04-01 * "付款"
  Assets:102银行存款:0专户  -300 CNY
  Assets:153在建工程:1道路
2024-05-01 * "买种"
  Assets:121稻种  5 SACK {10 CNY}
  Assets:102银行存款:0专户
"""


def written(tmp_path: Path, text: str, name: str = "ledger.beancount") -> Path:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def stood(book: beans.Book) -> dict[str, int | str]:
    return {each.account: each.why if each.fen is None else each.fen for each in book.balances}


def test_a_ledger_is_what_stood_at_the_end_of_a_day(tmp_path: Path) -> None:
    path = written(tmp_path, LEDGER)
    april = beans.read(path, day=date(2024, 4, 1))
    assert stood(april) == {
        "Assets:102银行存款:0专户": 70_050,
        "Liabilities:242专项应付款:1衔接资金": -100_050,
        "Assets:153在建工程:1道路": 30_000,
    }
    assert (april.after, april.odd, april.files) == (1, (), (path.resolve(),))
    whole = beans.read(path)
    assert (whole.day, whole.after) == (date(2024, 5, 1), 0)
    assert (stood(whole)["Assets:121稻种"], stood(whole)["Assets:102银行存款:0专户"]) == ("commodity", 65_050)


def test_files_of_its_own_folder_are_included_and_no_others(tmp_path: Path) -> None:
    head, _, rest = LEDGER.partition("\n2024-03-01")
    written(tmp_path, head + "\n", "home/accounts.bean")
    main = written(tmp_path, 'include "*.bean"\n2024-03-01' + rest, "home/main.beancount")
    found = beans.read(main)
    assert stood(found)["Assets:102银行存款:0专户"] == 65_050
    assert {each.name for each in found.files} == {"main.beancount", "accounts.bean"}
    written(tmp_path, head, "secret.bean")
    (tmp_path / "home" / "link.txt").symlink_to(tmp_path / "secret.bean")
    for said in ("../secret.bean", str(tmp_path / "secret.bean"), "link.txt"):
        with pytest.raises(FileUnreadable) as refused:
            beans.read(written(tmp_path, f'include "{said}"\n' + LEDGER, "home/main.beancount"))
        assert refused.value.facts["about"] == "include"
        assert explain(refused.value, "zh") != explain(refused.value, "en")
    with pytest.raises(FileUnreadable) as refused:
        beans.read(written(tmp_path, 'include "none.bean"\n' + LEDGER, "home/main.beancount"))
    assert refused.value.facts["about"] == "include-missing"


def test_a_plugin_is_told_and_never_run(tmp_path: Path) -> None:
    written(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w').close()\n__plugins__ = ()\n", "evil.py")
    path = written(tmp_path, 'option "insert_pythonpath" "TRUE"\nplugin "evil"\n' + LEDGER)
    assert [(each.kind, each.text) for each in beans.read(path).odd] == [("plugin", "evil")]
    assert not (tmp_path / "ran").exists()


def test_what_beancount_finds_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, LEDGER + "2024-06-01 balance Assets:102银行存款:0专户  1 CNY\n")
    [odd] = beans.read(path).odd
    assert (odd.kind, odd.file, odd.line) == ("error", "ledger.beancount", 16)
    assert odd.text.startswith("Balance failed")
    unusual = beans.read(written(tmp_path, LEDGER.replace("102银行存款", "银行存款"))).odd
    assert [(each.line, each.text) for each in unusual] == [(2, "Invalid account name: Assets:银行存款:0专户")]


@pytest.mark.parametrize(
    "content, about",
    [
        (b"", "ledger"),
        (b"not a ledger at all", "ledger"),
        (b"2024-01-01 open Assets:A\n", "ledger"),
        (b"\xff\xfe", "encoding"),
        (b"\0" * 100, "ledger"),
        (b"(" * 100_000, "ledger"),
        (b";" + b" " * (33 << 20), "large"),
    ],
)
def test_what_is_no_ledger_is_refused_in_one_line(tmp_path: Path, content: bytes, about: str) -> None:
    path = tmp_path / "ledger.beancount"
    path.write_bytes(content)
    with pytest.raises(FileUnreadable) as refused:
        beans.read(path)
    assert refused.value.facts["about"] == about
    assert "\n" not in explain(refused.value, "zh") + explain(refused.value, "en")


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.beancount", tmp_path, Path("\0")):
        with pytest.raises(FileUnreadable):
            beans.read(path)


def test_yuan_finer_than_a_fen_are_no_money_of_ours(tmp_path: Path) -> None:
    path = written(tmp_path, LEDGER.replace("1000.50", "1000.505"))
    assert stood(beans.read(path, day=date(2024, 3, 1))) == {
        "Assets:102银行存款:0专户": "fine",
        "Liabilities:242专项应付款:1衔接资金": "fine",
    }
