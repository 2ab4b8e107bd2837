"""The desk: one place through which the command line, and later the web, record, seal and correct."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from ledger import keys, messages, people, rules, vouchers
from ledger.balances import State
from ledger.books.write import lay_out
from ledger.errors import DocumentUnreadable, DraftNotYours, DraftUnknown, HeldByDrafts, LeansOn, Names, Refusal
from ledger.facts import Paper
from ledger.proposals import Draft, Proposal, Split
from ledger.seal import Sealer
from ledger.store import files, marks
from ledger.store.workspace import Unit, Workspace
from ledger.text import words
from projects import addressing, indicators, invoices
from projects.errors import BookMissing, FieldUnknown
from projects.events import receipts
from projects.events.bills import need_measured
from projects.events.direct import need_unbounced
from projects.events.lots import need_lots
from projects.events.requests import Accept, Reverse
from projects.events.verbs import EFFECTS, PROPOSE
from projects.life import gates
from projects.life.scene import Scene
from projects.loans.subsidy import need_due
from projects.purposes import Rulebook, need_fit, rulebook
from projects.request import Request

BATCH = 1000
"""So many drafts are sealed in one unit of work: others wait meanwhile for less than a second."""
LONGEST_PATH = 200
"""Of a path that cannot be used, so much is shown."""


@dataclass(frozen=True)
class Desk:
    """A workspace with somebody sitting at it; `book` is empty until it is known."""

    workspace: Workspace
    user: str
    book: str = ""

    def at_book(self) -> Desk:
        """Return the desk at the book that was named, set, or is the only one.

        Raises:
            BookMissing: there are several and none was named.
        """
        if self.book:
            return self
        with self.workspace.read() as connection:
            books = [row[0] for row in connection.exec_driver_sql("SELECT code FROM book ORDER BY code")]
        if self.workspace.settings.book:
            return Desk(self.workspace, self.user, self.workspace.settings.book)
        if len(books) != 1:
            raise BookMissing(about="" if books else "none", books=Names(books))
        return Desk(self.workspace, self.user, books[0])

    def record(
        self, verb: str, typed: Mapping[str, Any], *, key: str | None = None, papers: list[Path] | None = None
    ) -> dict[str, Any]:
        """Draft an event from what was typed and return the draft's answer.

        The same key with the same content returns the first answer.

        Raises:
            Refusal: whatever the event, its rules or the key refuse; nothing is kept then.
        """
        asked = {name: value for name, value in typed.items() if value is not None}
        asked["documents"] = self._documents(papers or [])
        act = self.drafting(verb, asked)
        # Today is no part of what a key stands for: a retry after midnight is the same command.
        return self.change(verb, asked | {"book": self.book, "user": self.user}, act, key=key)

    def foresee(self, state: State, verb: str, typed: Mapping[str, Any]) -> Draft:
        """Return the draft that `record` would keep, without a number: nothing is locked and nothing is kept.

        `state` counts waiting drafts, and may stand in a reading.

        Raises:
            Refusal: whatever the event or its rules refuse.
        """
        today = self.workspace.clock().date()
        asked = {"date": today.isoformat()} | {name: value for name, value in typed.items() if value is not None}
        request = self._read(verb, asked)
        people.need_role(state.connection, self.user, "maker", self.book)
        proposal = self._open(state, verb, request, today)
        rules.check_with_drafts(state.connection, state, proposal, today=today)
        return Draft(self.book, 0, verb, asked, proposal, self.user, "")

    def drafting(self, verb: str, asked: Mapping[str, Any]) -> Callable[[Unit], dict[str, Any]]:
        """Read what was asked for and return what drafts it in a unit of work, dated today where no day was named."""
        typed = {"date": self.workspace.clock().date().isoformat()} | dict(asked)
        request = self._read(verb, typed)

        def act(unit: Unit) -> dict[str, Any]:
            state = State(unit.connection, self.book)
            proposal = self._propose(state, verb, request, unit)
            made = vouchers.draft(unit, state, proposal, maker=self.user, verb=verb, request=typed)
            return answer(made, state)

        return act

    def correct(self, number: str, *, reason: str, on: str | None = None, key: str | None = None) -> dict[str, Any]:
        """Draft in one unit the reversal of a voucher and before it, the latest first, of those that lean on it.

        Return the drafts in the order in which they are sealed, and the vouchers that are taken back beside the one
        that is wrong: what is right of them is recorded again.

        Raises:
            LeansOn: what leans on it cannot be taken back: a draft that waits, or a reversal.
            Refusal: whatever stands against one of the reversals; nothing is kept then.
        """
        typed = {"date": on or self.workspace.clock().date().isoformat(), "reason": reason}
        wrong = number.upper().removeprefix("V")

        def act(unit: Unit) -> dict[str, Any]:
            made: dict[str, dict[str, Any]] = {}
            due = [wrong]
            while due:
                state = State(unit.connection, self.book)
                asked = typed | {"voucher": due[-1]}
                try:
                    proposal = self._propose(state, "reverse", self._read("reverse", asked), unit)
                except LeansOn as refusal:
                    due.append(_latest(refusal, but=[*made, *due]))
                    continue
                drafted = vouchers.draft(unit, state, proposal, maker=self.user, verb="reverse", request=asked)
                made[due.pop()] = answer(drafted, state)
            return {"book": self.book, "drafts": list(made.values()), "again": [each for each in made if each != wrong]}

        content = typed | {"voucher": wrong, "book": self.book, "user": self.user}
        return self.change("correct", content if on else content | {"date": None}, act, key=key)

    def edit(
        self, label: str, changes: Mapping[str, Any], *, key: str | None = None, papers: Sequence[Path] | None = None
    ) -> dict[str, Any]:
        """Change facts of one's own draft; it is proposed anew under the same rules.

        With `papers` these are its papers from now on; without, it keeps those that it has.

        Raises:
            DraftUnknown, DraftNotYours: it is not there, or somebody else's.
            FieldUnknown: the event has no such fact.
            DocumentUnreadable: as in `papers`.
        """
        kept = None if papers is None else self._documents(papers)

        def act(unit: Unit) -> dict[str, Any]:
            old = vouchers.need_draft(unit.connection, self.book, label)
            if old.maker != self.user:
                raise DraftNotYours(draft=old.label, user=self.user, maker=old.maker)
            if "documents" in changes:
                raise FieldUnknown(field="documents", fields=_kind(old.verb).fields())
            typed = {name: value for name, value in (dict(old.request) | dict(changes)).items() if value != ""}
            typed |= {} if kept is None else {"documents": kept}
            request = self._read(old.verb, typed)
            state = State(unit.connection, self.book, without=old.id)
            proposal = self._propose(state, old.verb, request, unit)
            return answer(vouchers.redraft(unit, old, state, proposal, request=typed), state)

        content = {"draft": label, "changes": dict(changes), "book": self.book, "user": self.user}
        return self.change("voucher edit", content if kept is None else content | {"papers": kept}, act, key=key)

    def drop(self, label: str, *, key: str | None = None) -> dict[str, Any]:
        """Throw a draft away.

        Raises:
            DraftUnknown, DraftNotYours: it is not there, or not for this user to drop.
        """

        def act(unit: Unit) -> dict[str, Any]:
            return {"dropped": vouchers.drop(unit, self.book, label, user=self.user)}

        return self.change("voucher drop", {"draft": label, "book": self.book, "user": self.user}, act, key=key)

    def seal(self, label: str, *, key: str | None = None) -> dict[str, Any]:
        """Seal a draft that somebody else made.

        Raises:
            OwnDraft, RoleMissing, DraftUnknown: who asks, and for what.
            Refusal: whatever stands against it now.
        """

        def act(unit: Unit) -> dict[str, Any]:
            waiting = vouchers.need_draft(unit.connection, self.book, label)
            sealer = Sealer(unit, self.book, approver=self.user, effects=EFFECTS)
            return _seal(unit, sealer, waiting, rulebook(unit.connection, self.workspace.path))

        return self.change(*self._sealing(label), act, key=key)

    def seal_all(
        self, labels: Sequence[str], *, key: str | None = None
    ) -> tuple[list[dict[str, Any]], tuple[str, Refusal] | None]:
        """Seal drafts one after the other until one is refused; return what was sealed, and which was refused why.

        Those before it stay sealed, and what comes later may lean on it. It is as if each were sealed by itself, but
        that what stands in the book is read once and the disk waited for once for every `BATCH` of them; each keeps
        a key of its own.
        """
        done: list[dict[str, Any]] = []
        for start in range(0, len(labels), BATCH):
            with self._unit() as unit:
                stopped = self._seal_some(unit, labels[start : start + BATCH], done, key)
                unit.commit()
                fresh = marks.taken(unit.connection)
            lay_out(self.workspace, fresh)
            if stopped:
                return done, stopped
        return done, None

    def _seal_some(
        self, unit: Unit, labels: Sequence[str], done: list[dict[str, Any]], key: str | None
    ) -> tuple[str, Refusal] | None:
        waiting = {each.label: each for each in vouchers.drafts(unit.connection, self.book)}
        sealer = Sealer(unit, self.book, approver=self.user, effects=EFFECTS)
        rules_of_channels = rulebook(unit.connection, self.workspace.path)

        def act(label: str) -> dict[str, Any]:
            if label not in waiting:
                raise DraftUnknown(draft=label, book=self.book)
            return _seal(unit, sealer, waiting.pop(label), rules_of_channels)

        for label in labels:
            own = f"{key}/{label}" if key else None
            try:
                done.append(keys.once(unit, own, *self._sealing(label), partial(act, label.upper())))
            except Refusal as refusal:
                return label, refusal
        return None

    def _sealing(self, label: str) -> tuple[str, dict[str, Any]]:
        """Return under what name and content a key remembers the sealing of a draft."""
        return "voucher seal", {"draft": label, "book": self.book, "user": self.user}

    def change(
        self,
        command: str,
        content: Mapping[str, Any],
        act: Callable[[Unit], dict[str, Any]],
        *,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Do something in one unit of work and write the books that it changed; with a key, do it once.

        Raises:
            KeyReused: the key was used for something else.
        """
        with self._unit() as unit:
            result = keys.once(unit, key, command, content, lambda: act(unit))
            unit.commit()
            fresh = marks.taken(unit.connection)
        lay_out(self.workspace, fresh)
        return result

    def _unit(self) -> AbstractContextManager[Unit]:
        return self.workspace.write(book=self.book or None)

    def say(self, key: str, /, **facts: object) -> str:
        """Return a narration in the office's language."""
        return messages.text("projects", f"narration.{key}", self.workspace.settings.language, **facts)

    def _read(self, verb: str, typed: Mapping[str, Any]) -> Request:
        return _kind(verb).read(typed)

    def _propose(self, state: State, verb: str, request: Request, unit: Unit) -> Proposal:
        if isinstance(request, Reverse):
            number = request.voucher.upper().removeprefix("V")
            said = self.say("reversal", number=f"V{number}", reason=words(request.reason, "reason"))
            undone = vouchers.reverse(
                state,
                request.voucher,
                on=request.date,
                reason=request.reason,
                narration=request.note or said,
                today=unit.now.date(),
            )
            need_lots(state, undone)
            need_measured(state, undone)
            need_unbounced(state, undone)
            receipts.need_covered(state, undone)
            invoices.need_billed(unit, state, undone)
            return undone
        return self._open(state, verb, request, unit.now.date())

    def _open(self, state: State, verb: str, request: Request, today: date) -> Proposal:
        """Return what an event proposes, once the gates of its project are open."""
        proposal = self._proposed(state, verb, request, today)
        gates.need_open(Scene(state.connection, self.book, proposal.project, proposal.date), verb, proposal)
        return proposal

    def _proposed(self, state: State, verb: str, request: Request, today: date) -> Proposal:
        if isinstance(request, Accept):
            indicators.need_known(indicators.indicators_of(self.workspace.path), request.observe)
        try:
            proposal = self._fit(state, verb, request)
        except Refusal as refusal:
            if not state.drafts:
                raise
            sealed = State(state.connection, self.book, drafts=False)
            try:
                proposal = self._fit(sealed, verb, request)
                rules.check(sealed, proposal, today=today)
            except Refusal:
                raise refusal from None
            labels = Names(rules.holding(state, proposal.lines) or [f"D{each['id']}" for each in state.drafts])
            raise HeldByDrafts(about="event", because=refusal, drafts=labels) from None
        return invoices.bill(state, request, addressing.address(state, request, proposal))

    def _fit(self, state: State, verb: str, request: Request) -> Proposal:
        """Return what an event proposes, once its channels' rules let it."""
        proposal = PROPOSE[verb][1](state, request, self.say)
        need_due(state, proposal)
        need_fit(state, proposal, rulebook(state.connection, self.workspace.path))
        return proposal

    def papers(self, paths: Sequence[Path]) -> tuple[Paper, ...]:
        """Keep papers in the workspace and return what a fact says of them; the same paper twice is one.

        Raises:
            DocumentUnreadable: one cannot be read, is empty or too large.
        """
        split = (text.split("/") for text in self._documents(paths))
        return tuple((sha256, suffix, int(size)) for sha256, suffix, size in split)

    def _documents(self, paths: Sequence[Path]) -> list[str]:
        """Keep papers and return how a request names them; the same paper under two names is one paper."""
        return list({kept.partition("/")[0]: kept for kept in map(self.keep_paper, paths)}.values())

    def keep_paper(self, path: Path) -> str:
        """Copy a paper into the workspace under its SHA-256 and return how a request names it.

        A copy that no voucher comes to use does no harm; the desk in a browser takes it away after a while.

        Raises:
            DocumentUnreadable: it is not there, empty, larger than the settings allow, or called OFD and is none.
        """
        limit = self.workspace.settings.document_limit_mb
        shown = str(path)[:LONGEST_PATH]
        if path == Path():
            raise DocumentUnreadable(about="name", path=shown)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DocumentUnreadable(path=shown, reason=error) from None
        except ValueError:
            # No file has such a name: a NUL, or half a character.
            raise DocumentUnreadable(about="name", path=shown) from None
        if not content:
            raise DocumentUnreadable(about="empty", path=shown)
        if len(content) > limit * 1_000_000:
            raise DocumentUnreadable(about="large", path=shown, limit=limit)
        suffix = path.suffix.lower() if re.fullmatch(r"\.[a-z0-9]{1,5}", path.suffix.lower()) else ""
        if suffix == ".ofd":
            from projects.ofd import is_ofd

            if not is_ofd(content):
                raise DocumentUnreadable(about="ofd", path=shown)
        return self.keep_content(content, suffix)

    def keep_content(self, content: bytes, suffix: str) -> str:
        """Keep what a paper holds under its SHA-256 and return how a request names it."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.workspace.documents / f"{sha256}{suffix}"
        try:
            # From now on it is as new as one that was never here: what nothing uses is taken away when it is old.
            os.utime(target)
        except OSError:
            files.put(target, content, shared=True)
        return f"{sha256}/{suffix}/{len(content)}"


def _seal(unit: Unit, sealer: Sealer, waiting: Draft, of_channels: Rulebook) -> dict[str, Any]:
    need_lots(sealer.state, waiting.proposal)
    need_measured(sealer.state, waiting.proposal)
    need_due(sealer.state, waiting.proposal)
    need_fit(sealer.state, waiting.proposal, of_channels)
    receipts.need_arrival(sealer.state, waiting.proposal)
    addressing.need_addressed(sealer.state, waiting.proposal)
    invoices.need_billed(unit, sealer.state, waiting.proposal)
    if waiting.proposal.reverses is not None:
        receipts.need_covered(sealer.state, waiting.proposal)
    else:
        state, project = sealer.state, waiting.proposal.project
        scene = Scene(state.connection, state.book.code, project, waiting.proposal.date, held=state)
        gates.need_open(scene, waiting.verb, waiting.proposal)
    sealed = sealer.seal(waiting)
    return {
        "book": sealed.book,
        "number": sealed.number,
        "draft": waiting.label,
        "event": sealed.proposal.event,
        "date": sealed.proposal.date.isoformat(),
        "narration": sealed.proposal.narration,
        "leaf": sealed.leaf_hash,
    }


def _latest(refusal: LeansOn, *, but: Sequence[str]) -> str:
    """Return the number of the latest voucher that leans on one and can be taken back, but for those that are."""
    named = refusal.facts["vouchers"]
    leaning = [label.removeprefix("V") for label in named] if isinstance(named, Names) else []
    leaning = [label for label in leaning if label not in but]
    if not leaning or any(label.startswith("D") for label in leaning):
        raise refusal
    return max(leaning, key=lambda label: (label[:7], int(label[8:])))


def _kind(verb: str) -> type[Request]:
    return Reverse if verb == "reverse" else PROPOSE[verb][0]


def answer(made: Draft, state: State) -> dict[str, Any]:
    """Return what a command says of a draft: what moves, what is left then, and the postings that will come.

    Amounts are fen, or a good's smallest unit by its `scale`; moves are on the account's normal side.
    """
    proposal = made.proposal
    moves = [
        {
            "role": line.account.role.name,
            "account": line.account.name,
            "commodity": line.commodity,
            "scale": state.scales[line.commodity],
            "change": line.account.role.normal * change,
            "after": line.account.role.normal * (now + change),
        }
        for line, now, change in state.after(proposal.lines).values()
        if change
    ]
    return {
        "draft": made.label,
        "book": made.book,
        "event": proposal.event,
        "date": proposal.date.isoformat(),
        "project": proposal.project,
        "contract": proposal.contract,
        "payee": proposal.payee,
        "narration": proposal.narration,
        "facts": dict(proposal.facts),
        "maker": made.maker,
        "made_at": made.made_at,
        "documents": [
            {"sha256": sha256, "suffix": suffix, "size": size} for sha256, suffix, size in proposal.documents
        ],
        "splits": [_explained(each) for each in proposal.splits],
        "moves": moves,
        "postings": [
            {"account": line.account.name, "commodity": line.commodity, "amount": line.amount}
            for line in proposal.lines
        ],
    }


def _explained(split: Split) -> dict[str, Any]:
    """Return how an amount fell on channels: by channel its weight, its exact share in fen, and what it was given."""
    weights = sum(split.weights.values())
    return {
        "rule": split.rule,
        "about": split.about,
        "amount": split.amount,
        "channels": [
            {
                "channel": channel,
                "weight": split.weights.get(channel, 0),
                "share": f"{split.amount * split.weights.get(channel, 0)}/{weights}" if weights else "",
                "amount": fen,
            }
            for channel, fen in split.parts.items()
        ],
    }
