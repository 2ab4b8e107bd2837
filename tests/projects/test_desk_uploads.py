"""Papers at the desk: taken for what they are, kept under their hash, handed out in a sandbox, never run."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from desks import RECEIPT, desk, enter
from flask import Flask
from itsdangerous import URLSafeSerializer
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(60) + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00" + zlib.compress(
    b"\0\0"
)
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(40)
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(60)
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
WHERE = "/desk/SF/record/receive"


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "wang", "li", "zhao"))


def hand_in(
    client: Any,
    *papers: tuple[bytes, str],
    step: str = "look",
    tokens: Any = (),
    key: str = "1" * 32,
    more: Mapping[str, str] | None = None,
) -> Any:
    form = {"csrf_token": client.token, "key": key, "step": step, "paper": list(tokens)} | RECEIPT | dict(more or {})
    files = [FileStorage(io.BytesIO(content), name) for content, name in papers]
    boundary, body = encode_multipart(MultiDict(form | {"papers": files}))
    return client.post(WHERE, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def tokens(page: Any) -> list[str]:
    return re.findall(r'name="paper" value="([^"]+)"', page.text)


def name_of(sealed: str) -> str:
    """Under which name a form carries a paper on."""
    return str(URLSafeSerializer("").load_payload(sealed.rpartition(".")[0].encode())[0])


def test_a_paper_goes_from_the_form_to_the_voucher_and_to_fava(app: Flask, clerk: Any) -> None:
    zhang, li, auditor = enter(app, "zhang"), enter(app, "li"), enter(app, "zhao")
    shown = hand_in(zhang, (PDF, "回单.pdf"), (JPG, "照片 1.JPG"), (PDF, "同一张.pdf"))
    assert shown.status_code == 200
    assert len(tokens(shown)) == 2
    kept = hand_in(zhang, step="keep", tokens=tokens(shown))
    assert kept.status_code == 303
    draft = li.get(kept.location)
    links = re.findall(r'href="([^"]+/papers/[^"]+)"', draft.text)
    assert [li.get(each).data for each in links] == [PDF, JPG] or [li.get(each).data for each in links] == [JPG, PDF]
    sealed = li.post(f"{kept.location}/seal", data={"csrf_token": li.token, "key": "2" * 32})
    links = re.findall(r'href="([^"]+/papers/[^"]+)"', auditor.get(sealed.location).text)
    assert sorted(auditor.get(each).data for each in links) == sorted([PDF, JPG])
    listed = auditor.get("/books/SF/api/documents").json["data"]
    assert len(listed) == 2
    for each in listed:
        paper = auditor.get("/books/SF/document/", query_string={"filename": each["filename"]})
        assert paper.data in {PDF, JPG}
        assert "sandbox" in paper.headers["Content-Security-Policy"]


def test_a_wrong_paper_is_ticked_off_before_the_draft_and_in_it_and_another_put_in_its_place(app: Flask) -> None:
    zhang, wang = enter(app, "zhang"), enter(app, "wang")
    shown = hand_in(zhang, (PDF, "回单.pdf"), (JPG, "错的.jpg"), step="mend")
    assert shown.text.count('type="checkbox" name="paper"') == 2
    right = next(each for each in tokens(shown) if name_of(each) == "回单.pdf")
    refused = hand_in(zhang, (HTML, "page.pdf"), tokens=[right])
    assert (refused.status_code, tokens(refused)) == (422, [right]), "what is ticked is carried on beside a refusal"
    draft = hand_in(zhang, step="keep", tokens=tokens(shown)).location
    label = draft.rsplit("/", 1)[1]
    form = zhang.get(f"{WHERE}?draft={label}")
    kept = tokens(form)
    [of_jpg, of_pdf] = sorted(kept, key=lambda each: name_of(each)[-3:])
    links = re.findall(r'<a class="to" href="([^"]+/papers/[^"]+)"', form.text)
    assert sorted(zhang.get(each).data for each in links) == sorted([PDF, JPG])
    changed = {"draft": label, "note": "改附件"}
    looked = hand_in(zhang, (PNG, "对的.png"), tokens=[of_pdf], key="4" * 32, more=changed)
    assert (looked.status_code, len(tokens(looked))) == (200, 2)
    assert "对的.png" in looked.text
    over = hand_in(zhang, tokens=tokens(looked), key="4" * 32, more=changed | {"amount": "999999999"})
    assert (over.status_code, tokens(over)) == (422, tokens(looked))
    for _ in range(2):
        done = hand_in(zhang, step="keep", tokens=tokens(looked), key="4" * 32, more=changed)
        assert done.location == draft
    links = re.findall(r'href="([^"]+/papers/[^"]+)"', wang.get(draft).text)
    assert sorted(wang.get(each).data for each in links) == sorted([PDF, PNG])
    # Another maker's papers are of no use to anybody, and nobody else changes the draft.
    assert hand_in(wang, step="keep", tokens=[of_jpg], key="5" * 32, more=changed).status_code == 422
    assert hand_in(zhang, step="keep", key="6" * 32, more=changed).status_code == 303
    assert "/papers/" not in wang.get(draft).text


def test_a_paper_is_handed_out_only_where_it_belongs(app: Flask) -> None:
    """All papers of an office lie in one folder: whoever knows the hash of another one's gets nothing by it."""
    zhang, li = enter(app, "zhang"), enter(app, "li")
    mine = hand_in(zhang, (PDF, "a.pdf"), step="keep").location
    other = hand_in(zhang, (PNG, "b.png"), step="keep", key="3" * 32).location
    of_mine, of_other = (re.findall(r'href="[^"]+/papers/([^"]+)"', li.get(each).text)[0] for each in (mine, other))
    assert li.get(f"{mine}/papers/{of_mine}").data == PDF
    assert li.get(f"{mine}/papers/{of_other}").status_code == 404
    sealed = li.post(f"{mine}/seal", data={"csrf_token": li.token, "key": "2" * 32}).location
    assert li.get(f"{sealed}/papers/{of_mine}").data == PDF
    assert li.get(f"{sealed}/papers/{of_other}").status_code == 404


