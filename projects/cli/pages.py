"""The command that checks pages of a public site against the proof of their book."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from projects.cli.office_key import read_keys
from projects.cli.output import Output
from projects.cli.session import Json, read_note, session
from projects.cli.verification import WRONG
from projects.errors import PageUnproved

if TYPE_CHECKING:
    from projects.disclosure.proved import Report
    from projects.disclosure.proved.county import County
    from projects.disclosure.proved.data import Data
    from projects.disclosure.proved.report import Problem
    from projects.disclosure.proved.whole import Site, Whole
    from projects.notices.given import Keys

FILE_MARK = "data-proof-file"
"""Marks where a page of a site says that its proof is; a notice has none."""
COUNTY_PAGE = re.compile(r"index\.html|township-.*\.html")
NOTICE = "notice-"
NAMED = 10
"""So many pages without a proof are named."""


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
    keys = read_keys(trusted)
    if path.is_dir():
        _check_folder(path, proof, keys, as_json=as_json)
        return
    from projects.disclosure.proved import Proved
    from projects.disclosure.proved.reading import read_page
    from projects.disclosure.proved.whole import site_of, style_of

    read = read_page(read_note(path))
    of = proof or _proof_of(path, read.proof)
    if of is None and not read.proof and (site := site_of(path.resolve(), read_note, trusted=keys)):
        _check_county(site, path, as_json=as_json)
        return
    if of is None:
        about = "" if read.proof else "county" if COUNTY_PAGE.fullmatch(path.name) else "unnamed"
        raise PageUnproved(about=about, path=path, proof=read.proof)
    report = Proved(read_note(of), trusted=keys).check(read_note(path), style_of(path, read_note))
    output = session.output(as_json=as_json)
    if not output.data([_as_data(path, report)]):
        _say(output, report, known=bool(keys))
    if report.problems:
        raise typer.Exit(WRONG)


def _check_folder(path: Path, proof: Path | None, keys: Keys, *, as_json: bool) -> None:
    """Check all that a proof covers in a folder.

    Raises:
        PageUnproved: a page names a proof that is not there, or nothing in the folder has one.
    """
    from projects.disclosure.proved.whole import check_folder

    def proof_of(page: Path, said: str) -> Path:
        of = proof.resolve() if proof else _proof_of(page, said)
        if of is None:
            raise PageUnproved(path=page, proof=said)
        return of

    whole = check_folder(path, read_note, proof_of, trusted=keys)
    if not whole.books and not whole.notices:
        raise PageUnproved(about="folder", path=path)
    output = session.output(as_json=as_json)
    if not output.data(_whole_as_data(path.resolve(), whole)):
        _say_whole(output, path.resolve(), whole, known=bool(keys))
    if any(True for _ in whole.problems()):
        raise typer.Exit(WRONG)


def _check_county(site: Site, page: Path, *, as_json: bool) -> None:
    """Check a page of all villages by the proofs of the villages that lie beside it."""
    from projects.disclosure.proved.whole import said_wrong

    folder = page.resolve().parent
    tongue = next(each for each, place in site.places.items() if (site.root / place).resolve() == folder)
    county = site.county(tongue, read_note)
    wrong = [*said_wrong(site), *county.problems.get(page.name, ())]
    foreign = sum(proved.check(None).foreign for proved in site.books.values())
    output = session.output(as_json=as_json)
    if output.data([_county_as_data(page, county, wrong) | {"foreign": foreign}]):
        pass
    elif wrong:
        for code, given in wrong:
            output.check("problem", "", output.text(f"page-problem.{code}", **given), width=0)
        output.say("print.page-wrong", count=len(wrong))
    else:
        _say_county(output, county)
        if foreign:
            output.say("print.proof-foreign", count=foreign)
        for key, origins in sorted(site.keys().items()):
            output.say("print.notice-compare", log=output.join(sorted(origins)), key=key)
    if wrong:
        raise typer.Exit(WRONG)


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
    key = "print.page-vouchers-counted" if report.counted else "print.page-vouchers"
    output.say(key, vouchers=report.vouchers + report.withheld, size=report.size, other=report.other)
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


def _say_whole(output: Output, folder: Path, whole: Whole, *, known: bool) -> None:
    wrong = list(whole.problems())
    for path, (code, given) in wrong:
        key = f"notice-problem.{code.removeprefix(NOTICE)}" if code.startswith(NOTICE) else f"page-problem.{code}"
        output.check("problem", path.relative_to(folder).as_posix(), output.text(key, **given), width=0)
    if foreign := sum(whole.foreign.values()):
        output.say("print.proof-foreign", count=foreign)
    if whole.unproved:
        names = [each.relative_to(folder).as_posix() for each in whole.unproved]
        more = ["…"] if len(names) > NAMED else []
        output.say("print.pages-unproved", count=len(names), names=output.join([*names[:NAMED], *more]))
    if wrong:
        output.say("print.pages-wrong", count=len({path for path, _ in wrong}), pages=whole.looked_at)
        return
    if whole.pages:
        output.say("print.pages-right", pages=len(whole.pages), books=whole.books)
    if whole.county:
        _say_county(output, whole.county[0][1], pages=sum(len(each.problems) for _, each in whole.county))
    if whole.notices:
        output.say("print.pages-notices", count=len(whole.notices))
    if whole.data:
        _say_data(output, whole.data)
    for key, origins in sorted(whole.keys.items()):
        output.say("print.notice-key" if known else "print.notice-compare", log=output.join(sorted(origins)), key=key)


def _say_county(output: Output, county: County, *, pages: int = 1) -> None:
    output.say("print.pages-county", pages=pages, villages=len(county.proved))
    if county.stated:
        output.say("print.pages-county-stated", names=output.join(sorted(set(county.stated))))


def _say_data(output: Output, found: list[tuple[Path, Data]]) -> None:
    names, rows = (path.name for path, _ in found), sum(data.rows for _, data in found)
    output.say("print.pages-data", names=output.join(names), rows=rows)
    if stated := sorted(set().union(*(data.stated for _, data in found))):
        output.say("print.pages-data-stated", books=output.join(stated))


def _whole_as_data(folder: Path, whole: Whole) -> list[dict[str, Any]]:
    from projects.disclosure.proved.whole import notice_proof_of

    def named(path: Path) -> str:
        return path.relative_to(folder).as_posix()

    rows = [{"kind": "page", **_as_data(path, report), "file": named(path)} for path, report in whole.pages]
    for at, county in whole.county:
        rows += [
            _county_as_data(at / name, county, problems) | {"file": named(at / name)}
            for name, problems in county.problems.items()
        ]
    for path, problems in whole.notices:
        foreign = whole.foreign[notice_proof_of(path)]
        rows.append({"kind": "notice", "file": named(path), **_wrong(problems), "foreign": foreign})
    for kind, found in (("checker", whole.checkers), ("proof", whole.proofs)):
        rows += [{"kind": kind, "file": named(path), **_wrong(problems)} for path, problems in found]
    rows += [
        {"kind": "data", "file": named(path), **_wrong(data.problems), "rows": data.rows, "stated": sorted(data.stated)}
        for path, data in whole.data
    ]
    rows += [{"kind": "page", "file": named(path), **_wrong([("absent", {})])} for path in whole.absent]
    return rows + [{"kind": "unproved", "file": named(path), **_wrong([])} for path in whole.unproved]


def _county_as_data(page: Path, county: County, problems: list[Problem]) -> dict[str, Any]:
    villages = {"proved": county.proved, "stated": county.stated}
    return {"kind": "county", "file": str(page), **_wrong(problems), "villages": villages}


def _wrong(problems: list[Problem]) -> dict[str, Any]:
    return {"right": not problems, "problems": [{"code": code, **given} for code, given in problems]}


def _as_data(page: Path, report: Report) -> dict[str, Any]:
    data = asdict(report)
    data["problems"] = [{"code": code, **given} for code, given in report.problems]
    for name in ("part", "unsigned"):
        data[name] = {figure: {"count": count, "fen": fen} for figure, (count, fen) in getattr(report, name).items()}
    return {"file": str(page), "right": not report.problems, **data}
