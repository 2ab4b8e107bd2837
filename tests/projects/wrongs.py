"""What audit tests look for, planted through the desk's own verbs, and innocent cases that look like it.

A case is a list of steps, each with its day, so that many of them can be played into one book in the order of days.
`clean` is innocent, `a` and `b` are wrong in two ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ledger import facts
from projects import payees, procurement, registry
from projects.desk import Desk
from projects.purposes.telling import Told, set_rule
from projects.telling import TELL, tell

ON = "2026-06-30"
"""The day of the audit."""
EARLY, LATE = "2024-03-04", "2025-07-07"
"""A project that began on the first is over in every way; one that began on the second is still in its warranty."""


COUNTY = ("gates.approve= gates",)
"""The county lets projects be approved that never went into its library, so that no gate refuses what is planted."""


@dataclass(frozen=True)
class Step:
    day: str
    verb: str
    typed: dict[str, Any] = field(default_factory=dict)
    user: str = "zhang"
    paper: str = ""


def play(clerk: Any, steps: Iterable[Step], folder: Path, book: str = "SF") -> list[str]:
    """Play steps in the order of their days; return the labels of the vouchers."""
    made: list[str] = []
    names: dict[str, str] = {}
    for step in sorted(steps, key=lambda each: each.day):
        clerk.clock.set(step.day)
        maker, approver = Desk(clerk.workspace, step.user, book), Desk(clerk.workspace, "li", book)
        typed = {"date": step.day} | step.typed
        name = typed.pop("as_", "")
        if "payee" in typed:
            typed["payee"] = _payee_code(book, typed["payee"])
        if "of" in typed:
            typed["voucher"] = names[typed.pop("of")]
        if step.verb in BESIDE:
            BESIDE[step.verb](clerk, book, step, typed)
        elif step.verb in TELL:
            tell(maker, step.verb, typed, papers=[paper(folder, step.paper or "会议记录")])
        else:
            papers = [paper(folder, f"{book}{step.paper}")] if step.paper else None
            label = approver.seal(maker.record(step.verb, typed, papers=papers)["draft"])["number"]
            names[name] = label
            made.append(f"V{label.removeprefix('V')}")
    clerk.clock.set(ON)
    return made


def paper(folder: Path, words: str) -> Path:
    path = folder / f"{words}.txt"
    path.write_text(words, encoding="utf-8")
    return path


def _project(clerk: Any, book: str, step: Step, typed: dict[str, Any]) -> None:
    detail = {key: typed[key] for key in ("type", "quantity", "unit", "place")}
    with clerk.workspace.write(book=book) as unit:
        budget = dict.fromkeys(typed["channels"], 10**10)
        # Two villages have no place in common.
        name = f"{book}{typed['name']}"
        detail["place"] = f"{book}{detail['place']}"
        registry.add_project(unit, book, typed["code"], title=name[:20], name=name, budget=budget, detail=detail)
        unit.commit()


def _procured(clerk: Any, book: str, step: Step, typed: dict[str, Any]) -> None:
    said = {"method": "open-tender", "winner": typed["winner"], "price": typed["price"], "number": "采〔2024〕1号"}
    with clerk.workspace.write(book=book) as unit:
        procurement.record(unit, book, typed["contract"], **said, on=date.fromisoformat(step.day), by="zhang")
        unit.commit()


def _rule(clerk: Any, book: str, step: Step, typed: dict[str, Any]) -> None:
    rule = {"number": "财农〔2021〕19号", "words": ["干部报酬"], "categories": ["bonuses"]}
    with clerk.workspace.write() as unit:
        set_rule(unit, typed["channel"], rule, Told(by="li", on=date(2024, 1, 1)))
        unit.commit()


def _payee(clerk: Any, book: str, step: Step, typed: dict[str, Any]) -> None:
    with clerk.workspace.write() as unit:
        code = _payee_code(book, typed["code"])
        if not payees.payee_of(unit.connection, code):
            who = {"name": typed["name"], "kind": "company", "identifier": credit_code(int(code[1:]))}
            payees.add_payee(unit, code, **who, by="zhang")
        number = f"6228{int(code[1:]):08}{typed['account']}"
        payees.name_account(unit, code, number=number, bank="农商行", by="zhang", reason="换户")
        payees.approve_account(unit, code, number=number, by="li")
        unit.commit()


def _payee_code(book: str, code: str) -> str:
    """Payees belong to the office: each village has its own here."""
    return code if book == "SF" else f"S{int(book[1:]) + 1}{code[1:]}"


def _reconciled(clerk: Any, book: str, step: Step, typed: dict[str, Any]) -> None:
    """The balance of a month end that agrees, as a reconciliation records it."""
    with clerk.workspace.write(book=book) as unit:
        zero = {"balance": "0.00", "book-balance": "0.00", "adjusted": "0.00"}
        data = zero | {"open-at-bank": 0, "open-in-book": 0, "file": "0" * 64}
        facts.record(unit, book, "bank-balance", typed["bank"], on=date.fromisoformat(step.day), by="zhang", data=data)
        unit.commit()


BESIDE: dict[str, Callable[..., None]] = {
    "project": _project,
    "procured": _procured,
    "rule": _rule,
    "payee": _payee,
    "reconciled": _reconciled,
}


def day(start: str, offset: int) -> str:
    return (date.fromisoformat(start) + timedelta(days=offset)).isoformat()


def begun(code: str, start: str, *, channels: tuple[str, ...] = ("JT2024",), **detail: str) -> Step:
    """A project of its own group, by place and number, so that nothing is like anything else by chance."""
    base = {"name": f"{code}号道路", "type": "road", "quantity": "3", "unit": "km", "place": f"{code}组"}
    return Step(start, "project", {"code": code, "channels": channels, **base, **detail})


def money(code: str, start: str, price: int, channel: str = "JT2024") -> list[Step]:
    typed = {"project": code, "channel": channel, "amount": str(price)}
    return [Step(start, "allot", typed), Step(day(start, 20), "receive", typed)]


def deal(code: str, start: str, price: int, number: str = "C01", channel: str = "JT2024", **typed: Any) -> Step:
    said = {"contract": f"{code}{number}", "parts": [f"{channel}={price}"], "party": f"示范{code}公司"}
    return Step(start, "contract", said | typed)


def opened(code: str, start: str, *, skip: tuple[str, ...] = (), approved: int = 10, stood: int = 12) -> list[Step]:
    """Deliberations, approval and the notice before the works; the contract is made 25 days after the start."""
    counts = {"due": "30", "present": "28", "ayes": "27"}
    steps = []
    for number, step in enumerate(("propose", "consult", "review", "resolve", "publish"), 1):
        if step in skip:
            break
        said = {} if step == "publish" else counts
        form = {"form": "representatives"} if step == "resolve" else {}
        steps.append(Step(day(start, number), "deliberate", {"project": code, "step": step, **said, **form}))
    said = {"project": code, "number": "示范批〔2024〕1号", "authority": "镇政府"}
    steps.append(Step(day(start, approved), "approve", said))
    if "notice-before" not in skip:
        up = {"project": code, "stage": "before"}
        steps.append(Step(day(start, 12), "put-up", up | {"places": ["村委会"]}))
        steps.append(Step(day(start, 12 + stood), "take-down", up))
    return steps


def works(code: str, start: str, price: int, **typed: Any) -> list[Step]:
    """An advance, two certificates with what was offset, and their payments."""
    contract = f"{code}C01"
    pay = typed.pop("pay", {})
    half = price // 2
    return [
        Step(day(start, 26), "advance", {"contract": contract, "amount": str(price // 5)}),
        Step(day(start, 60), "certify", {"contract": contract, "amount": str(half)} | typed),
        Step(day(start, 62), "pay", {"contract": contract} | pay),
        Step(day(start, 100), "certify", {"contract": contract, "amount": str(price - half)} | typed),
        Step(day(start, 102), "pay", {"contract": contract} | pay),
    ]


def ended(code: str, start: str, *, skip: tuple[str, ...] = (), **accept: str) -> list[Step]:
    """Inspections, acceptance, notice, handover, and the release of the retention a year later."""
    seen = {"project": code, "quantity": "3", "verdict": "pass"}
    kept = {"keeper": "村委会", "upkeep": "每年一次"}
    steps = [
        Step(day(start, 110), "inspect", seen | {"level": "village"}),
        Step(day(start, 111), "inspect", seen | kept | {"level": "township"}),
    ]
    if "accept" not in skip:
        steps.append(Step(day(start, 112), "accept", {"project": code, "quantity": "3"} | accept))
        up = {"project": code, "stage": "completion"}
        steps.append(Step(day(start, 113), "put-up", up | {"places": ["村委会"]}))
        steps.append(Step(day(start, 125), "take-down", up))
    if "handover" not in skip and "accept" not in skip:
        owner = {"asset": "public", "owner": "村集体", "keeper": "村委会"}
        steps.append(Step(day(start, 140), "handover", {"project": code} | owner))
    if "release" not in skip and day(start, 483) < ON:
        steps.append(Step(day(start, 483), "release", {"contract": f"{code}C01"}))
    return steps


def life(code: str, start: str, price: int = 300_000, **detail: str) -> list[Step]:
    """A whole life without a fault: ten vouchers if it is over."""
    head = [begun(code, start, **detail), *money(code, start, price), *opened(code, start)]
    return [*head, deal(code, day(start, 25), price), *works(code, start, price), *ended(code, start)]


def without(steps: list[Step], *verbs: str) -> list[Step]:
    return [each for each in steps if each.verb not in verbs]


def idle_year(code: str, kind: str) -> list[Step]:
    start = "2025-03-03" if kind != "clean" else "2025-08-01"
    moved = money(code, start, 90_000)
    return [begun(code, start), *(moved if kind != "b" else moved[:1])]


def idle_recall(code: str, kind: str) -> list[Step]:
    if kind == "clean":
        return life(code, EARLY)
    start = "2024-02-05"
    spent = [
        Step("2024-05-06", "purchase", {"project": code, "channel": "JT2024", "amount": "9000", "party": f"{code}店"})
    ]
    return [begun(code, start), *money(code, start, 90_000), *(spent if kind == "b" else [])]


def negative_list(code: str, kind: str) -> list[Step]:
    # The rule is registered late, with the day from which on it held all the same.
    channel = "JZ2024"
    said = {"clean": "技术员劳务", "a": "发放干部报酬", "b": "年终"}[kind]
    asked = {"project": code, "channel": channel, "amount": "5000", "note": said, "party": f"{code}人员"}
    spend = Step("2025-10-10", "spend", asked | ({"category": "bonuses"} if kind == "b" else {}))
    return [begun(code, LATE, channels=(channel,)), *money(code, LATE, 50_000, channel), spend, rule(channel)]


def rule(channel: str) -> Step:
    return Step(ON, "rule", {"channel": channel})


def fee_over_cap(code: str, kind: str) -> list[Step]:
    channel, amount = "JL2024", "1000" if kind == "b" else "2000"
    price = 100_000 if kind == "b" else 200_000
    spent = Step("2025-10-10", "spend", {"project": code, "channel": channel, "amount": amount, "fee": True})
    said = {"project": code, "channel": channel, "amount": "50000", "number": "调〔2025〕1号", "reason": "调减"}
    down = [Step("2025-11-10", "revise-down", said)]
    received = [
        money(code, LATE, price, channel)[0],
        Step(day(LATE, 20), "receive", {"project": code, "channel": channel, "amount": "5000"}),
    ]
    return [begun(code, LATE, channels=(channel,)), *received, spent, *(down if kind != "clean" else [])]


def retention_early(code: str, kind: str) -> list[Step]:
    if kind == "clean":
        return life(code, EARLY)
    when = 105 if kind == "a" else 150
    release = Step(day(EARLY, when), "release", {"contract": f"{code}C01", "due": day(EARLY, when - 1)})
    return [*without(life(code, EARLY), "release"), release]


def retention_over(code: str, kind: str) -> list[Step]:
    steps = life(code, LATE)
    cut = {"contract": f"{code}C01", "amount": "30000" if kind == "a" else "9000", "number": "审〔2025〕1号"}
    steps = [*steps, Step(day(LATE, 101), "cut", cut)] if kind != "clean" else steps
    if kind == "clean":
        return steps
    # What the audit cut is free again, and goes back.
    back = {"project": code, "channel": "JT2024"}
    return [*steps, Step(day(LATE, 120), "return", back)]


def retention_overdue(code: str, kind: str) -> list[Step]:
    if kind == "clean":
        return life(code, LATE)
    steps = life(code, EARLY) if kind == "a" else life(code, LATE)
    if kind == "a":
        return without(steps, "release")
    head = [each for each in steps if each.verb != "accept"]
    return [*head, Step(day(LATE, 112), "accept", {"project": code, "quantity": "3", "warranty_until": "2026-03-31"})]


def advance_not_offset(code: str, kind: str) -> list[Step]:
    price, contract = 300_000, f"{code}C01"
    steps = [begun(code, LATE), *money(code, LATE, price), *opened(code, LATE), deal(code, day(LATE, 25), price)]
    steps.append(Step(day(LATE, 26), "advance", {"contract": contract, "amount": "60000"}))
    amount = {"clean": "60000", "a": "150000", "b": "200000"}[kind]
    return [*steps, Step(day(LATE, 60), "certify", {"contract": contract, "amount": amount, "offset": "1"})]


def contract_unprocured(code: str, kind: str) -> list[Step]:
    price, at = 700_000, day(LATE, 25)
    steps = [begun(code, LATE), money(code, LATE, price)[0], *opened(code, LATE), deal(code, at, price)]
    won = {"contract": f"{code}C01", "winner": f"示范{code}公司", "price": str(price)}
    if kind == "clean":
        steps.append(Step(day(LATE, 20), "procured", won))
    return [*steps, Step(day(LATE, 40), "procured", won)] if kind == "b" else steps


def splitting(code: str, kind: str) -> list[Step]:
    price = 700_000
    steps = [begun(code, LATE), money(code, LATE, price)[0], *opened(code, LATE)]
    first = deal(code, day(LATE, 25), 350_000)
    if kind == "b":
        more = {
            "contract": f"{code}C01",
            "amount": "300000",
            "parts": ["JT2024=300000"],
            "reason": "增加工程量",
            "number": "变〔2025〕1号",
        }
        return [*steps, first, Step(day(LATE, 60), "change-up", more)]
    return [*steps, first, deal(code, day(LATE, 70 if kind == "a" else 120), 350_000, "C02")]


def contract_before_approval(code: str, kind: str) -> list[Step]:
    approved = {"clean": 25, "a": 40, "b": 26}[kind]
    head = [begun(code, LATE), *money(code, LATE, 200_000), *opened(code, LATE, approved=approved)]
    return [*head, deal(code, day(LATE, 25), 200_000)]


def settlement_over_contract(code: str, kind: str) -> list[Step]:
    contract, extra = f"{code}C01", 20_000 if kind != "b" else 500
    head = [
        begun(code, LATE),
        *money(code, LATE, 200_000 + extra),
        *opened(code, LATE),
        deal(code, day(LATE, 25), 200_000),
    ]
    more = {"contract": contract, "parts": [f"JT2024={extra}"], "reason": "增加涵洞"}
    numbered = {"number": "变〔2025〕2号"} if kind == "clean" else {}
    all_of_it = {"contract": contract, "amount": str(200_000 + extra)}
    return [*head, Step(day(LATE, 40), "change-up", more | numbered), Step(day(LATE, 60), "certify", all_of_it)]


def duplicate_project(code: str, kind: str) -> list[Step]:
    twin = f"P5{code[1:]}"
    name, place = f"{code}号沟渠整治工程", f"{code}组东沟"
    other = {"clean": (name, f"{code}组西沟"), "a": (name, place), "b": (f"{code}号沟渠整治", f"{code}组 东沟")}[kind]
    detail = {"type": "water", "quantity": "2", "unit": "km"}
    head = begun(code, LATE, **detail, name=name, place=place)
    return [head, begun(twin, day(LATE, 5), **detail, name=other[0], place=other[1])]


def duplicate_invoice(code: str, kind: str) -> list[Step]:
    head = [begun(code, LATE), *money(code, LATE, 100_000)]
    asked = {"project": code, "channel": "JT2024", "amount": "8000"}
    papers = {"clean": ("甲", "乙"), "a": ("甲", "甲"), "b": ("丙", "丙")}[kind]
    party = [f"{code}建材店", f"{code}建材店" if kind == "a" else f"{code}五金店"]
    bought = [
        Step(
            day(LATE, 30 + 100 * number),
            "purchase",
            asked | {"party": party[number]},
            paper=f"{code}发票{papers[number]}",
        )
        for number in range(2)
    ]
    return [*head, *bought]


def personal_payee(code: str, kind: str) -> list[Step]:
    price, contract = 200_000, f"{code}C01"
    person = {"party": "王建国", "person": True}
    head = [begun(code, LATE), *money(code, LATE, price), *opened(code, LATE)]
    made = deal(
        code, day(LATE, 25), price, **({} if kind == "b" else person), kind="services" if kind == "clean" else "works"
    )
    done = Step(day(LATE, 60), "certify", {"contract": contract, "amount": "50000"})
    pay = Step(day(LATE, 62), "pay", {"contract": contract, **(person if kind == "b" else {})})
    return [*head, made, done, pay]


def account_changed(code: str, kind: str) -> list[Step]:
    price, contract, payee = 200_000, f"{code}C01", f"S{code[1:]}"
    who = {"code": payee, "name": f"示范{code}公司"}
    changed = {"clean": 5, "a": 50, "b": 61}[kind]
    head = [begun(code, LATE), *money(code, LATE, price), *opened(code, LATE)]
    return [
        *head,
        Step(day(LATE, 2), "payee", who | {"account": "01"}),
        Step(day(LATE, changed), "payee", who | {"account": "02"}),
        Step(day(LATE, 25), "contract", {"contract": contract, "parts": [f"JT2024={price}"], "payee": payee}),
        Step(day(LATE, 60), "certify", {"contract": contract, "amount": "50000"}),
        Step(day(LATE, 62), "pay", {"contract": contract}),
    ]


def credit_code(number: int) -> str:
    """A unified social credit code with the right check character (GB 32100)."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    organisation = f"{number:08}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(each) * weight for each, weight in zip(organisation, weights, strict=True)) % 11
    own = organisation + {10: "X", 11: "0"}.get(rest, str(rest))
    body = f"91532500{own}"
    total = sum(signs.index(each) * pow(3, place, 31) for place, each in enumerate(body))
    return body + signs[(31 - total % 31) % 31]


