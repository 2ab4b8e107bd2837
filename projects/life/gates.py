"""Gates: what has to be there before an event of a project; which of them bind which event is policy.

They stand before projects that went into the library (入库). A county that wants every project to go through them names
the gate `library` too: then an event of a project that never went in is refused. Reversals are exempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ledger import money
from ledger.errors import Phrase
from ledger.facts import Fact
from ledger.proposals import Proposal
from projects.contracts import contracts
from projects.errors import GateShut, MeasuredDiffers, ProjectLeft
from projects.events.returns import FINISHED
from projects.history import Past
from projects.life import notices, steps
from projects.life.deliberations import STEPS, fault, passed
from projects.life.scene import Scene
from projects.policy.gates import LIFE


@dataclass(frozen=True)
class Verdict:
    """What stands at a gate: by what it was passed and when, or what is missing and which command tells it."""

    by: str = ""
    on: str = ""
    lacks: Phrase | None = None

    @property
    def passed(self) -> bool:
        """Tell whether it is open."""
        return self.lacks is None


STOPPED = {"allot", "receive", "contract", "change-up", "advance", "certify", "purchase", "spend", "aid", "accept"}
"""What no longer happens to a project that was told to leave, or is closed; nor to a channel that was recalled."""


def need_open(scene: Scene, verb: str, proposal: Proposal) -> None:
    """Make sure that an event's gates are passed on its day.

    Raises:
        GateShut: one of them is not, with what is missing and where it is told.
        MeasuredDiffers: what is accepted is not what the last inspection measured.
        ProjectLeft: the project was told to leave, is closed, or the channel's money was recalled.
    """
    if verb in STOPPED and scene.told.facts:
        _need_staying(scene, proposal)
    need_passed(scene, verb)
    if verb == "accept" and scene.entered:
        measured = steps.inspected(scene, "upper")
        given = proposal.facts.get("quantity", "").partition(" ")[0]
        if measured is not None and given != measured:
            raise MeasuredDiffers(project=scene.project, given=given, measured=measured)


def need_passed(scene: Scene, verb: str) -> None:
    """Make sure that the gates that the policy puts before a verb are passed.

    Raises:
        GateShut: one of them is not.
    """
    for name in binding(scene, verb):
        verdict = look(scene, name)
        if verdict.lacks:
            project = scene.state.label_project(scene.project)
            gate, event = Phrase("projects", f"gate.{name}"), Phrase("projects", f"verb.{verb}")
            raise GateShut(project=project, code=scene.project, event=event, gate=gate, lacks=verdict.lacks)


def binding(scene: Scene, verb: str) -> tuple[str, ...]:
    """Return the gates of a project's life that bind a verb here, in the order in which they are passed."""
    named = [name for name in scene.policy.binding(verb) if name in GATES]
    if not named or (scene.entered is None and "library" not in named):
        return ()
    if verb == "close" and scene.vouchers("cancellation"):
        named = [name for name in named if name in {"library", "retention", "settled"}]
    return tuple(sorted(named, key=list(GATES).index))


def look(scene: Scene, name: str) -> Verdict:
    """Return what stands at a gate."""
    return GATES[name](scene)


def _library(scene: Scene) -> Verdict:
    return _told(scene, scene.entered, "library")


def _step(step: str) -> Callable[[Scene], Verdict]:
    def looked(scene: Scene) -> Verdict:
        there = passed(scene, step)
        if there is None:
            failed = scene.told.last("deliberation", step=step)
            why = fault(failed, scene.policy) if failed else None
            if failed and why:
                return _lacks(scene, f"{step}-failed", fact=failed.label, on=failed.on, why=why)
        return _told(scene, there, step)

    return looked


def _approval(scene: Scene) -> Verdict:
    return _told(scene, scene.told.last("approval"), "approval")


def _notice(stage: str) -> Callable[[Scene], Verdict]:
    def looked(scene: Scene) -> Verdict:
        since = ""
        if stage == "completion":
            since = next((each.date for each in reversed(scene.vouchers("acceptance"))), "")
        there = notices.latest(scene, stage, since=since)
        if there is None:
            return _lacks(scene, f"notice-{stage}")
        if not there.stood:
            rule = scene.policy.notice.days.rule
            facts = {"fact": there.up.label, "on": there.up.on, "days": there.days, "needed": there.needed}
            down = "down" if there.down else "up"
            return _lacks(scene, f"notice-{down}-early", stage=stage, rule=rule, **facts)
        return Verdict(by=there.up.label, on=there.up.on)

    return looked


def _contract(scene: Scene) -> Verdict:
    return _voucher(scene, "contract", "contract")


def _started(scene: Scene) -> Verdict:
    return _told(scene, scene.told.last("start"), "started")


def _certified(scene: Scene) -> Verdict:
    return _voucher(scene, "certified", "certificate", "purchase", "labour", "inkind_issued", "wages_earned")


def _inspected(level: str) -> Callable[[Scene], Verdict]:
    def looked(scene: Scene) -> Verdict:
        levels = steps.UPPER if level == "upper" else (level,)
        found = [each for each in scene.told.all("inspection") if each.data["level"] in levels]
        if found and found[-1].data["verdict"] == "mend":
            facts = {"fact": found[-1].label, "by": str(found[-1].data["mend-by"])}
            return _lacks(scene, "inspection-mend", level=str(found[-1].data["level"]), **facts)
        return _told(scene, found[-1] if found else None, f"inspected-{level}")

    return looked


