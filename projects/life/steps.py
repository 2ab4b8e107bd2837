"""What happens to a project besides its money, step by step: approval, start, inspection, final accounts, handover."""

from __future__ import annotations

from ledger import money
from ledger.errors import Names, Phrase, Unknown
from projects.errors import (
    AlreadyTold,
    FinalDiffers,
    InspectionUnfit,
    PaperMissing,
    ReasonNeeded,
    StepEarly,
)
from projects.events.returns import FINISHED
from projects.life.requests import (
    Adjust,
    Approve,
    CloseProject,
    HandOver,
    Inspect,
    Recall,
    Settle,
    Start,
    said,
)
from projects.life.scene import Scene
from projects.life.telling import Telling

UPPER = ("township", "county")
"""Who inspects after the village."""


def approve(scene: Scene, ask: Approve) -> Telling:  # noqa: ARG001 - every teller is called the same way
    """批复: record by which document the works were approved."""
    amount = money.plain(ask.amount) if ask.amount is not None else None
    return Telling("approval", ask.project, said(ask, "number", "authority", amount=amount))


def start(scene: Scene, ask: Start) -> Telling:
    """开工: record the day on which works began.

    Raises:
        AlreadyTold: they began already.
    """
    _need_new(scene, "start", ask.project)
    return Telling("start", ask.project, said(ask))


def inspect(scene: Scene, ask: Inspect) -> Telling:
    """验收: record what a committee measured, against what was planned, with its form.

    The village inspects first, then township or county. Who inspects last names the keeper and the upkeep.

    Raises:
        PaperMissing: the form is not there.
        StepEarly: the village has not passed it.
        InspectionUnfit: it is to be mended and nobody says by when; or the asset has no keeper.
    """
    if not ask.documents:
        raise PaperMissing(about="inspection")
    if ask.verdict == "mend" and ask.mend_by is None:
        raise InspectionUnfit(about="mend")
    if ask.level in UPPER:
        if inspected(scene, "village") is None:
            step, before = (Phrase("projects", f"gate.inspected-{each}") for each in ("upper", "village"))
            raise StepEarly(about="inspection", step=step, before=before, project=ask.project)
        if ask.verdict == "pass" and not (ask.keeper and ask.upkeep):
            raise InspectionUnfit(about="keeper", project=ask.project)
    planned = f"{scene.detail['quantity']} {scene.detail['unit']}".strip()
    names = ("level", "quantity", "verdict", "mend_by", "members", "keeper", "upkeep")
    return Telling("inspection", ask.project, said(ask, *names, planned=planned, unit=scene.detail["unit"]))


def inspected(scene: Scene, level: str) -> str | None:
    """Return what was measured when a level passed it, None if not; ``upper`` is township or county."""
    levels = UPPER if level == "upper" else (level,)
    found = [each for each in scene.told.all("inspection") if each.data["level"] in levels]
    return str(found[-1].data["quantity"]) if found and found[-1].data["verdict"] == "pass" else None


def settle(scene: Scene, ask: Settle) -> Telling:
    """竣工决算: record what the works cost in the end, as the auditor has it; the ledger must say the same.

    Raises:
        FinalDiffers: it does not.
    """
    certified = scene.sums.certified
    if ask.amount != certified:
        raise FinalDiffers(project=scene.state.label_project(ask.project), amount=ask.amount, certified=certified)
    parts = {channel: money.plain(each.certified) for channel, each in scene.money.items() if each.certified}
    data = said(ask, "number", "auditor", amount=money.plain(ask.amount)) | {"channels": parts}
    return Telling("final-accounts", ask.project, data)


def hand_over(scene: Scene, ask: HandOver) -> Telling:  # noqa: ARG001 - every teller is called the same way
    """移交: record to whom the asset goes: 经营性, 公益性 or 到户类, with owner and keeper (国办函〔2021〕51号)."""
    if not ask.documents:
        raise PaperMissing(about="handover")
    return Telling("handover", ask.project, said(ask, "asset", "owner", "keeper", "upkeep"))


def close(scene: Scene, ask: CloseProject) -> Telling:
    """关闭: record that nothing is left to do.

    Raises:
        AlreadyTold: it is closed already.
    """
    _need_new(scene, "closing", ask.project)
    return Telling("closing", ask.project, said(ask))


def adjust(scene: Scene, ask: Adjust) -> Telling:  # noqa: ARG001 - every teller is called the same way
    """调整: record that an authority changed what was approved, and what it is now.

    Raises:
        ReasonNeeded: nothing is changed; changed money is a revision of the allotment.
    """
    if not (ask.quantity or ask.finish or ask.task):
        raise ReasonNeeded(about="adjust")
    finish = {"planned-finish": ask.finish.isoformat()} if ask.finish else {}
    return Telling("adjustment", ask.project, said(ask, "number", "reason", "quantity", "task", **finish))


def recall(scene: Scene, ask: Recall) -> Telling:
    """收回: record that an authority takes back a channel's unused money; what is left of it goes back.

    Raises:
        Unknown: the project's budget has no such channel.
    """
    if ask.channel not in scene.state.budget.get(ask.project, {}):
        raise Unknown(about="channel", text=ask.channel)
    return Telling("recall", ask.project, said(ask, "channel", "number", "reason"))


def commands_back(scene: Scene, *, only: str = "") -> Names:
    """Return the commands by which a project's money goes back to its channels, or that of one channel."""
    found = []
    if not only and not scene.vouchers(*FINISHED):
        found.append(f"earmark cancel {scene.project} --reason …")
    for channel, figures in scene.money.items():
        if only not in {"", channel}:
            continue
        if only and figures.allotted > figures.received:
            found.append(f"earmark revise down {scene.project} {channel} --number … --reason …")
        if figures.cash:
            found.append(f"earmark return {scene.project} {channel}")
    return Names(found)


def _need_new(scene: Scene, kind: str, project: str) -> None:
    there = scene.told.last(kind)
    if there:
        raise AlreadyTold(about=kind, project=project, fact=there.label)
