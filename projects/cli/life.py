"""Commands of a project's life around its money."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from projects import geometry
from projects.cli import registers
from projects.cli.life_table import project_life, village_hamlets
from projects.cli.telling import told
from projects.cli.words import AmountArg, ChannelArg, ContractArg, ProjectArg, QuantityArg, VillageArg, Why

notice = typer.Typer(no_args_is_help=True, help="@help.notice")
milestone = typer.Typer(no_args_is_help=True, help="@help.milestone")

HamletArg = Annotated[str, typer.Argument(metavar="HAMLET", help="@argument.hamlet")]
NameArg = Annotated[str, typer.Argument(metavar="NAME", help="@argument.milestone")]
Stage = Annotated[str, typer.Option("--stage", help="@option.stage")]
DocNumber = Annotated[str, typer.Option("--number", help="@option.paper-number")]
MaybeNumber = Annotated[str | None, typer.Option("--number", help="@option.paper-number")]
Keeper = Annotated[str | None, typer.Option("--keeper", help="@option.keeper")]
Upkeep = Annotated[str | None, typer.Option("--upkeep", help="@option.upkeep")]
MendBy = Annotated[str | None, typer.Option("--mend-by", metavar="DATE", help="@option.mend-by")]


@told("describe")
def describe(
    project: ProjectArg,
    kind: Annotated[str | None, typer.Option("--type", help="@option.type")] = None,
    nature: Annotated[str | None, typer.Option("--nature", help="@option.nature")] = None,
    task: Annotated[str | None, typer.Option("--task", help="@option.task")] = None,
    quantity: Annotated[str | None, typer.Option("--quantity", help="@option.quantity")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="@option.unit")] = None,
    place: Annotated[str | None, typer.Option("--place", help="@option.place")] = None,
    responsible: Annotated[str | None, typer.Option("--responsible", help="@option.responsible")] = None,
    contact: Annotated[str | None, typer.Option("--contact", help="@option.contact")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="DATE", help="@option.planned-start")] = None,
    finish: Annotated[str | None, typer.Option("--finish", metavar="DATE", help="@option.planned-finish")] = None,
    benefit: Annotated[str | None, typer.Option("--benefit", help="@option.benefit")] = None,
    participation: Annotated[str | None, typer.Option("--participation", help="@option.participation")] = None,
    mechanism: Annotated[str | None, typer.Option("--mechanism", help="@option.mechanism")] = None,
) -> dict[str, Any]:
    """项目概况."""
    facts: dict[str, Any] = {"project": project, "type": kind, "nature": nature, "task": task, "quantity": quantity}
    facts |= {"unit": unit, "place": place, "responsible": responsible, "contact": contact, "start": start}
    return facts | {"finish": finish, "benefit": benefit, "participation": participation, "mechanism": mechanism}


@told("objective")
def objective(
    project: ProjectArg,
    category: Annotated[str, typer.Argument(metavar="output|benefit|satisfaction", help="@argument.category")],
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="@argument.objective")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="@argument.target")],
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="@argument.unit")],
    aspect: Annotated[str | None, typer.Option("--aspect", help="@option.aspect")] = None,
    at_most: Annotated[bool, typer.Option("--at-most", help="@option.at-most")] = False,
) -> dict[str, Any]:
    """绩效目标."""
    facts: dict[str, Any] = {"project": project, "category": category, "indicator": indicator, "target": target}
    return facts | {"unit": unit, "aspect": aspect, "at_most": at_most or None}


@told("locate")
def locate(
    project: ProjectArg,
    place: Annotated[str, typer.Argument(metavar="FILE|LON,LAT", help="@argument.geometry")],
) -> dict[str, Any]:
    """地点."""
    path = Path(place)
    typed = geometry.read_place(path) if path.suffix.lower() in {".json", ".geojson"} else place
    return {"project": project, "geometry": typed}


@told("benefit")
def benefit(
    project: ProjectArg,
    household: Annotated[
        list[str] | None, typer.Option("--household", metavar="NAME=[HOUSEHOLDS/]PERSONS[:poor]", help="@option.group")
    ] = None,
    households: Annotated[str | None, typer.Option("--households", help="@option.households")] = None,
    persons: Annotated[str | None, typer.Option("--persons", help="@option.persons")] = None,
    poor_households: Annotated[str | None, typer.Option("--poor-households", help="@option.poor-households")] = None,
    poor_persons: Annotated[str | None, typer.Option("--poor-persons", help="@option.poor-persons")] = None,
) -> dict[str, Any]:
    """受益对象."""
    facts: dict[str, Any] = {"project": project, "groups": household, "households": households, "persons": persons}
    return facts | {"poor_households": poor_households, "poor_persons": poor_persons}


@told("enter")
def enter(project: ProjectArg, number: MaybeNumber = None) -> dict[str, Any]:
    """入库."""
    return {"project": project, "number": number}


@told("deliberate")
def deliberate(
    project: ProjectArg,
    step: Annotated[str, typer.Option("--step", help="@option.step")],
    due: Annotated[str | None, typer.Option("--due", metavar="N", help="@option.due-people")] = None,
    present: Annotated[str | None, typer.Option("--present", metavar="N", help="@option.present")] = None,
    ayes: Annotated[str | None, typer.Option("--ayes", metavar="N", help="@option.ayes")] = None,
    form: Annotated[str | None, typer.Option("--form", help="@option.form")] = None,
    topic: Annotated[str | None, typer.Option("--topic", help="@option.topic")] = None,
) -> dict[str, Any]:
    """四议两公开."""
    facts: dict[str, Any] = {"project": project, "step": step, "due": due, "present": present, "ayes": ayes}
    return facts | {"form": form, "topic": topic}


@told("approve")
def approve(
    project: ProjectArg,
    number: DocNumber,
    authority: Annotated[str, typer.Option("--authority", help="@option.authority")],
    amount: Annotated[str | None, typer.Option("--amount", metavar="AMOUNT", help="@option.approved-amount")] = None,
) -> dict[str, Any]:
    """批复."""
    return {"project": project, "number": number, "authority": authority, "amount": amount}


@notice.command("put-up", help="@help.notice-put-up")
@told("put-up")
def put_up(
    project: ProjectArg,
    stage: Stage,
    place: Annotated[list[str] | None, typer.Option("--place", help="@option.notice-place")] = None,
) -> dict[str, Any]:
    """公示贴出."""
    return {"project": project, "stage": stage, "places": place}


@notice.command("take-down", help="@help.notice-take-down")
@told("take-down")
def take_down(
    project: ProjectArg,
    stage: Stage,
    objections: Annotated[str | None, typer.Option("--objections", help="@option.objections")] = None,
    answer: Annotated[str | None, typer.Option("--answer", help="@option.answer")] = None,
) -> dict[str, Any]:
    """公示取下."""
    return {"project": project, "stage": stage, "objections": objections, "answer": answer}


@told("start")
def start(project: ProjectArg) -> dict[str, Any]:
    """开工."""
    return {"project": project}


@told("inspect")
def inspect(
    project: ProjectArg,
    quantity: QuantityArg,
    level: Annotated[str, typer.Option("--level", help="@option.level")],
    verdict: Annotated[str | None, typer.Option("--verdict", help="@option.inspection-verdict")] = None,
    mend_by: MendBy = None,
    members: Annotated[str | None, typer.Option("--members", metavar="N", help="@option.members")] = None,
    keeper: Keeper = None,
    upkeep: Upkeep = None,
) -> dict[str, Any]:
    """验收."""
    facts: dict[str, Any] = {"project": project, "quantity": quantity, "level": level, "verdict": verdict}
    return facts | {"mend_by": mend_by, "members": members, "keeper": keeper, "upkeep": upkeep}


@told("final")
def final(
    project: ProjectArg,
    amount: AmountArg,
    auditor: Annotated[str | None, typer.Option("--auditor", help="@option.final-auditor")] = None,
    number: MaybeNumber = None,
) -> dict[str, Any]:
    """竣工决算."""
    return {"project": project, "amount": amount, "auditor": auditor, "number": number}


@told("handover")
def handover(
    project: ProjectArg,
    asset: Annotated[str, typer.Option("--asset", help="@option.asset-class")],
    owner: Annotated[str, typer.Option("--owner", help="@option.owner")],
    keeper: Annotated[str, typer.Option("--keeper", help="@option.keeper")],
    upkeep: Upkeep = None,
) -> dict[str, Any]:
    """移交."""
    return {"project": project, "asset": asset, "owner": owner, "keeper": keeper, "upkeep": upkeep}


@told("close")
def close(project: ProjectArg) -> dict[str, Any]:
    """关闭."""
    return {"project": project}


@told("adjust")
def adjust(
    project: ProjectArg,
    number: DocNumber,
    reason: Why,
    quantity: Annotated[str | None, typer.Option("--quantity", help="@option.quantity")] = None,
    finish: Annotated[str | None, typer.Option("--finish", metavar="DATE", help="@option.planned-finish")] = None,
    task: Annotated[str | None, typer.Option("--task", help="@option.task")] = None,
) -> dict[str, Any]:
    """调整."""
    facts: dict[str, Any] = {"project": project, "number": number, "reason": reason, "quantity": quantity}
    return facts | {"finish": finish, "task": task}


@told("document")
def document(
    project: ProjectArg,
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="@argument.document-type")],
    title: Annotated[str, typer.Option("--title", help="@option.document-title")],
    says: Annotated[str, typer.Option("--says", help="@option.says")],
    contract: Annotated[str | None, typer.Option("--contract", metavar="CONTRACT", help="@option.of-contract")] = None,
    absent: Annotated[bool, typer.Option("--absent", help="@option.absent")] = False,
) -> dict[str, Any]:
    """文件说明."""
    facts: dict[str, Any] = {"project": project, "type": kind, "title": title, "says": says, "contract": contract}
    return facts | {"absent": absent or None}


@told("terms")
def terms(
    project: ProjectArg,
    contract: ContractArg,
    reason: Why,
    finish: Annotated[str | None, typer.Option("--finish", metavar="DATE", help="@option.contract-finish")] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="@option.contract-scope")] = None,
    number: MaybeNumber = None,
) -> dict[str, Any]:
    """合同变更."""
    facts: dict[str, Any] = {"project": project, "contract": contract, "reason": reason, "finish": finish}
    return facts | {"scope": scope, "number": number}


@told("recall")
def recall(project: ProjectArg, channel: ChannelArg, number: DocNumber, reason: Why) -> dict[str, Any]:
    """收回."""
    return {"project": project, "channel": channel, "number": number, "reason": reason}


@milestone.command("plan", help="@help.milestone-plan")
@told("plan-milestone")
def plan_milestone(
    project: ProjectArg,
    name: NameArg,
    due: Annotated[str, typer.Option("--due", metavar="DATE", help="@option.milestone-due")],
) -> dict[str, Any]:
    """计划节点."""
    return {"project": project, "name": name, "due": due}


@milestone.command("meet", help="@help.milestone-meet")
@told("meet-milestone")
def meet_milestone(project: ProjectArg, name: NameArg) -> dict[str, Any]:
    """完成节点."""
    return {"project": project, "name": name}


@told("photo")
def photo(
    project: ProjectArg,
    spot: Annotated[str, typer.Argument(metavar="SPOT", help="@argument.spot")],
    phase: Annotated[str, typer.Option("--phase", help="@option.phase")],
    at: Annotated[str, typer.Option("--at", metavar="LON,LAT", help="@option.at")],
    time: Annotated[str | None, typer.Option("--time", metavar="HH:MM", help="@option.time")] = None,
) -> dict[str, Any]:
    """照片."""
    return {"project": project, "spot": spot, "phase": phase, "at": at, "time": time}


@told("review")
def review(
    project: ProjectArg,
    quarter: Annotated[str, typer.Argument(metavar="QUARTER", help="@argument.quarter")],
    verdict: Annotated[str, typer.Option("--verdict", help="@option.verdict")],
    progress: Annotated[str | None, typer.Option("--progress", metavar="PERCENT", help="@option.progress")] = None,
    satisfaction: Annotated[
        str | None, typer.Option("--satisfaction", metavar="PERCENT", help="@option.satisfaction")
    ] = None,
    mend_by: MendBy = None,
    reason: Annotated[str | None, typer.Option("--reason", help="@option.why")] = None,
) -> dict[str, Any]:
    """季度评估."""
    facts: dict[str, Any] = {"project": project, "quarter": quarter, "verdict": verdict, "progress": progress}
    return facts | {"satisfaction": satisfaction, "mend_by": mend_by, "reason": reason}


@told("division")
def division(
    village: VillageArg,
    code: Annotated[str, typer.Argument(metavar="DIVISION", help="@argument.division")],
    postcode: Annotated[str | None, typer.Option("--postcode", help="@option.postcode")] = None,
    identifier: Annotated[str | None, typer.Option("--identifier", help="@option.village-identifier")] = None,
) -> dict[str, Any]:
    """区划代码."""
    return {"village": village, "division": code, "postcode": postcode, "identifier": identifier}


@told("hamlet")
def hamlet(
    village: VillageArg,
    name: HamletArg,
    households: Annotated[str, typer.Option("--households", metavar="N", help="@option.households")],
    persons: Annotated[str, typer.Option("--persons", metavar="N", help="@option.persons")],
    poor_households: Annotated[str | None, typer.Option("--poor-households", help="@option.poor-households")] = None,
    poor_persons: Annotated[str | None, typer.Option("--poor-persons", help="@option.poor-persons")] = None,
) -> dict[str, Any]:
    """村民组."""
    facts: dict[str, Any] = {"village": village, "hamlet": name, "households": households, "persons": persons}
    return facts | {"poor_households": poor_households, "poor_persons": poor_persons}


@told("merge-hamlet")
def merge(
    village: VillageArg,
    name: HamletArg,
    into: Annotated[str, typer.Option("--into", metavar="HAMLET", help="@option.into")],
) -> dict[str, Any]:
    """合组."""
    return {"village": village, "hamlet": name, "into": into}


_OF_PROJECT: dict[str, Callable[..., Any]] = {
    "describe": describe,
    "objective": objective,
    "locate": locate,
    "benefit": benefit,
    "enter": enter,
    "start": start,
    "photo": photo,
    "final": final,
    "handover": handover,
    "close": close,
    "adjust": adjust,
    "recall": recall,
    "document": document,
    "terms": terms,
    "life": project_life,
}
_OF_VILLAGE: dict[str, Callable[..., Any]] = {
    "division": division,
    "hamlet": hamlet,
    "merge": merge,
    "hamlets": village_hamlets,
}


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    for name, command in _OF_PROJECT.items():
        registers.project.command(name, help=f"@help.project-{name}")(command)
    for name, command in _OF_VILLAGE.items():
        registers.village.command(name, help=f"@help.village-{name}")(command)
    app.command("deliberate", help="@help.deliberate")(deliberate)
    app.command("approve", help="@help.approve")(approve)
    app.add_typer(notice, name="notice")
    app.add_typer(milestone, name="milestone")
    app.command("inspect", help="@help.inspect")(inspect)
    app.command("review", help="@help.review")(review)