def cash_over_limit(code: str, kind: str) -> list[Step]:
    asked = {"project": code, "channel": "ZC2024"}
    plan = Step(LATE, "plan", asked | {"amount": "9000"})
    banked = {"clean": 10, "a": 13, "b": 11}[kind]
    came = Step(day(LATE, 10), "receive", asked | {"amount": "9000", "cash": True})
    return [
        begun(code, LATE, channels=("ZC2024",)),
        plan,
        came,
        Step(day(LATE, banked), "receive", asked | {"amount": "9000", "from_cash": True}),
    ]


def unreconciled(code: str, kind: str) -> list[Step]:
    start = "2026-03-02"
    ends = {"clean": ("2026-03-31", "2026-04-30"), "a": ("2026-03-31",), "b": ()}[kind]
    later = {"project": code, "channel": "JT2024", "amount": "1000"}
    head = [begun(code, start), money(code, start, 50_000)[0], Step("2026-03-20", "receive", later)]
    return [*head, Step("2026-04-20", "receive", later), *(Step(each, "reconciled", {"bank": "B01"}) for each in ends)]


def notice_missing(code: str, kind: str) -> list[Step]:
    opening = opened(code, LATE, skip=("notice-before",) if kind == "a" else (), stood=5 if kind == "b" else 12)
    own = [begun(code, LATE), *money(code, LATE, 200_000), *opening, deal(code, day(LATE, 25), 200_000)]
    # Another stage was put up, so that the book does keep its notices.
    return [*own, Step(day(LATE, 3), "put-up", {"project": code, "stage": "plan", "places": ["村委会"]})]


