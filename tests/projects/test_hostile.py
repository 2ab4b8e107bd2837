"""Hostile words: whatever is typed anywhere comes out of Beancount as it went in, or is refused in one clear line.

Every text goes through every field that takes text. The twin is a village in which the same things were done with
harmless words: Beancount has to load just the same directives, options, plugins and includes from both.
"""

from __future__ import annotations

import itertools
import os
import random
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data

from ledger import channels, messages, people, register
from ledger.books.write import settle
from ledger.errors import Refusal
from ledger.text import parse_date
from ledger.verify import verify
from projects import desk as desks
from projects import registry
from projects.cli import main
from projects.disclosure.site import publish
from projects.events import works

PIECES = [
    '"', "\\", '\\"', '"""', "'", "`", '"\n', "\\\n", "\n", "\r\n", "\t", "\x00", "\x1b[31m红\x1b[0m", "\x1b]0;x\x07",
    "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\u2069", "\u200f", "\u061c", "\u200b", "\u200d", "\ufeff",
    "\ud800", "\udc93", "\udfff", "\ue000", "\u0378", "\U000e0041", "\U0010ffff", "\u00ad", "\u3000", "\u00a0",
    'plugin "os"', 'plugin "beancount.plugins.auto_accounts"', 'include "/etc/passwd"', 'include "*.beancount"',
    'option "title" "改"', 'option "insert_pythonpath" "TRUE"', "pushtag #坏", "poptag #坏", 'pushmeta k: "v"',
    "2024-01-01 open Assets:Evil CNY", '2024-01-01 * "甲" "乙"', '2024-01-01 custom "fava-option" "x" "y"',
    '2024-01-01 document Assets:X "/etc/passwd"', "; 注释", "* 标题", "#tag", "^link", "@ 1 CNY", "{1 CNY}", "@@", "!",
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", '=HYPERLINK("file:x")', "%s%n%d", "100%", "{0}", "{}",
    "{need:yuan}", "{text.__class__}", "${HOME}", "$(id)", "`id`", "| rm -rf /", "&& true", "../../etc/passwd", "/",
    "C:\\temp\\", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='x", "<!--", "]]>",
    "&lt;", "&#60;script&#62;", "javascript:alert(1)", "</table>", "[bold]x[/bold]", ":smile:", "[link=file:///]x",
    "[refusal]", 'key = "v"', "'''", "NULL", "TRUE", "CNY", "office", "*", "'; DROP TABLE voucher; --", '" OR 1=1',
    "مرحبا", "שלום", "👩‍👩‍👧", "😀", "é", "e\u0301", "Ⅷ", "①", "½", "٣", "𠀀", "ﷺ", "ß", "İ", "ſ", "Å", "Z̷̡͝",
    "“引号”", "‘’", "—", "…", "€", "·", "　", "（", "：", "＝", "；", "\\u0022", "\\x22", "&quot;", "%22", "\\n", "\\\\",
]  # fmt: skip
FRAMES = ["{}", "付{}款", "{}付款", "付款{}", "甲 {} 乙", "{0}{0}", '甲"{}', "甲\\{}"]
LENGTHS = ["字" * 400, "字" * 401, "a" * 5000, '"' * 400, "\\" * 399, "<" * 400, "長" * 100_000]
QUICK, ALL = 45, 1000


def hostile(count: int) -> list[str]:
    """Return so many hostile texts, the same in every run, each piece at least once."""
    whole = [frame.replace("{0}", piece).replace("{}", piece) for piece, frame in itertools.product(PIECES, FRAMES)]
    pairs = [f"{one}{other}" for one, other in itertools.product(PIECES, PIECES) if one != other]
    chance = random.Random(20261123)
    chance.shuffle(whole)
    chance.shuffle(pairs)
    found = list(dict.fromkeys(PIECES + LENGTHS + whole + pairs))
    return found[:count] if count > len(PIECES) else chance.sample(found[: len(PIECES) + len(LENGTHS)], count)


