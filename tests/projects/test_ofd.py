"""OFD documents: told by what is in them, kept as they came, never shown; whatever else a ZIP may be is refused."""

from __future__ import annotations

import io
import re
import struct
import time
import warnings
import zipfile
from random import Random
from typing import Any

import pytest
from desks import RECEIPT, desk, enter
from flask import Flask

from ledger import messages
from ledger.errors import DocumentUnreadable
from projects import ofd
from projects.ofd import is_ofd

ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0" '
    'DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo>'
    "<ofd:DocRoot>{}</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
)
DOCUMENT = (
    '<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CommonData><ofd:MaxUnitID>1</ofd:MaxUnitID>'
    "<ofd:PageArea><ofd:PhysicalBox>0 0 210 140</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData>"
    '<ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>'
)
PAGE = '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content/></ofd:Page>'
PARTS = {
    "OFD.xml": ROOT.format("Doc_0/Document.xml"),
    "Doc_0/Document.xml": DOCUMENT,
    "Doc_0/Pages/Page_0/Content.xml": PAGE,
}
UNPREFIXED = ROOT.format("Doc_0/Document.xml").replace("xmlns:ofd=", "xmlns=").replace("ofd:", "")
WHERE = "/desk/SF/record/receive"


def packed(*more: tuple[Any, Any], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"", **changed: Any) -> bytes:
    """A small document; parts by name are changed, left out where None, or added: by ZipInfo, in this order."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as made:
        warnings.simplefilter("ignore", UserWarning)  # of doubled names, which are wanted here
        for name, text in (PARTS | changed).items():
            if text is not None:
                made.writestr(name, text)
        for info, text in more:
            made.writestr(info, text)
        made.comment = comment
    return out.getvalue()


def part(name: str, **attributes: Any) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def lying(content: bytes, name: str, offset: int, value: int) -> bytes:
    """Change a whole number in the line of a part in the list of parts."""
    at = content.rfind(name.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    return content[: at + offset] + struct.pack("<L", value) + content[at + offset + 4 :]


SOUND = packed()


@pytest.mark.parametrize(
    "content",
    [
        SOUND,
        packed(method=zipfile.ZIP_STORED),
        packed(**{"OFD.xml": ROOT.format(" /Doc_0/Document.xml\n")}),
        packed((part("Doc_0/Res/印章.png"), b"\x89PNG"), (part("Doc_0/Res/"), b"")),
        packed(**{"OFD.xml": UNPREFIXED}),
        packed(comment=b"made by a tax office"),
    ],
    ids=["deflated", "stored", "from-the-root", "with-a-seal", "no-prefix", "with-a-comment"],
)
def test_a_document_is_told_by_what_is_in_it(content: bytes) -> None:
    assert is_ofd(content)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>'
FETCHES = '<!DOCTYPE x SYSTEM "http://evil.example.org/x.dtd">'
NO_DOCUMENTS = {
    "a zip of papers": packed(**{"OFD.xml": None}),
    "in a folder": packed((part("x/OFD.xml"), PARTS["OFD.xml"]), **{"OFD.xml": None}),
    "small letters": packed((part("ofd.xml"), PARTS["OFD.xml"]), **{"OFD.xml": None}),
    "a spreadsheet": packed((part("[Content_Types].xml"), "<Types/>"), (part("xl/workbook.xml"), "<x/>"), **{"OFD.xml": None}),
    "another namespace": packed(**{"OFD.xml": ROOT.format("Doc_0/Document.xml").replace("ofdspec.org", "evil.org")}),
    "no namespace": packed(**{"OFD.xml": "<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>"}),
    "no document": packed(**{"OFD.xml": ROOT.format("")}),
    "a document that is not there": packed(**{"OFD.xml": ROOT.format("Doc_1/Document.xml")}),
    "a document outside": packed(**{"OFD.xml": ROOT.format("../../etc/passwd")}),
    "a document elsewhere": packed(**{"OFD.xml": ROOT.format("http://evil.example.org/x.xml")}),
    "a root in something else": packed(**{"OFD.xml": "<x>" + ROOT.format("Doc_0/Document.xml").partition("?>")[2] + "</x>"}),
    "no XML": packed(**{"OFD.xml": "OFD"}),
    "XML that ends early": packed(**{"OFD.xml": ROOT.format("Doc_0/Document.xml")[:-5]}),
    "entities": packed(**{"OFD.xml": LAUGHS + ROOT.format("Doc_0/Document.xml").partition("?>")[2]}),
    "a fetched type": packed(**{"OFD.xml": FETCHES + ROOT.format("Doc_0/Document.xml").partition("?>")[2]}),
    "an entry too long": packed(**{"OFD.xml": ROOT.format("Doc_0/Document.xml") + " " * ofd.LARGEST_ENTRY}, method=zipfile.ZIP_STORED),
    "a path upwards": packed((part("../evil.sh"), "x")),
    "a path upwards inside": packed((part("Doc_0/../../evil.sh"), "x")),
    "a path from the root": packed((part("/etc/cron.d/x"), "x")),
    "a path of Windows": packed((part("Doc_0\\..\\evil.exe"), "x")),
    "a drive": packed((part("C:evil.exe"), "x")),
    "a name that moves the cursor": packed((part("Doc_0/\x1b[2Jx"), "x")),
    "a name that reads backwards": packed((part("Doc_0/\u202efdp.exe"), "x")),
    "a doubled name": packed((part("Doc_0/Document.xml"), "other")),
    "a name doubled but for its case": packed((part("doc_0/document.XML"), "other")),
    "a file that is a folder too": packed((part("Doc_0/Document.xml/"), "")),
    "a link": packed((part("Doc_0/link", external_attr=0o120777 << 16, create_system=3), "/etc/passwd")),
    "a device": packed((part("Doc_0/device", external_attr=0o020666 << 16, create_system=3), "")),
    "a bomb": packed((part("Doc_0/bomb", compress_type=zipfile.ZIP_DEFLATED), bytes(30_000_000))),
    "a bomb beside a photo": packed(
        (part("Doc_0/photo"), Random(1).randbytes(200_000)),
        (part("Doc_0/bomb", compress_type=zipfile.ZIP_DEFLATED), bytes(30_000_000)),
    ),
    "a bomb in many parts": packed(*((part(f"Doc_0/{n}", compress_type=8), bytes(900_000)) for n in range(9))),
    "a method that nobody packs documents by": packed(method=zipfile.ZIP_BZIP2),
    "a password": lying(SOUND, "Doc_0/Pages/Page_0/Content.xml", 8, 0x00080001),
    "a part that is larger than it says": lying(SOUND, "Doc_0/Pages/Page_0/Content.xml", 24, 10),
    "a part that is smaller than it says": lying(SOUND, "Doc_0/Pages/Page_0/Content.xml", 24, 10_000),
    "a part that lies elsewhere": lying(SOUND, "Doc_0/Pages/Page_0/Content.xml", 42, 0),
    "more than the file holds": lying(SOUND, "Doc_0/Pages/Page_0/Content.xml", 20, 10_000_000),
    "something before it": b"<script>" + SOUND,
    "cut short": SOUND[:-30],
    "its end alone": SOUND[SOUND.rindex(b"PK\x05\x06") :],
    "its beginning alone": SOUND[:40],
    "nothing": b"",
    "an empty zip": b"PK\x05\x06" + bytes(18),
}  # fmt: skip


@pytest.mark.parametrize("content", NO_DOCUMENTS.values(), ids=NO_DOCUMENTS)
def test_what_is_no_document_or_a_trap_is_none(content: bytes) -> None:
    assert not is_ofd(content)


def test_a_changed_byte_in_a_part_is_seen() -> None:
    stored = packed(method=zipfile.ZIP_STORED)
    at = stored.index(b"PhysicalBox")
    assert not is_ofd(stored[:at] + b"p" + stored[at + 1 :])


def test_all_parts_together_have_a_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sum(len(each) for each in PARTS.values())
    monkeypatch.setattr(ofd, "LARGEST", whole)
    assert is_ofd(SOUND)
    monkeypatch.setattr(ofd, "LARGEST", whole - 1)
    assert not is_ofd(SOUND)


def test_a_long_list_of_parts_is_refused_before_it_is_read() -> None:
    line = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    count = 400_000
    ends = [(count & 0xFFFF, count * len(line)), (10, count * len(line)), (count & 0xFFFF, 10)]
    for said, size in ends:
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, said, said, size, 4, 0)
        begun = time.perf_counter()
        assert not is_ofd(b"PK\x03\x04" + line * count + end)
        assert time.perf_counter() - begun < 1
    many = packed(*((part(f"Doc_0/{number}"), "") for number in range(ofd.MOST)))
    assert not is_ofd(many)


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "li"))


def hand_in(client: Any, content: bytes, name: str, step: str = "keep") -> Any:
    form = {"csrf_token": client.token, "key": "1" * 32, "step": step} | RECEIPT
    return client.post(WHERE, data=form | {"papers": [(io.BytesIO(content), name)]})


def test_at_the_desk_it_is_kept_as_it_came_and_handed_out_to_be_saved_alone(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    assert ".ofd" in zhang.get(WHERE).text
    kept = hand_in(zhang, SOUND, "电子发票.OFD")
    assert kept.status_code == 303, kept.text
    [link] = re.findall(r'href="([^"]+/papers/[^"]+)"', li.get(kept.location).text)
    taken = li.get(link)
    assert taken.data == SOUND
    assert taken.headers["Content-Disposition"].startswith("attachment")
    assert taken.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in taken.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["发票.ofd", "发票.pdf"])
@pytest.mark.parametrize("which", ["a zip of papers", "a bomb", "a link", "a path upwards", "entities"])
def test_at_the_desk_a_trap_is_refused_and_not_kept(app: Flask, clerk: Any, which: str, name: str) -> None:
    zhang = enter(app, "zhang")
    refused = hand_in(zhang, NO_DOCUMENTS[which], name)
    assert refused.status_code == 422
    assert 'id="e-papers"' in refused.text
    assert not list(clerk.workspace.documents.glob("*"))


def test_an_ofd_that_is_called_something_else_is_refused_at_the_desk(app: Flask) -> None:
    zhang = enter(app, "zhang")
    assert {hand_in(zhang, SOUND, name).status_code for name in ("x.pdf", "x.zip", "x.ofd.exe", "x.html.ofd")} == {422}
    assert hand_in(zhang, b"%PDF-1.7\n", "x.ofd").status_code == 422


def test_on_the_command_line_what_is_called_ofd_is_one(clerk: Any, tmp_path: Any) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    for name, content in (("trap.ofd", NO_DOCUMENTS["a bomb"]), ("PAGE.OFD", b"<script>")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(DocumentUnreadable) as refused:
            clerk.draft("receive", papers=[path], **RECEIPT)
        assert "OFD" in messages.explain(refused.value, "zh")
        assert messages.explain(refused.value, "en")
    path = tmp_path / "发票.ofd"
    path.write_bytes(SOUND)
    clerk.draft("receive", papers=[path], **RECEIPT)
    [kept] = clerk.workspace.documents.glob("*.ofd")
    assert kept.read_bytes() == SOUND