def deliberation_missing(code: str, kind: str) -> list[Step]:
    skip = {"clean": (), "a": ("review",), "b": ("publish",)}[kind]
    head = [begun(code, LATE), *money(code, LATE, 200_000), *opened(code, LATE, skip=skip)]
    return [*head, deal(code, day(LATE, 25), 200_000)]


def self_funding(code: str, kind: str) -> list[Step]:
    start = "2025-03-03" if kind == "b" else LATE
    asked = {"project": code, "channel": "ZC2024"}
    plan = Step(start, "plan", asked | {"amount": "50000"})
    paid = Step(day(start, 15), "receive", asked | {"amount": "30000"})
    if kind != "a":
        return [begun(code, start, channels=("ZC2024",)), plan, paid]
    head = life(code, LATE)
    return [begun(code, LATE, channels=("JT2024", "ZC2024")), *head[1:], plan, paid, bought(code, "ZC2024", 30_000)]


def bought(code: str, channel: str, amount: int) -> Step:
    """All that came of a channel is spent, before acceptance."""
    asked = {"project": code, "channel": channel, "amount": str(amount), "party": f"{code}培训"}
    return Step(day(LATE, 70), "spend", asked)


def not_capitalised(code: str, kind: str) -> list[Step]:
    steps = life(code, EARLY)
    if kind == "a":
        return [each for each in steps if each.verb not in {"accept", "handover", "release"} and not _completion(each)]
    return without(steps, "handover") if kind == "b" else steps