def test_there_are_a_thousand_of_them():
    assert len(set(hostile(ALL))) == ALL


class Village:
    """A village into which every field takes what it is given; the books are written once, at the end."""

    def __init__(self, clerk: Any) -> None:
        self.clerk = clerk
        self.kept: dict[str, list[tuple[str, str, int]]] = {}
        self.spare: dict[str, str] = {}
        self.said: list[str] = []
        self.refused: Counter[str] = Counter()
        self.made = 0
        clerk.play("""
            allot project=P001 channel=JT2024 amount=880000
            receive project=P001 channel=JT2024 amount=800000
            allot project=P001 channel=SN2024 amount=20000
        """)

    def next(self) -> int:
        self.made += 1
        return self.made

    def take(self, field: str, text: str) -> None:
        """Put a text into a field: it is kept, or refused in one clear line and nothing is kept of it."""
        before = self.made
        try:
            where = FIELDS[field](self, text)
        except Refusal as refusal:
            self.refused[refusal.code] += 1
            self.said += [messages.explain(refusal, lang) for lang in messages.LANGS]
            return
        self.kept.setdefault(field, []).append((where, text, before))

    def do(self, verb: str, **typed: Any) -> str:
        return str(self.clerk.do(verb, **typed))

    def unit(self, act: Callable[[Any], None]) -> None:
        with self.clerk.workspace.write() as unit:
            act(unit)
            unit.commit()


def _allot(field: str) -> Callable[[Village, str], str]:
    return lambda village, text: village.do("allot", project="P001", channel="JT2024", amount="1", **{field: text})


def _project(field: str) -> Callable[[Village, str], str]:
    def add(village: Village, text: str) -> str:
        code = f"P1{village.next():05}"
        facts: dict[str, Any] = {"title": "路", "name": "路", "detail": {}}
        if field in facts:
            facts[field] = text
        else:
            facts["detail"] = {field: text}
        village.unit(lambda unit: registry.add_project(unit, "SF", code, budget={"JT2024": 100}, **facts))
        village.do("allot", project=code, channel="JT2024", amount="1")
        return code

    return add


def _bank(village: Village, text: str) -> str:
    code = f"B{1000 + village.next()}"
    village.unit(lambda unit: register.add_bank(unit, "SF", code, name=text, kind="dedicated", channels=["JT2024"]))
    village.do("receive", project="P001", channel="JT2024", amount="0.01", bank=code)
    return code


def _channel(field: str) -> Callable[[Village, str], str]:
    def add(village: Village, text: str) -> str:
        code = f"Q{village.next()}"
        facts = {"name": "款", "document": ""} | {field: text}

        def act(unit: Any) -> None:
            channels.add_channel(unit, code, source="department", **facts)
            register.add_budget_line(unit, "SF", "P001", code, 100)

        village.unit(act)
        village.do("allot", project="P001", channel=code, amount="1")
        return code

    return add


def _good(field: str) -> Callable[[Village, str], str]:
    def add(village: Village, text: str) -> str:
        code = f"G{village.next()}"
        facts = {"name": f"物{village.made}", "unit_name": "吨"} | {field: text}
        village.unit(lambda unit: channels.add_good(unit, code, scale=3, **facts))
        village.do("inkind-receive", project="P001", channel="SN2024", good=code, quantity="1", amount="1")
        return code

    return add


def _contract(field: str) -> Callable[[Village, str], str]:
    def make(village: Village, text: str) -> str:
        code = f"P001C{2000 + village.next()}"
        typed = {"contract": code, "parts": ["JT2024=1"], field: text}
        return village.do("contract", **typed)

    return make


def _lot(village: Village, text: str) -> str:
    return village.do(
        "inkind-receive", project="P001", channel="SN2024", good="CEMENT", quantity="1", amount="1", lot=text
    )


