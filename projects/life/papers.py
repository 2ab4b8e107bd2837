"""文件说明和合同变更: what there is of a kind of document, or why there is none; what a contract changed but its price.

The kinds are those that the standards of open data ask of a project (OC4IDS, codelist documentType).
"""

from __future__ import annotations

from projects.errors import ContractOfOther, ReasonNeeded
from projects.life.requests import AmendTerms, StateDocument, said
from projects.life.scene import Scene
from projects.life.telling import Telling

STATEMENT, TERMS = "statement", "contract-change"


def state_document(scene: Scene, ask: StateDocument) -> Telling:
    """文件说明: say what a document of a kind holds, or that there is none and why.

    Raises:
        ContractOfOther: the contract is one of another project.
    """
    data = {"document-type": ask.type, "statement": ask.says, "applies": "no" if ask.absent else "yes"}
    return Telling(STATEMENT, _subject(scene, ask.contract), said(ask, "title") | data)


def amend_terms(scene: Scene, ask: AmendTerms) -> Telling:
    """合同变更: record that time or scope of a contract were changed; its price changes by vouchers.

    Raises:
        ReasonNeeded: neither was changed.
        ContractOfOther: the contract is one of another project.
    """
    if not (ask.finish or ask.scope):
        raise ReasonNeeded(about="terms")
    return Telling(TERMS, _subject(scene, ask.contract), said(ask, "finish", "scope", "number", "reason"))


def _subject(scene: Scene, contract: str) -> str:
    if contract and contract.partition("C")[0] != scene.project:
        raise ContractOfOther(contract=contract, project=scene.project, book=scene.book)
    return contract or scene.project