def _completion(step: Step) -> bool:
    return step.typed.get("stage") == "completion"


def surplus_not_returned(code: str, kind: str) -> list[Step]:
    _, *rest = life(code, LATE)
    amount = {"clean": 8000, "a": 8000, "b": 300}[kind]
    more = [begun(code, LATE, channels=("JT2024", "JZ2024")), *money(code, LATE, amount, "JZ2024")]
    back = [Step(day(LATE, 150), "return", {"project": code, "channel": "JZ2024"})] if kind == "clean" else []
    return [*more, *rest, *back]


def prefinancing_open(code: str, kind: str) -> list[Step]:
    contract = f"{code}C01"
    head = [begun(code, LATE, channels=("JT2024", "JZ2024")), *money(code, LATE, 50_000, "JZ2024"), *opened(code, LATE)]
    head += [money(code, LATE, 200_000)[0], deal(code, day(LATE, 25), 200_000)]
    done = Step(day(LATE, 60), "certify", {"contract": contract, "amount": "40000"})
    said = {
        "contract": contract,
        "borrower": "JT2024",
        "lender": "JZ2024",
        "amount": "30000",
        "number": "垫〔2025〕1号",
    }
    steps = [*head, done, Step(day(LATE, 65), "prefinance", said)]
    came = Step(day(LATE, 70), "receive", {"project": code, "channel": "JT2024", "amount": "100000"})
    repaid = {"project": code, "borrower": "JT2024", "lender": "JZ2024"}
    if kind == "a":
        return steps
    part = {} if kind == "clean" else {"amount": "10000"}
    return [*steps, came, Step(day(LATE, 75), "repay", repaid | part)]