def _leaning(field: str, before: Callable[[Village], str], act: Callable[[Village, str, str], str]) -> Any:
    """Fill a field of an event that leans on another; what was made for a text that is refused serves the next."""

    def fill(village: Village, text: str) -> str:
        made = village.spare.pop(field, "") or before(village)
        village.spare[field] = made
        done = act(village, made, text)
        del village.spare[field]
        return done

    return fill


def _allotted(village: Village) -> str:
    return village.do("allot", project="P001", channel="JT2024", amount="1")


def _contracted(village: Village) -> str:
    code = f"P001C{1000 + len(village.kept.get('certificate reason', []))}"
    village.do("contract", contract=code, parts=["JT2024=1"])
    return code


def _user(field: str) -> Callable[[Village, str], str]:
    def add(village: Village, text: str) -> str:
        name = text if field == "name" else f"u{village.next()}"
        full = text if field == "full_name" else ""
        village.unit(lambda unit: people.add_user(unit, name, roles=["maker"], full_name=full))
        if field == "name":
            draft = village.clerk.draft("allot", user=name, project="P001", channel="JT2024", amount="1")["draft"]
            return str(village.clerk.seal(draft))
        return name

    return add


def _village(field: str) -> Callable[[Village, str], str]:
    def add(village: Village, text: str) -> str:
        code = f"V{village.next()}"
        facts = {"name": "村", "township": ""} | {field: text}
        village.unit(lambda unit: registry.add_village(unit, code, **facts))
        return code

    return add


def _book(village: Village, text: str) -> str:
    code = f"K{village.next()}"

    def act(unit: Any) -> None:
        register.add_book(unit, code, village="V13", name=text, started_on=parse_date("2024-01-01"))

    village.unit(act)
    return code


def _evidence(village: Village, text: str) -> str:
    village.unit(
        lambda unit: works.observe(unit, "SF", "paved-road", on="2024-01-01", numerator=1, denominator=2, evidence=text)
    )
    return ""


def _key(village: Village, text: str) -> str:
    label = village.clerk.draft("allot", key=text, project="P001", channel="JT2024", amount="1")["draft"]
    return str(village.clerk.seal(label))


def _paper(village: Village, text: str) -> str:
    path = village.clerk.workspace.path.parent / f"papers{village.next()}"
    path.mkdir()
    try:
        paper = path / text
        paper.write_text(f"slip {village.made}", encoding="utf-8")
    except (OSError, ValueError, UnicodeError):
        paper = Path(text)  # no file can have this name; it is asked for all the same
        if os.path.exists(text):  # noqa: PTH110 - it is content with any text
            paper = path  # it leads to something that is there; a folder is refused like it
    return village.do("allot", project="P001", channel="JT2024", amount="1", papers=[paper])


def _code(field: str, verb: str, **typed: Any) -> Callable[[Village, str], str]:
    return lambda village, text: village.do(verb, **typed | {field: text})


