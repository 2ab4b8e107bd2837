"""The command that checks pages of a public site against the proof of their book."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from projects.cli.office_key import read_key
from projects.cli.output import Output
from projects.cli.session import Json, read_note, session
from projects.cli.verification import WRONG
from projects.errors import PageUnproved

if TYPE_CHECKING:
    from projects.disclosure.proved import Proved, Report

FILE_MARK = "data-proof-file"
"""Marks where a page of a site says that its proof is; a notice has none."""


def add_to(app: typer.Typer) -> None:
    """Put this command into the command line."""
    app.command("verify-page", help="@help.verify-page")(verify_page)


def verify_page(
    path: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="@argument.page")],
    proof: Annotated[Path | None, typer.Option("--proof", metavar="FILE", help="@option.page-proof")] = None,
    trusted: Annotated[str | None, typer.Option("--office-key", metavar="KEY|FILE", help="@option.office-key")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Check a page, or all pages in a folder, against the proof of their book; no workspace is needed."""
    from projects.disclosure.proved import Proved

    key = read_key(trusted) if trusted else None
    opened: dict[Path, Proved] = {}
    found: list[tuple[Path, Report]] = []
    unproved: list[str] = []
    for page, of in _pages(path, proof, unproved):
        if of not in opened:
            opened[of] = Proved(read_note(of), trusted=key)
        found.append((page, opened[of].check(read_note(page), _style_of(page))))
    wrong = [report for _, report in found if report.problems]
    output = session.output(as_json=as_json)
    if output.data([_as_data(page, report) for page, report in found]):
        pass
    elif path.is_dir():
        _say_all(output, found, books=len(opened), unproved=unproved)
    else:
        _say(output, found[0][1], known=key is not None)
    if wrong:
        raise typer.Exit(WRONG)


def _pages(path: Path, proof: Path | None, unproved: list[str]) -> Iterator[tuple[Path, Path]]:
    """Yield pages with their proofs; in a folder those of villages, and those that name none are `unproved`.

    Raises:
        PageUnproved: the page names no proof, or there is none where it says, or no page in the folder has one.
    """
    from projects.disclosure.proved.reading import read_page

    count = 0
    for each in sorted(path.rglob("*.html")) if path.is_dir() else [path]:
        read = read_page(read_note(each))
        if path.is_dir() and not read.blocks:
            continue
        if path.is_dir() and not read.proof:
            unproved.append(each.relative_to(path).as_posix())
            continue
        of = proof or _proof_of(each, read.proof)
        if of is None:
            raise PageUnproved(about="" if read.proof else "unnamed", path=each, proof=read.proof)
        count += 1
        yield each, of
    if not count:
        raise PageUnproved(about="folder", path=path)


def _style_of(page: Path) -> bytes | None:
    """Return the style sheet of a page where it lies in the site, or beside the page; None where it is not at hand."""
    read = read_note(page)
    named = re.search(r'<link rel="stylesheet" href="((?:\.\./)*style\.css)">', read)
    there = [page.parent / named[1], page.with_name("style.css")] if named else []
    return next((each.read_bytes() for each in there if each.is_file()), None)


def _proof_of(page: Path, said: str) -> Path | None:
    """Return the proof that a page names, where it says or right beside the page."""
    if not said or ":" in said or said.startswith("/"):
        return None
    there = (page.parent / said, page.parent / Path(said).name)
    return next((each.resolve() for each in there if each.is_file()), None)


def _say(output: Output, report: Report, *, known: bool) -> None:
    for code, given in report.problems:
        output.check("problem", "", output.text(f"page-problem.{code}", **given), width=0)
    if report.problems:
        output.say("print.page-wrong", count=len(report.problems))
        return
    output.say("print.page-right", title=report.title, words=report.words)
    output.say("print.page-vouchers", vouchers=report.vouchers + report.withheld, size=report.size, other=report.other)
    if report.withheld:
        output.say("print.page-withheld", count=report.withheld)
    for figure, (count, amount) in report.part.items():
        output.say("print.page-part", figure=output.text(f"disclosure.figure.{figure}"), count=count, amount=amount)
    if report.later:
        output.say("print.page-later", count=report.later)
    for figure, (count, amount) in report.unsigned.items():
        output.say("print.page-unsigned", figure=output.text(f"disclosure.figure.{figure}"), count=count, amount=amount)
    if report.since:
        output.say("print.page-since", size=report.since, now=report.size)
    if report.foreign:
        output.say("print.proof-foreign", count=report.foreign)
    stated = output.text("print.page-names" if report.named else "print.page-names-all")
    if not report.styled:
        output.say("print.page-unstyled")
    output.say("print.page-stated", names=stated, parts=output.join(report.stated))
    output.say("print.notice-key" if known else "print.notice-compare", log=report.origin, key=report.vkey)


def _say_all(output: Output, found: list[tuple[Path, Report]], *, books: int, unproved: list[str]) -> None:
    wrong = [(page, report) for page, report in found if report.problems]
    for page, report in wrong:
        for code, given in report.problems:
            output.check("problem", str(page), output.text(f"page-problem.{code}", **given), width=0)
    if foreign := sum({report.origin: report.foreign for _, report in found}.values()):
        output.say("print.proof-foreign", count=foreign)
    if unproved:
        output.say("print.pages-unproved", count=len(unproved), names=output.join(unproved))
    if wrong:
        output.say("print.pages-wrong", count=len(wrong), pages=len(found))
    else:
        output.say("print.pages-right", pages=len(found), books=books)


def _as_data(page: Path, report: Report) -> dict[str, Any]:
    data = asdict(report)
    data["problems"] = [{"code": code, **given} for code, given in report.problems]
    for name in ("part", "unsigned"):
        data[name] = {figure: {"count": count, "fen": fen} for figure, (count, fen) in getattr(report, name).items()}
    return {"file": str(page), "right": not report.problems, **data}
