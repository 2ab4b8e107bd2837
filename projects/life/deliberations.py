"""四议两公开: four deliberations and two disclosures, judged by the quorum and majority of the policy of their day.

A meeting that failed is recorded like any other: it happened. It does not count, and the step is taken again.
"""

from __future__ import annotations

from ledger.errors import Phrase
from ledger.facts import Fact
from projects.errors import CountsUnfit, FormMissing, PaperMissing, StepEarly
from projects.life.requests import Deliberate, said
from projects.life.scene import Scene
from projects.life.telling import Telling
from projects.policy import Policy
from projects.policy.numbers import Share

STEPS = ("propose", "consult", "review", "resolve", "publish", "result")
"""党组织提议, 两委商议, 党员大会审议, 村民(代表)会议决议, 决议公开, 实施结果公开, in this order."""
VOTES = STEPS[:4]
"""Those on which people vote."""


def deliberate(scene: Scene, ask: Deliberate) -> Telling:
    """Record a step: who was due, present and in favour, or where what was decided was made public; with its minutes.

    Raises:
        PaperMissing: no minutes, or no picture of what was put up.
        CountsUnfit: nobody was due, more were present than due, or more in favour than present.
        FormMissing: the villagers' resolution does not say who met.
        StepEarly: the step before has not been taken by this day, or does not count.
    """
    if not ask.documents:
        raise PaperMissing(about="deliberation", step=_name(ask.step))
    counts = {}
    if ask.step in VOTES:
        counts = _counts(ask)
        if ask.step == "resolve" and not ask.form:
            raise FormMissing(project=ask.project)
    before = STEPS.index(ask.step) - 1
    # What became of it is made public once it is accepted; that is a gate's business, not an order of meetings.
    if before >= 0 and passed(scene, STEPS[before]) is None:
        raise StepEarly(step=_name(ask.step), before=_name(STEPS[before]), code=STEPS[before], project=ask.project)
    return Telling("deliberation", ask.project, said(ask, "step", "form", "topic") | counts)


def passed(scene: Scene, step: str) -> Fact | None:
    """Return the deliberation by which a step was taken, the first that counts."""
    return next((each for each in scene.told.all("deliberation", step=step) if fault(each, scene.policy) is None), None)


def fault(fact: Fact, policy: Policy) -> Phrase | None:
    """Return why a deliberation does not count, None if it does."""
    step = str(fact.data["step"])
    if step not in VOTES:
        return None
    due, present, ayes = (int(fact.data[key]) for key in ("due", "present", "ayes"))
    quorum, majority, of_all = _rule(step, str(fact.data.get("form", "")), policy)
    if not quorum.met(present, due):
        return Phrase("projects", "fault.quorum", present=present, due=due, share=quorum.plain, rule=quorum.rule)
    whole = due if of_all else present
    if not majority.met(ayes, whole):
        about = "fault.majority-of-all" if of_all else "fault.majority"
        return Phrase("projects", about, ayes=ayes, whole=whole, share=majority.plain, rule=majority.rule)
    return None


def _rule(step: str, form: str, policy: Policy) -> tuple[Share, Share, bool]:
    """Return the quorum, the majority, and whether the majority is of all who were due."""
    rule = policy.deliberation
    if step in {"propose", "consult"}:
        return rule.committee_quorum, rule.committee_majority, False
    if step == "review":
        return rule.party_quorum, rule.party_majority_of_all, True
    if form == "representatives":
        return rule.representatives_quorum, rule.representatives_majority, False
    return (rule.adults_quorum if form == "adults" else rule.households_quorum), rule.meeting_majority, False


def _counts(ask: Deliberate) -> dict[str, int]:
    if ask.due is None or ask.present is None or ask.ayes is None:
        raise CountsUnfit(about="missing", step=_name(ask.step))
    if not ask.ayes <= ask.present <= ask.due or ask.due == 0:
        raise CountsUnfit(step=_name(ask.step), due=ask.due, present=ask.present, ayes=ask.ayes)
    return {"due": ask.due, "present": ask.present, "ayes": ask.ayes}


def _name(step: str) -> Phrase:
    return Phrase("projects", f"step.{step}")
