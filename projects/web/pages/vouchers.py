"""Vouchers: the list with a search, one as it is printed, and taking one back."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from projects import sums
from projects.sealed import need_sealed
from projects.search import find_vouchers
from projects.web.office import office
from projects.web.pages.frame import Page, command_key, desk, look, new_key, pages, write
from projects.web.papers import hand_out
from projects.web.sessions import language

NEWEST = 200
"""So many vouchers are listed at once."""


@pages.get("/desk/<book>/vouchers")
def list_vouchers(book: str) -> Page:
    """List the newest vouchers, or those that have the words or the amount that were looked for."""
    sought = request.args.get("q", "").strip()
    with office().workspace.read() as connection:
        seen = look(connection, book)
        rows, count = find_vouchers(connection, book, sought, most=NEWEST)
        fen = sums.wholes(connection, book, [row["number"] for row in rows])
    return render_template("vouchers.html", **seen, rows=rows, fen=fen, sought=sought, count=count)


@pages.get("/desk/<book>/vouchers/<number>")
def voucher(book: str, number: str) -> Page:
    """Show a voucher as it is printed."""
    with office().workspace.read() as connection:
        seen = look(connection, book)
        found = need_sealed(connection, book, number)
    fen = sums.whole((each["commodity"], each["amount"], each["scale"]) for each in found["postings"])
    return render_template("voucher.html", **seen, made=found, money=fen, key=new_key())


@pages.get("/desk/<book>/vouchers/<number>/pdf")
def voucher_print(book: str, number: str) -> Page:
    """Hand out a voucher as it is bound: A5, or A4 where it is asked for."""
    from projects.printing import SHEETS, print_vouchers

    size = next((each for each in SHEETS if each == request.args.get("paper")), SHEETS[0])
    with office().workspace.read() as connection:
        printed = print_vouchers(connection, book, [number], language(), size=size)
    name = f"{book}-V{number.upper().removeprefix('V')}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(printed.pdf, headers=headers, content_type="application/pdf")


@pages.get("/desk/<book>/vouchers/<number>/papers/<name>")
def voucher_paper(book: str, number: str, name: str) -> Page:
    """Hand out a paper of a voucher."""
    with office().workspace.read() as connection:
        found = need_sealed(connection, book, number)
    if name not in found["documents"]:
        raise NotFound
    return hand_out(office().workspace.documents, name)


@pages.post("/desk/<book>/vouchers/<number>/correct")
def correct(book: str, number: str) -> Page:
    """Draft the reversal of a voucher, and of those that lean on it."""
    key = command_key()
    write(lambda: desk(book).correct(number, reason=request.form.get("reason", ""), key=key))
    return redirect(url_for("desk.drafts", book=book), 303)
