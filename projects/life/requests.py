"""What is told of a project's life: one model per kind of fact, read from text as typed."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ledger import money
from ledger.text import code, parse_date
from projects.errors import CountUnreadable, GroupUnreadable
from projects.request import ContractCode, Day, Fen, Needed, Percent, ProjectCode, Request, Words, one_of

LARGEST_COUNT = 100_000_000


def parse_count(text: str | int) -> int:
    """Read a number of people, households or days: a whole number, zero allowed.

    Raises:
        CountUnreadable: it is none.
    """
    trimmed = str(text).strip().translate({full: full - 0xFEE0 for full in range(0xFF10, 0xFF1A)})
    if not re.fullmatch(r"[0-9]{1,9}", trimmed, re.ASCII) or int(trimmed) > LARGEST_COUNT:
        raise CountUnreadable(text=str(text)[:40])
    return int(trimmed)


def _counted(text: str) -> str:
    """Read a quantity of at most four decimals and return it as text without idle zeros."""
    plain = money.plain(money.parse_quantity(text, scale=4), 4)
    return plain.rstrip("0").rstrip(".")


def read_group(text: str) -> tuple[str, int, int, bool]:
    """Read a household or a group such as ``王小明=4`` or ``养牛小组=12/45:poor``: name, households, persons, poor.

    Raises:
        GroupUnreadable: it is none of the two.
    """
    name, equals, rest = text.replace("＝", "=").replace("：", ":").partition("=")
    found = re.fullmatch(r"\s*(?:([0-9]{1,6})/)?([0-9]{1,7})\s*(:\s*poor)?\s*", rest, re.ASCII)
    if not equals or not name.strip() or found is None:
        raise GroupUnreadable(text=text[:60])
    households, persons = int(found[1] or 1), int(found[2])
    if not 0 < households <= persons:
        raise GroupUnreadable(about="few", text=text[:60], households=households, persons=persons)
    return name.strip(), households, persons, bool(found[3])


def _postcode(text: str) -> str:
    """Read a postal code: six digits, or nothing.

    Raises:
        CountUnreadable: it is none.
    """
    if text and not re.fullmatch(r"[0-9]{6}", text, re.ASCII):
        raise CountUnreadable(about="postcode", text=text[:40])
    return text


DOCUMENT_TYPES = (
    *("projectScope", "feasibilityStudy", "environmentalImpact", "socialImpact", "landAndSettlementImpact"),
    *("resettlementPlan", "financialAgreement", "procurementPlan", "designReport", "technicalSpecifications"),
    *("tenderNotice", "biddingDocuments", "evaluationReports", "incorporationCertificate", "contractAmendment"),
    *("escalationApproval", "qualityAssuranceReport", "materialTestResults", "billOfQuantity", "maintenancePlan"),
    *("budgetAmendmentApproval", "completionCertificate", "projectEvaluation", "technicalAuditReport"),
    "financialAuditReport",
)
"""Kinds of documents that OC4IDS asks for, by its codes."""
OptionalContract = Annotated[str, BeforeValidator(lambda text: code(text, "contract") if text else "")]
Count = Annotated[int, BeforeValidator(parse_count)]
Counted = Annotated[str, BeforeValidator(_counted)]
VillageCode = Annotated[str, BeforeValidator(lambda text: code(text, "village"))]
OptionalDay = Annotated[date | None, BeforeValidator(lambda text: parse_date(text) if text else None)]
Groups = Annotated[
    list[tuple[str, int, int, bool]], BeforeValidator(lambda texts: [read_group(each) for each in texts])
]
Listed = Annotated[
    tuple[str, ...], BeforeValidator(lambda texts: tuple(each.strip() for each in texts if each.strip()))
]


class Describe(Request):
    """What a project is to be; what is told later goes before."""

    project: ProjectCode
    type: Words = ""
    nature: Annotated[str, one_of("nature", "", "new", "rebuild", "extend", "repair", "purchase", "other")] = ""
    task: Words = ""
    quantity: Counted | None = None
    unit: Words = ""
    place: Words = ""
    responsible: Words = ""
    contact: Words = ""
    start: OptionalDay = None
    finish: OptionalDay = None
    benefit: Words = ""
    participation: Words = ""
    mechanism: Words = ""


class Aim(Request):
    """绩效目标: what a project is to bring, as a figure."""

    project: ProjectCode
    category: Annotated[str, one_of("objective", "output", "benefit", "satisfaction")]
    aspect: Annotated[
        str,
        one_of("aspect", "", "quantity", "quality", "time", "cost", "economic", "social", "ecological", "lasting"),
    ] = ""
    indicator: Needed
    target: Counted
    unit: Needed
    at_most: bool = False


class Locate(Request):
    """实施地点: where it is on the map."""

    project: ProjectCode
    geometry: str


class Benefit(Request):
    """受益对象: whom it serves, household by household, or in sum."""

    project: ProjectCode
    groups: Groups = Field(default_factory=list)
    households: Count = 0
    persons: Count = 0
    poor_households: Count = 0
    poor_persons: Count = 0


class Enter(Request):
    """入库: the project goes into the library."""

    project: ProjectCode
    number: Words = ""


class Deliberate(Request):
    """四议两公开: one of its six steps."""

    project: ProjectCode
    step: Annotated[str, one_of("step", "propose", "consult", "review", "resolve", "publish", "result")]
    form: Annotated[str, one_of("form", "", "adults", "households", "representatives")] = ""
    topic: Words = ""
    due: Count | None = None
    present: Count | None = None
    ayes: Count | None = None


class Approve(Request):
    """批复: the authority lets the works be done."""

    project: ProjectCode
    number: Needed
    authority: Needed
    amount: Fen | None = None


class PutUp(Request):
    """公示: a notice goes up."""

    project: ProjectCode
    stage: Annotated[str, one_of("stage", "plan", "before", "completion")]
    places: Listed = ()


class TakeDown(Request):
    """公示期满: a notice comes down."""

    project: ProjectCode
    stage: Annotated[str, one_of("stage", "plan", "before", "completion")]
    objections: Words = ""
    answer: Words = ""


class Start(Request):
    """开工: works begin."""

    project: ProjectCode


class Inspect(Request):
    """验收: a committee measures what was built."""

    project: ProjectCode
    level: Annotated[str, one_of("level", "village", "township", "county")]
    quantity: Counted
    verdict: Annotated[str, one_of("inspection", "pass", "mend")] = "pass"
    mend_by: OptionalDay = None
    members: Count | None = None
    keeper: Words = ""
    upkeep: Words = ""


class Settle(Request):
    """竣工决算: the accounts of the works are final."""

    project: ProjectCode
    amount: Fen
    number: Words = ""
    auditor: Words = ""


class HandOver(Request):
    """移交: the asset goes to its owner and keeper."""

    project: ProjectCode
    asset: Annotated[str, one_of("asset", "business", "public", "household")]
    owner: Needed
    keeper: Needed
    upkeep: Words = ""


class CloseProject(Request):
    """关闭: nothing is left to do."""

    project: ProjectCode


class Adjust(Request):
    """调整: the approved plan is changed, by an approval."""

    project: ProjectCode
    number: Needed
    reason: Needed
    quantity: Counted | None = None
    finish: OptionalDay = None
    task: Words = ""


class Recall(Request):
    """收回: the authority takes back a channel's money that was not used."""

    project: ProjectCode
    channel: Needed
    number: Needed
    reason: Needed