def test_what_is_handed_out_is_never_a_page_of_ours(app: Flask) -> None:
    zhang = enter(app, "zhang")
    kept = hand_in(zhang, (PNG, "x.png"), step="keep")
    [link] = re.findall(r'href="([^"]+/papers/[^"]+)"', zhang.get(kept.location).text)
    answer = zhang.get(link)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "image/png"
    for other in (
        "../../earmark.toml",
        "..%2f..%2flogins.json",
        "a" * 64,
        f"{'a' * 64}.pdf",
        link.rsplit("/", 1)[1] + "x",
    ):
        assert zhang.get(f"{kept.location}/papers/{other}").status_code == 404, other


REFUSED = [
    # what, under which name: each is refused, and no byte of it is kept
    (HTML, "page.html"),
    (HTML, "page.pdf"),
    (b"%PDF-" + HTML[:0] + b"", ".pdf"),
    (SVG, "image.svg"),
    (SVG, "image.png"),
    (ZIP, "papers.zip"),
    (ZIP, "papers.pdf"),
    (ZIP, "sheet.xlsx"),
    (EXE, "setup.exe"),
    (EXE, "setup.jpg"),
    (PDF, "setup.exe.pdf"),
    (PDF, "page.html.pdf"),
    (PDF, "paper.pdf.exe"),
    (PDF, "paper.png"),
    (PNG, "paper.jpg"),
    (PDF, "paper"),
    (PDF, "paper.pdf "),
    (PDF, "../../paper.pdf"),
    (PDF, "..\\paper.pdf"),
    (PDF, "C:paper.pdf"),
    (PDF, "paper\u202efdp.pdf"),
    (PDF, 'paper"><script>.pdf'),
    (PDF, "x" * 200 + ".pdf"),
    (b"GIF89a<script>alert(1)</script>", "image.gif"),
    (b"<!-- %PDF-1.4 --><script>", "comment.pdf"),
    (b"", "empty.pdf"),
    # What begins as one thing is and is another: each half of the rule by itself would let one of these in.
    (b"\r\n" + PDF, "shifted.pdf"),
    (PDF[:4] + b"\n" + HTML, "short.pdf"),
    (PDF.ljust(257, b"\0") + b"ustar\x0000" + bytes(300), "polyglot.pdf"),
    (JPG.ljust(257, b"\0") + b"ustar\x0000" + bytes(300), "polyglot.jpg"),
    (b"\xff\xd8\xff\xf7" + JPG[4:], "other.jpg"),
    (PDF + bytes(20_000_001), "large.pdf"),
]


@pytest.mark.parametrize("content, name", REFUSED, ids=lambda each: ascii(each)[:40] if isinstance(each, str) else "")
def test_what_is_no_plain_paper_is_refused_and_not_kept(app: Flask, clerk: Any, content: bytes, name: str) -> None:
    zhang = enter(app, "zhang")
    before = sorted(clerk.workspace.documents.iterdir()) if clerk.workspace.documents.exists() else []
    answer = hand_in(zhang, (content, name), step="keep")
    assert answer.status_code == 422, name
    assert 'id="e-papers"' in answer.text
    assert "<script>" not in answer.text
    assert not zhang.get("/desk/SF/drafts").text.count("/drafts/D")
    after = sorted(clerk.workspace.documents.iterdir()) if clerk.workspace.documents.exists() else []
    assert after == before


def test_a_form_carries_no_paper_of_somebody_else_and_none_that_it_made_up(app: Flask) -> None:
    zhang, wang = enter(app, "zhang"), enter(app, "wang")
    [token] = tokens(hand_in(zhang, (PDF, "a.pdf")))
    for client, named in ((wang, token), (zhang, token + "x"), (zhang, "a" * 64 + "//1"), (zhang, "../../logins.json")):
        answer = hand_in(client, step="keep", tokens=[named], key="3" * 32)
        assert answer.status_code == 422
        assert 'id="e-papers"' in answer.text


def test_what_was_typed_and_handed_in_stays_when_something_is_refused(app: Flask) -> None:
    zhang = enter(app, "zhang")
    form = {"csrf_token": zhang.token, "key": "4" * 32, "step": "look"} | RECEIPT | {"amount": "abc"}
    answer = zhang.post(WHERE, data=form | {"papers": [(io.BytesIO(PDF), "a.pdf")]})
    assert answer.status_code == 422
    assert len(tokens(answer)) == 1
    assert 'value="abc"' in answer.text
    mended = hand_in(zhang, step="keep", tokens=tokens(answer), key="4" * 32)
    assert mended.status_code == 303


def test_a_form_takes_so_many_papers_and_no_more(app: Flask) -> None:
    zhang = enter(app, "zhang")
    papers = [(PDF + bytes([number]), f"{number}.pdf") for number in range(21)]
    assert hand_in(zhang, *papers[:20]).status_code == 200
    assert hand_in(zhang, *papers).status_code == 422


def test_a_request_is_not_read_beyond_its_measure(app: Flask) -> None:
    zhang = enter(app, "zhang")
    assert zhang.post("/language", data={"csrf_token": zhang.token, "lang": "x" * 1_100_000}).status_code == 413
    assert hand_in(zhang, *[(PDF + bytes(19_000_000), f"{each}.pdf") for each in range(6)]).status_code == 413
