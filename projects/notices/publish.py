"""Publishing a notice: it is gathered, becomes a leaf of the book's log, and a checkpoint is signed over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from ledger import checkpoints, facts, keyring, people
from ledger.errors import Names
from ledger.facts import Fact
from ledger.messages import Lang
from ledger.people import RoleName
from ledger.signing import Signer
from ledger.store.workspace import Unit
from projects import registry
from projects.desk import Desk
from projects.errors import NoticeIncomplete, NoticeSame, SayUnreadable
from projects.notices.content import Content, Field, read
from projects.notices.gather import Gathering, quarter_before
from projects.notices.kinds import FACT, Kind, need_kind
from projects.policy import policy_at
from projects.privacy import privacy_of
from projects.types import Types, types_of
from projects.typeset.press import need_glyphs

KIND = FACT
"""The kind of the fact of a published notice."""
REMEMBERED = 4096
"""Of so many notices a process remembers what lists say of them; each has ten thousand characters to read."""
PUBLISHERS: tuple[RoleName, ...] = ("approver", "auditor", "publisher")
"""Who publishes notices, and tells where they lie."""
HOTLINE = "12317"
"""扶贫监督举报电话, which stands at the foot of every notice (国开办发〔2018〕11号)."""


def draft(
    connection: Connection,
    book: str,
    kind: Kind,
    project: str,
    *,
    on: date,
    lang: Lang,
    types: Types,
    said: Mapping[str, str],
    foot: Mapping[str, str],
) -> Content:
    """Return the notice as it would be published on a day; `said` are texts of fields, `foot` has issuer and phone.

    Raises:
        NoticeIncomplete: it lacks fields that such a notice must have.
        Unknown: the book has no such project.
    """
    if kind.about == "project":
        registry.need_project(connection, book, project)
    of = Gathering(connection, book, project, on, lang, types, said)
    scrub = privacy_of(connection).scrub
    found = {name: _scrubbed(of.field(name), scrub) for name in kind.fields}
    lacking = [name for name in kind.fields if name in kind.needed and found[name] is None]
    if lacking:
        lacks = Names(of.text(f"field.{name}") for name in lacking)
        ways = Names(of.text(f"way.{name}", project=project) for name in lacking)
        raise NoticeIncomplete(kind=of.text(f"title.{kind.name}"), project=project or book, lacks=lacks, ways=ways)
    made = [table for table in map(of.table, kind.tables) if table]
    tables = [replace(each, rows=tuple(tuple(map(scrub, row)) for row in each.rows)) for each in made]
    about = str(of.scene.detail["name"]) if project else str(of.village["name"])
    village = scrub(str(of.village["name"]))
    begin, end = quarter_before(on)
    days = policy_at(connection, on).notice.days.value
    until = on + timedelta(days=days)
    return Content(
        kind=kind.name,
        book=book,
        subject=project or book,
        lang=lang,
        title=of.text(f"title.{kind.name}"),
        lead=(of.text(f"lead.{kind.name}", about=scrub(about), village=village, begin=begin, end=end),),
        fields=tuple(each for each in found.values() if each),
        tables=tuple(tables),
        foot=(
            of.text("unit-note"),
            of.text("days", begin=on, end=until, days=days),
            of.text("objections", issuer=foot["issuer"]),
            of.text("phones", hotline=HOTLINE, phone=foot["phone"]),
            foot["issuer"],
            on.isoformat(),
        ),
        figures=of.figures.found,
    )


def _scrubbed(found: Field | None, scrub: Callable[[str], str]) -> Field | None:
    """Return a field with what is personal in its lines masked; the words of a notice stay in the log for good."""
    return replace(found, lines=tuple(map(scrub, found.lines))) if found else None


@dataclass(frozen=True)
class Slot:
    """A field of a notice before it is made: what the record says there, or the command that records it."""

    field: Field
    needed: bool
    way: str

    @property
    def lacking(self) -> bool:
        """Tell whether such a notice must have it and nothing is known."""
        return self.needed and not self.field.lines


def slots(
    connection: Connection, book: str, kind: Kind, project: str, *, on: date, lang: Lang, types: Types
) -> list[Slot]:
    """Return the fields of a notice in their order with what the record says in each; nothing is typed yet.

    Raises:
        Unknown: the book has no such project.
    """
    if kind.about == "project":
        registry.need_project(connection, book, project)
    of = Gathering(connection, book, project, on, lang, types, {})
    scrub = privacy_of(connection).scrub
    found = []
    for name in kind.fields:
        field = _scrubbed(of.field(name), scrub) or Field(name, of.text(f"field.{name}"), ())
        way = f"way.{name}" if name in kind.needed else ""
        found.append(Slot(field, name in kind.needed, of.text(way, project=project) if way else ""))
    return found


def publish(
    desk: Desk,
    signer: Signer,
    name: str,
    project: str,
    *,
    on: date,
    lang: Lang,
    said: Mapping[str, str],
    issuer: str,
    phone: str,
    key: str | None = None,
) -> dict[str, Any]:
    """Publish a notice and return its fact, what it takes the place of, and where it differs from that.

    Raises:
        GlyphMissing: the fonts of the paper lack a character of it.
        NoticeIncomplete: it lacks what such a notice must have.
        NoticeSame: nothing has changed since the last one of its kind about the same.
        RoleMissing: who asks may neither approve nor audit nor publish.
    """
    kind = need_kind(name)

    def act(unit: Unit) -> dict[str, Any]:
        people.need_one_of(unit.connection, desk.user, PUBLISHERS, desk.book)
        keyring.need_current(unit.connection, desk.workspace.path, signer)
        content = draft(
            unit.connection,
            desk.book,
            kind,
            project,
            on=on,
            lang=lang,
            types=types_of(desk.workspace.path),
            said=said,
            foot={"issuer": issuer, "phone": phone},
        )
        need_glyphs((words for _, words in content.words()), title=content.title, lang=lang)
        published = list_notices(unit.connection, desk.book)
        earlier = before(published, content)
        data = content.plain() | {"after": published[-1].label if published else "", "phone": phone}
        changed: list[str] = []
        if earlier:
            changed = need_changed(unit.connection, earlier, content)
            data |= {"supersedes": earlier.label, "changed": changed}
        made = facts.record(unit, desk.book, KIND, content.subject, on=on, by=desk.user, data=data)
        checkpoints.sign(unit, signer, desk.book, user=desk.user)
        return facts.plain(made) | {"supersedes": earlier.label if earlier else "", "changed": changed}

    asked = {"notice": name, "project": project, "said": dict(said), "issuer": issuer, "phone": phone}
    return desk.change("notice publish", asked | {"book": desk.book, "user": desk.user}, act, key=key)


@dataclass(frozen=True)
class Listed:
    """What lists say of a published notice: when, by whom and about what, whose place it takes, who issued it."""

    log: str
    position: int
    notice: str
    subject: str
    on: str
    by: str
    title: str
    supersedes: str
    changed: tuple[str, ...]
    issuer: str
    phone: str

    @property
    def label(self) -> str:
        """Return how people name it."""
        return f"F{self.position}"


def list_notices(connection: Connection, book: str) -> list[Listed]:
    """Return the published notices of a book that stand, oldest first; what lists say of one is read of it once."""
    found = [_listed(book, *leaf) for leaf in facts.standing_leaves(connection, book, KIND)]
    return [each for each in found if each]


@lru_cache(maxsize=REMEMBERED)
def _listed(book: str, position: int, leaf: str) -> Listed | None:
    fact = facts.read(book, position, leaf)
    return listed(fact) if fact and fact.kind == KIND else None


def listed(fact: Fact) -> Listed:
    """Return what lists say of a published notice."""
    foot = [str(line) for line in fact.data.get("foot", [])]
    return Listed(
        log=fact.log,
        position=fact.position,
        notice=str(fact.data.get("notice", "")),
        subject=fact.subject,
        on=fact.on,
        by=fact.by,
        title=str(fact.data.get("title", "")),
        supersedes=str(fact.data.get("supersedes", "")),
        changed=tuple(map(str, fact.data.get("changed", []))),
        issuer=foot[-2] if len(foot) > 2 else "",  # noqa: PLR2004 - issuer and day stand last
        phone=str(fact.data.get("phone", "")),
    )


def before(published: Sequence[Listed], content: Content) -> Listed | None:
    """Return the notice whose place this one takes: the last of its kind about the same, None where there is none."""
    same = [each for each in published if (each.notice, each.subject) == (content.kind, content.subject)]
    return same[-1] if same else None


def need_changed(connection: Connection, earlier: Listed, content: Content) -> list[str]:
    """Return the labels of what a notice says otherwise than the one whose place it takes.

    Raises:
        NoticeSame: nothing.
    """
    said = facts.need(connection, earlier.log, earlier.label).data
    changed = differences(read(earlier.log, said), content)
    if not changed:
        raise NoticeSame(fact=earlier.label, on=earlier.on, kind=content.title)
    return changed


def differences(old: Content, new: Content) -> list[str]:
    """Return the labels of what two notices say differently, the day and the foot left out."""
    said, says = _by_place(old), _by_place(new)
    return [place for place in dict.fromkeys([*said, *says]) if said.get(place) != says.get(place)]


def _by_place(content: Content) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place, words in replace(content, foot=()).words():
        found.setdefault(place, []).append(words)
    return found


def need_contact(published: Sequence[Listed], *, issuer: str | None, phone: str | None) -> dict[str, str]:
    """Return issuer and telephone as typed, else those of the newest notice.

    Raises:
        SayUnreadable: neither was ever said.
    """
    typed, known = (issuer or "", phone or ""), contact(published)
    found = {name: (typed[i] or known[i]).strip() for i, name in enumerate(("issuer", "phone"))}
    for name, said in found.items():
        if not said:
            raise SayUnreadable(about=name)
    return found


def contact(published: Sequence[Listed]) -> tuple[str, str]:
    """Return issuer and telephone of the newest notice, so that they are typed once; empty where there is none."""
    return next(((each.issuer, each.phone) for each in reversed(published) if each.issuer), ("", ""))