def short(code: str, start: str, price: int, **detail: str) -> list[Step]:
    """Works that are certified once and paid whole, accepted and handed over."""
    contract = f"{code}C01"
    whole = {"contract": contract, "amount": str(price), "no_retention": True}
    head = [begun(code, start, **detail), *money(code, start, price), *opened(code, start)]
    done = [Step(day(start, 100), "certify", whole), Step(day(start, 102), "pay", {"contract": contract})]
    return [*head, deal(code, day(start, 25), price), *done, *ended(code, start, skip=("release",))]


def unit_cost(code: str, kind: str) -> list[Step]:
    price = {"clean": 312_000, "a": 590_000, "b": 90_000}[kind]
    return short(code, EARLY, price)


def like_ones() -> list[Step]:
    """Five roads at about the same price, so that there is something to compare with."""
    prices = (300_000, 294_000, 306_000, 288_000, 315_000)
    return [step for number, price in enumerate(prices, 1) for step in short(f"P9{number:02}", EARLY, price)]


def year_end_rush(code: str, kind: str) -> list[Step]:
    start, price, contract = "2024-11-04" if kind == "b" else "2025-11-03", 400_000, f"{code}C01"
    channel = "WS2024"
    head = [begun(code, start, channels=(channel,)), *money(code, start, price, channel)]
    made = deal(code, day(start, 25), price, channel=channel)
    gap = 2 if kind != "clean" else 40
    steps = []
    for number in range(3):
        at = day(start, 30 + gap * number)
        steps.append(Step(at, "certify", {"contract": contract, "amount": "100000", "no_retention": True}))
        steps.append(Step(at, "pay", {"contract": contract}))
    return [*head, *opened(code, start), made, *steps]