FIELDS: dict[str, Callable[[Village, str], str]] = {
    "note": _allot("note"),
    "party": _allot("party"),
    "number": _allot("number"),
    "person": lambda village, text: village.do(
        "allot", project="P001", channel="JT2024", amount="1", party=text, person=True
    ),
    "project title": _project("title"),
    "project name": _project("name"),
    "project place": _project("place"),
    "project responsible": _project("responsible"),
    "project unit": _project("unit"),
    "project quantity": _project("quantity"),
    "project benefit": _project("benefit"),
    "project type": _project("type"),
    "project start": _project("planned_start"),
    "bank name": _bank,
    "channel name": _channel("name"),
    "channel document": _channel("document"),
    "good name": _good("name"),
    "good unit": _good("unit_name"),
    "contract name": _contract("name"),
    "contract party": _contract("party"),
    "lot": _lot,
    "reversal reason": _leaning(
        "reversal reason", _allotted, lambda village, made, text: village.do("reverse", voucher=made, reason=text)
    ),
    "certificate reason": _leaning(
        "certificate reason",
        _contracted,
        lambda village, made, text: village.do("certify", contract=made, parts=["JT2024=1"], reason=text),
    ),
    "user name": _user("name"),
    "full name": _user("full_name"),
    "village name": _village("name"),
    "township": _village("township"),
    "book name": _book,
    "evidence": _evidence,
    "key": _key,
    "paper": _paper,
    "date": _code("date", "allot", project="P001", channel="JT2024", amount="1"),
    "amount": _code("amount", "allot", project="P001", channel="JT2024"),
    "project code": _code("project", "allot", channel="JT2024", amount="1"),
    "channel code": _code("channel", "allot", project="P001", amount="1"),
    "contract code": _code("contract", "contract", parts=["JT2024=1"]),
    "part": lambda village, text: village.do("contract", contract="P001C99", parts=[text]),
    "bank code": _code("bank", "receive", project="P001", channel="JT2024", amount="1"),
    "quantity": _code("quantity", "inkind-receive", project="P001", channel="SN2024", good="CEMENT", amount="1"),
    "observation": lambda village, text: village.do("accept", project="P001", quantity="1", observe=[text]),
    "opening": lambda village, text: village.do("opening", project="P001", lines=[text]),
    "voucher": _code("voucher", "reverse", reason="x"),
}
"""Every field that takes text, with how it is filled; each returns where the text can be found again."""


@pytest.fixture
def village(new_clerk, monkeypatch) -> Iterator[Village]:
    monkeypatch.setattr(
        desks, "lay_out", lambda _workspace, _fresh: 0
    )  # a thousand vouchers, and one writing of the month
    with new_clerk() as clerk:
        yield Village(clerk)


@pytest.fixture
def twin(new_clerk) -> Iterator[Village]:
    with new_clerk() as clerk:
        yield Village(clerk)


def load(village: Village, book: str = "SF") -> tuple[list[Any], dict[str, Any]]:
    entries, errors, options = loader.load_file(str(village.clerk.workspace.books / book / "main.beancount"))
    assert [each.message for each in errors] == []
    return entries, options


def shape(village: Village, book: str = "SF") -> dict[str, Any]:
    """Return what kinds of directives Beancount loads, and every option that is not a name."""
    entries, options = load(village, book)
    told = {name: value for name, value in options.items() if name not in {"title", "filename", "input_hash", "dcontext", "commodities", "include"}}  # fmt: skip
    told["include"] = sorted(Path(each).name for each in options["include"])
    customs = Counter((each.type, len(each.values)) for each in entries if isinstance(each, data.Custom))
    return {"kinds": Counter(type(each).__name__ for each in entries), "customs": customs, "options": told}


def kept_text(text: str) -> str:
    """Return what is kept of a text: spaces of other widths are plain ones, and none stands at the ends."""
    plain = "".join(" " if unicodedata.category(each) == "Zs" and each != "\u3000" else each for each in text)
    return plain.strip()


class Loaded:
    """What Beancount read from a village's book, by the names under which it can be found again."""

    def __init__(self, village: Village) -> None:
        self.village = village
        entries, _ = load(village)
        transactions = [each for each in entries if isinstance(each, data.Transaction)]
        self.vouchers = {self.number(each): each for each in transactions}
        self.customs = {
            (each.type, each.values[0].value): each.values for each in entries if isinstance(each, data.Custom)
        }
        self.commodities = {each.currency: each.meta for each in entries if isinstance(each, data.Commodity)}

    @staticmethod
    def number(entry: data.Transaction) -> str:
        [number] = {each.removeprefix("V") for each in entry.links} - {entry.meta.get("reverses", "").removeprefix("V")}
        return number


def _meta(name: str) -> Callable[[Loaded, str], str]:
    return lambda loaded, where: loaded.vouchers[where].meta[name]


