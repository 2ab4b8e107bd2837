"""A stateful model: whatever clerks do, in whatever order and whoever dies, the ledger is what a second ledger says.

`oracle.Oracle` was written apart from the product. After every step both have accepted or both refused, the numbers
are the same, the same drafts wait, and every account stands at the same fen.

There is no period close yet. What closes today, and stands for it here: voucher dates never go back, so the first
seal of a month or a year shuts the months before it (`turn`); and an acceptance, after which the works are an asset
and receipts go on to the reserve. A crash is a process that dies: before its commit, after it and before the books
are written, or with half of the books written; most die by an exception that nothing may catch, some by SIGKILL in a
process of their own.
"""

from __future__ import annotations

import copy
import os
import random
import shutil
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from oracle import BUDGET, HOUSEHOLDS, LABOUR, OWN, OWN_BANK, TITLES, No, Oracle

from ledger import people
from ledger.books.write import settle
from ledger.errors import KeyReused, Refusal
from ledger.store import files
from ledger.store import workspace as workspaces
from ledger.store.workspace import Unit
from ledger.verify import verify
from projects import desk as desks
from projects.desk import Desk

STEPS_EACH = 100
EXAMPLES_EACH = 25
QUICK_STEPS = 400
SLOW_STEPS = int(os.environ.get("EARMARK_MODEL_STEPS", "6000"))
"""50,000 take about twenty minutes; they were run once, and this many are run every time."""

FUNDS = ["JT2024", "JZ2024", "WS2024", "ZC2024", "CJ2024", "TG2024", "JL2024"]
CONTRACTS = ["P001C01", "P001C02", "P002C01"]
USERS = ["zhang", "wang", "chen", "li", "zhao"]
MAKERS = ["zhang", "wang", "chen"] * 7 + ["li", "zhao"]
APPROVERS = ["li"] * 12 + ["chen"] * 4 + ["zhang", "zhao"]

project = st.sampled_from(sorted(TITLES))
channel = st.sampled_from(FUNDS)
contract = st.sampled_from(CONTRACTS)
maker = st.sampled_from(MAKERS)
size = st.sampled_from(["all", "all", "half", "third", "one", "over", "some"])
fen = st.integers(1, 900_000)
pick = st.integers(0, 10_000)
days_back = st.sampled_from([0] * 40 + [1, 3, 40, -1])


STRATEGIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {}
CHOICES: list[str] = []
"""Every step as often as it weighs."""