def many_reversals(code: str, kind: str) -> list[Step]:
    count = 5 if kind != "clean" else 2
    start = LATE if kind != "b" else "2026-02-02"
    asked = {"project": code, "channel": "JT2024", "amount": "1000"}
    steps = [begun(code, start)]
    for number in range(6):
        name = f"{code}-{number}"
        steps.append(Step(day(start, number + 1), "allot", asked | {"as_": name}, user="wang"))
        if number < count:
            steps.append(Step(day(start, number + 40), "reverse", {"of": name, "reason": "录错"}))
    return steps


CASES: dict[str, Callable[[str, str], list[Step]]] = {
    "idle-year": idle_year,
    "idle-recall": idle_recall,
    "negative-list": negative_list,
    "fee-over-cap": fee_over_cap,
    "retention-early": retention_early,
    "retention-over": retention_over,
    "retention-overdue": retention_overdue,
    "advance-not-offset": advance_not_offset,
    "contract-unprocured": contract_unprocured,
    "splitting": splitting,
    "contract-before-approval": contract_before_approval,
    "settlement-over-contract": settlement_over_contract,
    "duplicate-project": duplicate_project,
    "duplicate-invoice": duplicate_invoice,
    "personal-payee": personal_payee,
    "account-changed": account_changed,
    "cash-over-limit": cash_over_limit,
    "unreconciled": unreconciled,
    "notice-missing": notice_missing,
    "deliberation-missing": deliberation_missing,
    "self-funding": self_funding,
    "not-capitalised": not_capitalised,
    "surplus-not-returned": surplus_not_returned,
    "prefinancing-open": prefinancing_open,
    "unit-cost": unit_cost,
    "year-end-rush": year_end_rush,
    "many-reversals": many_reversals,
}
