"""The page that lists the documents of a project: what each is, its day, what it says, and the digest of the paper."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from projects.opendata.documents import contract_documents, documents, papers_name, say
from projects.opendata.read import Work


def name(work: Work) -> str:
    """Return the name of the page of a project."""
    return papers_name(work)


def page(work: Work) -> str:
    """Return the page of a project."""
    listed = [*documents(work)]
    for contract in work.contracts:
        listed += contract_documents(work, contract.code)
    return _environment().get_template("papers.html").render(work=work, documents=listed)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("projects.opendata", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"t": say}
    return made