READ: dict[str, Callable[[Loaded, str], str]] = {
    "note": lambda loaded, where: loaded.vouchers[where].narration,
    "party": lambda loaded, where: loaded.vouchers[where].payee,
    "contract party": lambda loaded, where: loaded.vouchers[where].payee,
    "number": _meta("document-number"),
    "contract name": _meta("contract-name"),
    "lot": _meta("lot"),
    "certificate reason": _meta("reason"),
    "reversal reason": _meta("reason"),
    "user name": _meta("maker"),
    "bank name": lambda loaded, where: loaded.customs["bank", where][1].value,
    "project name": lambda loaded, where: loaded.customs["project", where][1].value,
    "channel name": lambda loaded, where: loaded.commodities[where]["name"],
    "channel document": lambda loaded, where: loaded.commodities[where]["document"],
    "good name": lambda loaded, where: loaded.commodities[where]["name"].rpartition("（")[0],
    "good unit": lambda loaded, where: loaded.commodities[where]["name"].partition("（")[2][:-1],
    "book name": lambda loaded, where: load(loaded.village, where)[1]["title"],
}
"""For each field that the books show in full, where Beancount has it."""


def check(village: Village, twin: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare what came out with what went in, and with the twin's books."""
    loaded = Loaded(village)
    for field, rows in village.kept.items():
        for where, typed, _ in rows:
            text = kept_text(typed)
            if field in READ and text:
                assert READ[field](loaded, where) == text, field
    monkeypatch.setattr(desks, "lay_out", lambda _workspace, _fresh: 0)
    for field, rows in village.kept.items():
        for number, (_, typed, made) in enumerate(rows):
            harmless = typed if field in CODES else f"甲{number}" if kept_text(typed) else ""
            twin.made = made
            twin.take(field, harmless)
    for field, before in (("reversal reason", _allotted), ("certificate reason", _contracted)):
        if field in village.spare:
            before(twin)
    settle(twin.clerk.workspace)
    assert twin.refused == Counter()
    assert all(each.strip() for each in village.said)
    assert shape(village) == shape(twin)
    assert [each for each in verify(village.clerk.workspace) if each.findings] == []


CODES = {"date", "amount", "project code", "channel code", "contract code", "part", "bank code", "quantity"}
CODES |= {"observation", "opening", "voucher", "project start", "project type", "paper", "user name"}
"""What is no free text: where such a field takes a text, harmless words would not do."""


class Page(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, tuple[str, ...]]] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.links |= {value or "" for name, value in attrs if name in {"href", "src"}}


def pages(village: Village, out: Path) -> tuple[set[Any], set[str]]:
    publish(village.clerk.workspace, out)
    found, links = set(), set()
    for path in out.rglob("*.html"):
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        found |= page.found
        links |= page.links
    return found, links


def _has(path: Path, *tags: str) -> bool:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return any(tag in tags for tag, _ in page.found)


def pages_are_plain(village: Village, twin: Village, tmp_path: Path) -> None:
    found, links = pages(village, tmp_path / "hostile")
    plain, _ = pages(twin, tmp_path / "plain")
    assert found == plain
    assert not {tag for tag, _ in found} & {"img", "iframe", "object", "base"}
    # The page that searches has a form and scripts of ours, each a file of the site; no other page has either.
    assert {names for tag, names in found if tag == "script"} <= {("defer", "src")}
    with_form = {path.name for path in (tmp_path / "hostile").rglob("*.html") if _has(path, "script", "form")}
    assert with_form <= {"search.html", "verify.html"}
    assert not {name for _, names in found for name in names if name.startswith("on")}
    assert not {link for link in links if ":" in link and not link.startswith(("tel:", "data:,"))}