def step(weight: int, **strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a method a step that is taken as often as it weighs.

    Rules of their own would be left out of whole runs by hypothesis; here nearly every step leans on others.
    """

    def wrap(method: Callable[..., None]) -> Callable[..., None]:
        STRATEGIES[method.__name__] = strategies
        CHOICES.extend([method.__name__] * weight)
        return method

    return wrap


FATES = ["seal", "seal_oldest", "seal_newest", "drop", "edit"]
EVENTS = ["receive", "certify", "pay", "reverse", "commit"]


class Died(BaseException):
    """The process ends here; nothing in the product may catch it."""


def yuan(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


def typed(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a clerk would type for what the oracle is asked."""
    said: dict[str, Any] = {}
    for name, value in asked.items():
        if (name == "amount" and value) or name == "rate":
            said[name] = yuan(value)
        elif name == "parts" and value is not None:
            said[name] = [f"{each}={yuan(part)}" for each, part in value.items()]
        elif name in {"percent", "retention"}:
            said[name] = f"{float(value):g}%"
        elif name == "days":
            said[name] = str(value)
        elif name == "how":
            said |= {value: True} if value else {}
        elif value not in ("", 0, None, False):
            said[name] = value
    return said


class Model(RuleBasedStateMachine):
    """The product and the oracle, side by side."""

    template: Path
    folder: Path
    steps: ClassVar[Counter[str]] = Counter()
    outcomes: ClassVar[Counter[str]] = Counter()
    opened = 0

    def __init__(self) -> None:
        super().__init__()
        Model.opened += 1
        self.path = self.folder / f"ws{Model.opened}"
        shutil.copytree(self.template, self.path)
        self.day = date(2024, 3, 1)
        self.given = 0
        self.told: list[str] = []
        self.sent: list[tuple[str, str, dict[str, Any], str, dict[str, Any]]] = []
        self.workspace = self._open()
        self.oracle = Oracle(self.day)

    def teardown(self) -> None:
        try:
            found = [(check.name, each.code, each.facts) for check in verify(self.workspace) for each in check.findings]
            assert found == []
        finally:
            self.workspace.close()
            shutil.rmtree(self.path)

    @initialize(amount=fen, more=fen)
    def funded(self, amount: int, more: int) -> None:
        """Begin with the village's own money and two allotments, so that most steps find something to lean on."""
        label = self._desk("zhang").record(
            "opening",
            {"project": "P000", "lines": [f"own_bank:B00={OWN}:{yuan(amount)}"], "date": self.day.isoformat()},
        )["draft"]
        number = self._desk("li").seal(label)["number"]
        lines = {(OWN_BANK, OWN): amount, ("Equity:322-收益分配:未分配收益", OWN): -amount}
        self.oracle.open(number, self.day, lines)
        for each in ("P001", "P002"):
            asked = {"project": each, "channel": "JZ2024", "amount": more * 10}
            self._draft("zhang", "allot", self.day, asked)
            self._seal("li", f"D{self.oracle.drafted}")
        self._agree()

    # Events.

    @step(3, user=maker, to=project, of=channel, amount=fen, back=days_back)
    def allot(self, user: str, to: str, of: str, amount: int, back: int) -> None:
        of = self._fit(to, of, amount)
        verb = "plan" if of == HOUSEHOLDS and amount % 5 else "allot"
        self._step("allot", user, verb, back, {"project": to, "channel": of, "amount": amount * 3})

    @step(5, user=maker, to=project, of=channel, how=size, amount=fen, back=days_back)
    def receive(self, user: str, to: str, of: str, how: str, amount: int, back: int) -> None:
        of = self._fit(to, of, amount)
        desk = self.oracle.desk()
        if of == OWN:
            left = desk.has(OWN_BANK, OWN)
        elif of == HOUSEHOLDS:
            left = desk.has(f"Assets:113-内部往来:{to}-农户筹资", of)
        else:
            left = desk.has(f"Equity:B0-下达:{to}-{TITLES[to]}", of, budget=True) - desk.received(to, of)
        way = ["", "", "cash", "from_cash"][amount % 4] if of == HOUSEHOLDS or amount % 50 == 0 else ""
        if way == "from_cash":
            left = desk.has(f"Assets:101-库存现金:{to}", of)
        if left <= 0 and amount % 6 and of != OWN:
            self.allot(user, to, of, amount, back)
            return
        asked = {"project": to, "channel": of, "amount": share(left, how, amount), "how": way}
        self._step("receive", user, "receive", back, asked)

    @step(6, user=maker, code=contract, one=channel, other=channel, how=size, amount=fen, back=days_back)
    def commit(self, user: str, code: str, one: str, other: str, how: str, amount: int, back: int) -> None:
        desk, to = self.oracle.desk(), code[:4]
        parts = {}
        for each in {one: 0, other: 0, self._fit(to, one, amount): 0, "JZ2024": 0} if amount % 3 else {one: 0}:
            left = desk.has(f"Equity:B1-可用预算:{to}-{TITLES[to]}", each, budget=True)
            if left > 0 or amount % 11 == 0:
                parts[each] = share(left, how, amount)
        self._step("contract", user, "contract", back, {"contract": code, "parts": parts})

    @step(4, user=maker, code=contract, how=size, amount=fen, percent=st.integers(1, 100), back=days_back)
    def advance(self, user: str, code: str, how: str, amount: int, percent: int, back: int) -> None:
        code = self._made(code, amount)
        left = self._of(code, f"Equity:B2-合同占用:{code}", budget=True)
        asked: dict[str, Any] = {"contract": code}
        # Most stay within what may be paid ahead of work.
        parts_of = 1 if amount % 7 == 0 else 4
        if amount % 3 == 0:
            asked["percent"] = percent if amount % 7 == 0 else percent % 30 + 1
        elif amount % 3 == 1:
            asked["amount"] = share(sum(left.values()) // parts_of, how, amount // parts_of + 1)
        else:
            some = {each: share(of // parts_of, how, amount // parts_of + 1) for each, of in left.items() if of}
            asked["parts"] = some or {"JZ2024": amount}
        self._step("advance", user, "advance", back, asked)

    @step(
        6,
        user=maker,
        code=contract,
        how=size,
        amount=fen,
        held=st.sampled_from(["", "", "0", "1.5", "2", "3", "4"]),
        back=days_back,
    )
    def certify(self, user: str, code: str, how: str, amount: int, held: str, back: int) -> None:
        code = self._made(code, amount)
        left = self._of(code, f"Equity:B2-合同占用:{code}", budget=True)
        for each, more in self._of(code, f"Equity:B2A-预付占用:{code}", budget=True).items():
            left[each] += more
        asked: dict[str, Any] = {"contract": code}
        if amount % 4 == 0:
            asked["parts"] = {each: share(of, how, amount) for each, of in left.items() if of} or {"JZ2024": amount}
            asked["reason"] = "按工程量" if amount % 5 else ""
        else:
            asked["amount"] = share(sum(left.values()), how, amount)
        if held:
            asked["retention"] = Fraction(held)
        self._step("certify", user, "certify", back, asked)

    @step(6, user=maker, code=contract, of=channel, how=size, amount=fen, back=days_back)
    def pay(self, user: str, code: str, of: str, how: str, amount: int, back: int) -> None:
        code = self._made(code, amount)
        owed = self._of(code, f"Liabilities:211-应付款:{code}-进度款")
        asked: dict[str, Any] = {"contract": code}
        if amount % 4 == 0:
            asked["parts"] = {each: share(of, how, amount) for each, of in owed.items() if of} or {"JZ2024": amount}
        elif amount % 4 == 1:
            asked["amount"] = share(sum(owed.values()), how, amount)
        elif amount % 4 == 2 and amount % 3:
            asked["channel"] = of
        if amount % 8 < 5 and "parts" not in asked:
            asked["partial"] = True
        self._step("pay", user, "pay", back, asked)

    @step(
        2,
        user=maker,
        to=project,
        of=st.sampled_from([LABOUR, LABOUR, "JZ2024"]),
        days=st.integers(1, 40),
        rate=st.integers(1, 15000),
        back=days_back,
    )
    def labour(self, user: str, to: str, of: str, days: int, rate: int, back: int) -> None:
        self._step("labour", user, "labour", back, {"project": to, "channel": of, "days": days, "rate": rate})

    @step(2, user=maker, to=project, back=days_back)
    def accept(self, user: str, to: str, back: int) -> None:
        self._step("accept", user, "accept", back, {"project": to})

    @step(4, user=maker, which=pick, back=days_back)
    def reverse(self, user: str, which: int, back: int) -> None:
        numbers = [each.number for each in self.oracle.sealed[1:]] or ["2024-03-0001"]
        recent = numbers[-8:] if which % 3 else numbers
        self._step("reverse", user, "reverse", back, {"voucher": recent[which % len(recent)]})

    # What becomes of drafts.

    @step(4, user=st.sampled_from(APPROVERS), which=pick)
    def seal(self, user: str, which: int) -> None:
        self._count("seal")
        self._seal(user, self._label(which))
        self._agree()

    @step(8, user=st.sampled_from(APPROVERS))
    def seal_oldest(self, user: str) -> None:
        self._count("seal oldest")
        self._seal(user, self._label(0))
        self._agree()

    @step(4)
    def seal_newest(self) -> None:
        self._count("seal newest")
        self._seal("li", f"D{max(self.oracle.waiting, default=999)}")
        self._agree()

    @step(2, user=st.sampled_from(USERS), which=pick)
    def drop(self, user: str, which: int) -> None:
        self._count("drop")
        label = self._label(which if which % 2 else 0)
        self.told.append(f"{user}: drop {label}")
        self._both(lambda: self._desk(user).drop(label)["dropped"], lambda: self.oracle.drop(user, label) or label)
        self._agree()

    @step(2, user=st.sampled_from(USERS), which=pick, amount=fen)
    def edit(self, user: str, which: int, amount: int) -> None:
        self._count("edit")
        fit = [each for each, sheet in self.oracle.waiting.items() if sheet.verb in {"allot", "plan", "receive"}]
        label = f"D{fit[which % len(fit)]}" if fit else "D999"
        self.told.append(f"{user}: edit {label} {yuan(amount)}")
        self._both(
            lambda: self._desk(user).edit(label, {"amount": yuan(amount)})["draft"],
            lambda: self.oracle.edit(user, label, {"amount": amount}) or label,
        )
        self._agree()

    @step(1, which=pick)
    def again(self, which: int) -> None:
        """Send a command a second time under its key: the first answer comes back and nothing is done."""
        self._count("again")
        if self.sent:
            user, verb, said, key, answer = self.sent[which % len(self.sent)]
            if which % 4 == 0:
                with pytest.raises(KeyReused):
                    self._desk(user).record(verb, said | {"note": "另一笔"}, key=key)
            else:
                assert self._desk(user).record(verb, said, key=key) == answer
        self._agree()

    # Time, and what ends.

    @step(1, days=st.integers(0, 9))
    def day_passes(self, days: int) -> None:
        self._count("day")
        self._to(self.day + timedelta(days=days))

    @step(1, to=project, amount=fen, year=st.sampled_from([False, False, False, True]))
    def turn(self, to: str, amount: int, year: bool) -> None:
        """A month or a year ends: the first seal of the next shuts it."""
        self._count("close")
        before = self.day
        first = date(before.year + 1, 1, 1) if year else (before.replace(day=1) + timedelta(days=32)).replace(day=1)
        self._to(first)
        asked = {"project": to, "channel": "JZ2024", "amount": amount}
        self._draft("zhang", "allot", first, asked)
        sealed = self._seal("li", f"D{self.oracle.drafted}")
        assert sealed == f"{first:%Y-%m}-0001"
        assert not self._draft("zhang", "allot", before, asked), "a month that was shut took a voucher"
        self._agree()

    # Deaths.

    @step(
        2,
        user=st.sampled_from(APPROVERS),
        which=pick,
        point=st.sampled_from(["commit", "books", "half", "idle"]),
        real=st.integers(0, 5),
    )
    def die(self, user: str, which: int, point: str, real: int) -> None:
        self._count(f"crash {point}{' by SIGKILL' if real == 0 and point != 'idle' else ''}")
        label = self._label(which)
        oracle = copy.deepcopy(self.oracle)
        try:
            expected = oracle.seal(user, label) if point != "idle" else ""
        except No:
            expected = "refused"
        if point == "idle":
            died = True
        elif real == 0:
            died = self._killed(point, lambda: self._desk(user).seal(label))
        else:
            died = self._dies(point, lambda: self._desk(user).seal(label))
        self.told.append(f"{user}: dies at {point} of sealing {label}: {expected}")
        assert died == (expected != "refused"), f"{self._tale()}\n{label} by {user}: {expected or 'died'}"
        self.workspace.close()
        self.workspace = self._open()
        settle(self.workspace)
        if died and point in {"books", "half"}:
            self.oracle = oracle
        self._agree()
        with self.workspace.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM work_dirty").scalar() == 0

    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        """Take one of the steps above."""
        what = data.draw(st.sampled_from(CHOICES), label="step")
        if not self.oracle.waiting and what in FATES and data.draw(pick, label="nothing waits") % 8:
            what = data.draw(st.sampled_from(EVENTS), label="instead")
        made = any(each.contract for each in [*self.oracle.standing(), *self.oracle.waiting.values()])
        if not made and what in {"advance", "certify", "pay"} and data.draw(pick, label="no contract") % 8:
            what = "commit"
        getattr(self, what)(**{name: data.draw(of, label=name) for name, of in STRATEGIES[what].items()})

    # How.

    def _step(self, name: str, user: str, verb: str, back: int, asked: dict[str, Any]) -> None:
        self._count(name)
        self._draft(user, verb, self.day - timedelta(days=back), asked)
        self._agree()

    def _count(self, name: str) -> None:
        Model.steps[name] += 1

    def _tale(self) -> str:
        return "\n".join(self.told)

    def _draft(self, user: str, verb: str, on: date, asked: dict[str, Any]) -> str | None:
        said = typed(asked) | {"date": on.isoformat()}
        self.told.append(f"{user}: {verb} {said}")
        if verb == "contract":
            said["party"] = "施工单位"
        elif verb == "accept":
            said["quantity"] = "1"
        elif verb == "reverse":
            said["reason"] = "试"
        elif verb == "certify" and asked.get("retention") == 0:
            said["no_retention"] = True
            del said["retention"]
        self.given += 1
        key = f"K{self.given}"
        answers: list[dict[str, Any]] = []

        def product() -> str:
            answers.append(self._desk(user).record(verb, said, key=key))
            return str(answers[0]["draft"])

        label = self._both(product, lambda: self.oracle.draft(user, verb, on, asked))
        if label:
            self.sent.append((user, verb, said, key, answers[0]))
        return label

    def _seal(self, user: str, label: str) -> str | None:
        self.told.append(f"{user}: seal {label}")
        return self._both(
            lambda: str(self._desk(user).seal(label)["number"]), lambda: self.oracle.seal(user, label), what="seal"
        )

    def _both(self, product: Callable[[], Any], oracle: Callable[[], Any], *, what: str = "draft") -> Any:
        """Let both do it; they answer the same, or both refuse."""
        try:
            expected, why = oracle(), ""
        except No as no:
            expected, why = None, str(no)
        try:
            got, because = product(), ""
        except Refusal as refusal:
            got, because = None, f"{refusal.code} {refusal.facts}"
        self.told[-1] += f" -> {got or because}"
        assert got == expected, f"{self._tale()}\nthe product says {got or because!r}, the oracle {expected or why!r}"
        Model.outcomes[f"{what} {'accepted' if got else 'refused'}"] += 1
        if because:
            Model.outcomes[f"refused: {because.split()[0]}"] += 1
        return got

    def _agree(self) -> None:
        with self.workspace.read() as connection:
            rows = connection.exec_driver_sql("SELECT account, commodity, amount FROM balance WHERE amount <> 0").all()
            numbers = connection.exec_driver_sql("SELECT number FROM voucher ORDER BY seq").scalars().all()
            waiting = connection.exec_driver_sql("SELECT id FROM work_draft ORDER BY id").scalars().all()
        assert {(row[0], row[1]): row[2] for row in rows} == self.oracle.nonzero(), self._tale()
        assert list(numbers) == [each.number for each in self.oracle.sealed]
        assert list(waiting) == sorted(self.oracle.waiting)

    def _of(self, code: str, account: str, *, budget: bool = False) -> Counter[str]:
        desk = self.oracle.desk()
        return Counter({each: desk.has(account, each, budget=budget) for each in desk.channels(code)})

    def _fit(self, to: str, of: str, chance: int) -> str:
        """Return a channel that the project may hold, mostly."""
        fit = sorted(BUDGET[to] - {"SN2024"})
        return fit[chance % len(fit)] if chance % 12 and of not in fit else of

    def _made(self, code: str, chance: int) -> str:
        """Return a contract that was made, mostly."""
        made = sorted(
            {each.contract for each in [*self.oracle.standing(), *self.oracle.desk().drafts] if each.contract}
        )
        return made[chance % len(made)] if chance % 12 and code not in made and made else code

    def _label(self, which: int) -> str:
        waiting = sorted(self.oracle.waiting)
        return f"D{waiting[which % len(waiting)]}" if waiting else "D999"

    def _to(self, day: date) -> None:
        self.day = self.oracle.today = day

    def _desk(self, user: str) -> Desk:
        return Desk(self.workspace, user, "SF")

    def _open(self) -> workspaces.Workspace:
        chance = random.Random(Model.opened)
        clock = workspaces.CHINA
        return workspaces.open_workspace(
            self.path,
            clock=lambda: workspaces.datetime.combine(self.day, workspaces.datetime.min.time(), clock),
            salts=lambda: chance.randbytes(16),
        )

    def _dies(self, point: str, act: Callable[[], Any]) -> bool:
        def die() -> None:
            raise Died

        with pytest.MonkeyPatch.context() as patch:
            _deadly(patch, point, die)
            try:
                act()
            except Died:
                return True
            except Refusal:
                return False
        pytest.fail(f"{point} was never reached")

    def _killed(self, point: str, act: Callable[[], Any]) -> bool:
        """Let a process of its own do it, and kill it there."""
        self.workspace.close()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the test runner has threads; the child uses none
            child = os.fork()
        if child == 0:
            try:
                self.workspace = self._open()
                _deadly(pytest.MonkeyPatch(), point, lambda: os.kill(os.getpid(), signal.SIGKILL))
                act()
                os._exit(1)
            except Refusal:
                os._exit(3)
            finally:
                os._exit(2)
        for _ in range(3000):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            time.sleep(0.01)
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("the child hangs")
        if os.WIFSIGNALED(status):
            return True
        assert os.WEXITSTATUS(status) == 3, f"the child ended with {status}"
        return False


def _deadly(patch: pytest.MonkeyPatch, point: str, die: Callable[[], None]) -> None:
    if point == "commit":
        patch.setattr(Unit, "commit", lambda _unit: die())
    elif point == "books":
        patch.setattr(desks, "lay_out", lambda _workspace, _fresh: die())
    else:

        def half(path: Path, content: bytes, **_: Any) -> None:
            path.with_name(path.name + files.PARTIAL).write_bytes(content[:50])
            die()

        patch.setattr(files, "put", half)


def share(left: int, how: str, amount: int) -> int:
    """Return an amount in fen that is some part of what is left, or above it."""
    left = max(0, left)
    parts = {"all": left, "half": left // 2, "third": left // 3, "one": 1, "over": left + 1}
    return max(1, parts.get(how, min(amount, left or amount)))


@pytest.fixture(scope="session")
def staffed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The village, with somebody who may make and approve, though never the same voucher."""
    path = tmp_path_factory.mktemp("staffed") / "ws"
    shutil.copytree(template, path)
    workspace = workspaces.open_workspace(path)
    with workspace.write() as unit:
        people.add_user(unit, "chen", roles=["maker", "approver"])
        unit.commit()
    settle(workspace)
    workspace.close()
    return path


@pytest.fixture
def model(staffed: Path, tmp_path: Path) -> Iterator[type[Model]]:
    Model.template, Model.folder = staffed, tmp_path
    Model.steps, Model.outcomes = Counter(), Counter()
    yield Model
    total = sum(Model.steps.values())
    print(f"\n{total} steps in {Model.opened} villages: {dict(Model.steps.most_common())}")
    print(dict(Model.outcomes.most_common()))


def play(model: type[Model], steps: int) -> None:
    """Play whole villages until so many steps were made; count those that were made, not those that were asked for."""
    passes = 0
    while sum(model.steps.values()) < steps:
        passes += 1
        left = steps - sum(model.steps.values())
        run_state_machine_as_test(
            seed(passes)(model),
            settings=settings(
                max_examples=min(EXAMPLES_EACH, max(1, left // STEPS_EACH)),
                stateful_step_count=STEPS_EACH,
                phases=[Phase.generate],  # a village's commands are printed as they are; shrinking takes long
                suppress_health_check=list(HealthCheck),
                derandomize=False,
                database=None,
                deadline=None,
            ),
        )


def test_the_ledger_is_what_a_second_ledger_says(model: type[Model]) -> None:
    play(model, QUICK_STEPS)
    assert sum(model.steps.values()) >= QUICK_STEPS
    assert model.outcomes["draft accepted"] > QUICK_STEPS // 20
    assert model.outcomes["seal accepted"] > QUICK_STEPS // 40


@pytest.mark.slow
def test_the_ledger_is_what_a_second_ledger_says_for_long(model: type[Model]) -> None:
    play(model, SLOW_STEPS)
    assert sum(model.steps.values()) >= SLOW_STEPS