class PlanMilestone(Request):
    """进度节点: what is to be reached by when."""

    project: ProjectCode
    name: Needed
    due: Day


class MeetMilestone(Request):
    """进度节点: what was reached."""

    project: ProjectCode
    name: Needed


class TakePhoto(Request):
    """照片: before, during or after, from a spot that has a name."""

    project: ProjectCode
    spot: Needed
    phase: Annotated[str, one_of("phase", "before", "during", "after")]
    at: Needed
    time: Words = ""


class Review(Request):
    """季度评估: how a running project stands, and what becomes of it."""

    project: ProjectCode
    quarter: Needed
    progress: Percent | None = None
    satisfaction: Percent | None = None
    verdict: Annotated[str, one_of("verdict", "go-on", "mend", "leave")]
    mend_by: OptionalDay = None
    reason: Words = ""


class StateDocument(Request):
    """文件说明: what a document of a kind holds, or why there is none."""

    project: ProjectCode
    type: Annotated[str, one_of("document-type", *DOCUMENT_TYPES)]
    title: Needed
    says: Needed
    contract: OptionalContract = ""
    absent: bool = False


class AmendTerms(Request):
    """合同变更: time or scope of a contract change."""

    project: ProjectCode
    contract: ContractCode
    reason: Needed
    finish: OptionalDay = None
    scope: Words = ""
    number: Words = ""


class Divide(Request):
    """区划代码: where a village stands among the divisions of the country, and the unified code of its committee."""

    village: VillageCode
    division: str
    postcode: Annotated[str, BeforeValidator(_postcode)] = ""
    identifier: str = ""


class CountHamlet(Request):
    """村民组: its households and people on a day."""

    village: VillageCode
    hamlet: Needed
    households: Count
    persons: Count
    poor_households: Count = 0
    poor_persons: Count = 0


class MergeHamlet(Request):
    """合组: a hamlet becomes part of another."""

    village: VillageCode
    hamlet: Needed
    into: Needed


def said(ask: Request, *names: str, **more: Any) -> dict[str, Any]:
    """Return what a fact says of what was typed: the fields named that say something, days as text, and the note."""
    found: dict[str, Any] = {}
    for name in names:
        value = getattr(ask, name)
        if value not in (None, "", ()):
            found[name.replace("_", "-")] = _plain(value)
    found |= {name.replace("_", "-"): value for name, value in more.items() if value not in (None, "")}
    return found | ({"note": ask.note} if ask.note else {})


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, str | int) else str(value)