def test_hostile_words_come_out_as_they_went_in_or_are_refused(village, twin, monkeypatch, tmp_path):
    texts = hostile(QUICK)
    fields = list(FIELDS)
    for number, text in enumerate(texts):
        # Three fields a text, so that every field has its turn often.
        for field in {fields[number * 3 % len(fields)], fields[(number * 7 + 1) % len(fields)], "note"}:
            village.take(field, text)
    settle(village.clerk.workspace)
    assert sum(len(rows) for rows in village.kept.values()) > QUICK // 3
    check(village, twin, monkeypatch)
    pages_are_plain(village, twin, tmp_path)


@pytest.mark.slow
def test_a_thousand_hostile_words_through_every_field(village, twin, monkeypatch, tmp_path):
    texts, fields = hostile(ALL), list(FIELDS)
    taken = 0
    for number, text in enumerate(texts):
        # Each text as a narration and through four more fields, each field with about a hundred of the texts.
        for field in dict.fromkeys(["note", *(fields[(number * 5 + turn) % len(fields)] for turn in range(4))]):
            village.take(field, text)
            taken += 1
    settle(village.clerk.workspace)
    kept = sum(len(rows) for rows in village.kept.values())
    assert kept + sum(village.refused.values()) == taken
    print(f"\n{len(texts)} texts through {len(fields)} fields: {kept} kept, {village.refused.total()} refused")
    print(dict(village.refused.most_common()))
    check(village, twin, monkeypatch)
    pages_are_plain(village, twin, tmp_path)


OBEYED = ["\x1b[31m红\x08\x9b\u202e反\u200b{x}%s"]
MORE = ["甲\n乙", "\x00", "\udc93", "\x1b]0;title\x07", "=1+1", "<b>{x}%s", "[bold]x"]
COMMANDS = [
    ["allot", "P001", "JT2024", "1", "--as", "zhang", "--note", "{}"],
    ["allot", "P001", "JT2024", "1", "--as", "{}"],
    ["allot", "{}", "JT2024", "1", "--as", "zhang"],
    ["allot", "P001", "JT2024", "{}", "--as", "zhang"],
    ["allot", "P001", "JT2024", "1", "--as", "zhang", "--date", "{}"],
    ["allot", "P001", "JT2024", "1", "--as", "zhang", "--doc", "{}"],
    ["allot", "P001", "JT2024", "1", "--as", "zhang", "--key", "{}"],
    ["allot", "P001", "JT2024", "1", "--as", "zhang", "--book", "{}"],
    ["contract", "P001C01", "--part", "{}", "--as", "zhang"],
    ["village", "add", "V77", "--name", "{}"],
    ["project", "show", "{}"],
    ["voucher", "show", "{}"],
    ["voucher", "edit", "{}", "{}", "--as", "zhang"],
    ["voucher", "list"],
    ["status", "{}"],
    ["prove", "--since", "{}"],
    ["verify", "--against", "{}"],
    ["{}"],
    ["--lang", "{}", "status"],
    ["--workspace", "{}", "status"],
    ["disclose", "--out", "{}"],
]  # fmt: skip


@pytest.mark.parametrize("texts", [OBEYED, pytest.param(MORE, marks=pytest.mark.slow)], ids=["quick", "slow"])
@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(each) for each in COMMANDS])
def test_the_command_line_prints_nothing_that_a_terminal_would_obey(
    clerk, command, texts, capsys, monkeypatch, tmp_path
):
    clerk.play("allot project=P001 channel=JT2024 amount=1")
    clerk.workspace.close()
    monkeypatch.setenv("EARMARK_WORKSPACE", str(clerk.workspace.path))
    monkeypatch.chdir(tmp_path)
    for text in texts:
        status = main.run([each.replace("{}", text) for each in command])
        out, err = capsys.readouterr()
        assert status in {0, 1, 3}, (text, err)
        assert status != 1 or (err.count("\n") == 1 and err.strip())
        printed = out.replace("\n", "") + err.replace("\n", "")
        assert [each for each in printed if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}] == []
