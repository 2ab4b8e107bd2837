"""公示: a notice goes up at places of the village, stays for its days, and comes down with what was objected.

Source of the days: 国开办发〔2018〕11号, kept in the policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from ledger.facts import Fact, standing
from projects.errors import NoticeUnfit, PaperMissing
from projects.life.requests import PutUp, TakeDown, said
from projects.life.scene import Scene
from projects.life.telling import Telling
from projects.policy import policy_at


@dataclass(frozen=True)
class Notice:
    """A notice of a stage: the fact that put it up, the one that took it down, and its days so far."""

    up: Fact
    down: Fact | None
    days: int
    needed: int

    @property
    def stage(self) -> str:
        """Return the stage of the project's life that it is about."""
        return str(self.up.data["stage"])

    @property
    def until(self) -> date:
        """Return the day until which it has to stay."""
        return date.fromisoformat(self.up.on) + timedelta(days=self.needed)

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
    there = _hanging(scene, ask.stage)
    if there:
        raise NoticeUnfit(about="up", project=ask.project, stage=ask.stage, on=there.up.on, fact=there.up.label)
    return Telling("notice-up", ask.project, said(ask, "stage", "places"))


def take_down(scene: Scene, ask: TakeDown) -> Telling:
    """Record that a notice came down, and what was objected and answered meanwhile.

    Raises:
        NoticeUnfit: none of this stage is up; or an objection has no answer.
    """
    there = _hanging(scene, ask.stage)
    if there is None:
        raise NoticeUnfit(about="down", project=ask.project, stage=ask.stage)
    if ask.objections and not ask.answer:
        raise NoticeUnfit(about="answer")
    data = said(ask, "stage", "objections", "answer") | {"notice": there.up.label, "days": there.days}
    return Telling("notice-down", ask.project, data)


def hung(connection: Connection, book: str, on: date) -> list[Notice]:
    """Return every notice that was put up in a book until a day, the last first; read in one go."""
    told = [each for each in standing(connection, book, "notice-up", "notice-down") if each.on <= on.isoformat()]
    downs = {str(each.data["notice"]): each for each in told if each.kind == "notice-down"}
    needed = policy_at(connection, on).notice.days.value
    found = [_noticed(each, downs.get(each.label), on, needed) for each in told if each.kind == "notice-up"]
    return sorted(found, key=lambda each: (each.up.on, each.up.position), reverse=True)


def latest(scene: Scene, stage: str, *, since: str = "") -> Notice | None:
    """Return the notice of a stage that went up last, the best of those since a day where several did."""
    found = [each for each in _all(scene, stage) if each.up.on >= since]
    stood = [each for each in found if each.stood] or found
    return stood[-1] if stood else None


def _hanging(scene: Scene, stage: str) -> Notice | None:
    """Return the notice of a stage that is up now, whatever an earlier one has stood."""
    return next((each for each in reversed(_all(scene, stage)) if each.down is None), None)


def _all(scene: Scene, stage: str) -> list[Notice]:
    downs = {str(each.data["notice"]): each for each in scene.told.all("notice-down", stage=stage)}
    ups = scene.told.all("notice-up", stage=stage)
    return [_noticed(each, downs.get(each.label), scene.on, scene.policy.notice.days.value) for each in ups]


def _noticed(up: Fact, down: Fact | None, on: date, needed: int) -> Notice:
    until = date.fromisoformat(down.on) if down else on
    return Notice(up, down, (until - date.fromisoformat(up.on)).days, needed)