def _accepted(scene: Scene) -> Verdict:
    return _voucher(scene, "accepted", "acceptance")


def _final(scene: Scene) -> Verdict:
    there = scene.told.last("final-accounts")
    if there and str(there.data["amount"]) != money.plain(scene.sums.certified):
        return _lacks(scene, "final-outdated", fact=there.label, amount=str(there.data["amount"]))
    return _told(scene, there, "final")


def _handover(scene: Scene) -> Verdict:
    return _told(scene, scene.told.last("handover"), "handover")


def _retention(scene: Scene) -> Verdict:
    if not scene.vouchers(*FINISHED):
        return _lacks(scene, "accepted")
    held = scene.sums.retention
    if held:
        return _lacks(scene, "retention", held=held)
    terms = [each.facts["warranty-until"] for each in scene.vouchers("acceptance") if "warranty-until" in each.facts]
    if terms and max(terms) > scene.on.isoformat():
        return _lacks(scene, "warranty", until=max(terms))
    released = scene.vouchers("retention_released", "retention_forfeited", "repair_paid")
    return _by(released[-1]) if released else Verdict(on=max(terms, default=""))


def _settled(scene: Scene) -> Verdict:
    """Make sure that nothing of the project's money is left anywhere but in assets and with those who brought it."""
    if not scene.vouchers(*FINISHED):
        return _lacks(scene, "accepted")
    for figure in ("owed", "committed", "stock", "due", "over", "borrowed", "lent", "cash"):
        for channel, each in scene.money.items():
            fen = getattr(each, figure)
            if fen:
                facts = {"channel": scene.state.label(channel), "fen": fen, "channel_code": channel}
                there = [each.code for each in contracts(scene.state) if each.project == scene.project]
                code = there[0] if there else f"{scene.project}C01"
                return _lacks(scene, f"settled-{figure}", contract=code, **facts)
    last = scene.vouchers("surplus_returned", "disbursement", "retention_released")
    return _by(last[-1]) if last else Verdict()


def _closed(scene: Scene) -> Verdict:
    return _told(scene, scene.told.last("closing"), "closed")


GATES: Mapping[str, Callable[[Scene], Verdict]] = {
    "library": _library,
    **{step: _step(step) for step in STEPS[:5]},
    "approval": _approval,
    "notice-before": _notice("before"),
    "contract": _contract,
    "started": _started,
    "certified": _certified,
    "inspected-village": _inspected("village"),
    "inspected-upper": _inspected("upper"),
    "accepted": _accepted,
    "notice-completion": _notice("completion"),
    "result": _step("result"),
    "final": _final,
    "handover": _handover,
    "retention": _retention,
    "settled": _settled,
    "closed": _closed,
}
"""The gates in the order of a project's life."""
assert tuple(GATES) == LIFE, "the policy knows the gates by the same names"


def verdicts(scene: Scene) -> Iterator[tuple[str, Verdict]]:
    """Yield every gate of a project's life with what stands at it, in order."""
    for name in GATES:
        yield name, look(scene, name)


def state_of(scene: Scene) -> str:
    """Return where a project stands: the last gate that it passed, or the side exit that it took."""
    if scene.told.last("closing"):
        return "closed"
    if scene.vouchers("cancellation"):
        return "cancelled"
    review = scene.told.last("review")
    if review and review.data["verdict"] == "leave":
        return "leaving"
    found = "planned"
    for name, verdict in verdicts(scene):
        if verdict.passed and name not in {"retention", "settled"}:
            found = name
    return found


def _need_staying(scene: Scene, proposal: Proposal) -> None:
    project = scene.state.label_project(scene.project)
    closing = scene.told.last("closing")
    if closing:
        raise ProjectLeft(about="closed", project=project, on=closing.on, fact=closing.label)
    review = scene.told.last("review")
    if review and review.data["verdict"] == "leave":
        way = steps.commands_back(scene)
        raise ProjectLeft(about="left", project=project, on=review.on, fact=review.label, way=way)
    channels = {line.commodity.removesuffix(".B") for line in proposal.lines}
    for each in scene.told.all("recall"):
        channel = str(each.data["channel"])
        if channel in channels and proposal.event != "acceptance":
            way = steps.commands_back(scene, only=channel)
            facts = {"number": str(each.data["number"]), "channel": scene.state.label(channel), "way": way}
            raise ProjectLeft(about="recalled", project=project, on=each.on, fact=each.label, **facts)


def _told(scene: Scene, there: Fact | None, about: str) -> Verdict:
    return Verdict(by=there.label, on=there.on) if there else _lacks(scene, about)


def _voucher(scene: Scene, about: str, *events: str) -> Verdict:
    found = scene.vouchers(*events)
    return _by(found[0]) if found else _lacks(scene, about)


def _by(past: Past) -> Verdict:
    return Verdict(by=past.label, on=past.date)


def _lacks(scene: Scene, about: str, **facts: object) -> Verdict:
    return Verdict(lacks=Phrase("projects", f"lacks.{about}", code=scene.project, **facts))
