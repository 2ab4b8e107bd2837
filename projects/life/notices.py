"""公示: a notice goes up at places of the village, stays for its days, and comes down with what was objected.

Source of the days: 国开办发〔2018〕11号, kept in the policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.facts import Fact
from projects.errors import NoticeUnfit, PaperMissing
from projects.life.requests import PutUp, TakeDown, said
from projects.life.scene import Scene
from projects.life.telling import Telling


@dataclass(frozen=True)
class Notice:
    """A notice of a stage: the fact that put it up, the one that took it down, and its days so far."""

    up: Fact
    down: Fact | None
    days: int
    needed: int

    @property
    def stood(self) -> bool:
        """Tell whether it was up for its days."""
        return self.days >= self.needed


def put_up(scene: Scene, ask: PutUp) -> Telling:
    """Record that a notice went up, with a picture of it on the board.

    Raises:
        PaperMissing: no picture.
        NoticeUnfit: no place is named, or one of the same stage is still up.
    """
    if not ask.documents:
        raise PaperMissing(about="notice")
    if not ask.places:
        raise NoticeUnfit(about="place")
    there = latest(scene, ask.stage)
    if there and there.down is None:
        raise NoticeUnfit(about="up", project=ask.project, stage=ask.stage, on=there.up.on, fact=there.up.label)
    return Telling("notice-up", ask.project, said(ask, "stage", "places"))


def take_down(scene: Scene, ask: TakeDown) -> Telling:
    """Record that a notice came down, and what was objected and answered meanwhile.

    Raises:
        NoticeUnfit: none of this stage is up; or an objection has no answer.
    """
    there = latest(scene, ask.stage)
    if there is None or there.down is not None:
        raise NoticeUnfit(about="down", project=ask.project, stage=ask.stage)
    if ask.objections and not ask.answer:
        raise NoticeUnfit(about="answer")
    data = said(ask, "stage", "objections", "answer") | {"notice": there.up.label, "days": there.days}
    return Telling("notice-down", ask.project, data)


def latest(scene: Scene, stage: str, *, since: str = "") -> Notice | None:
    """Return the notice of a stage that went up last, the best of those since a day where several did."""
    downs = {str(each.data["notice"]): each for each in scene.told.all("notice-down", stage=stage)}
    found = []
    for up in scene.told.all("notice-up", stage=stage):
        if up.on >= since:
            down = downs.get(up.label)
            until = date.fromisoformat(down.on) if down else scene.on
            found.append(Notice(up, down, (until - date.fromisoformat(up.on)).days, scene.policy.notice.days.value))
    stood = [each for each in found if each.stood] or found
    return stood[-1] if stood else None
