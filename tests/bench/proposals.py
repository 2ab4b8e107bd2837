"""Compare what proposes the event of a bank line: our plain count, the last choice, and smart-importer's classifier.

    .venv/bin/python tests/bench/proposals.py [SEEDS]

A made-up year of a village's account, month after month: payees that are paid for several projects, words that vary,
firms written in full or short, projects that end and hand their payees to the next, new payees, and clerks who
sometimes choose otherwise. Months 4 to 12 are held back one after the other; everything before is learnt. Where
smart-importer is not installed (`pip install smart-importer`), it is left out.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date

from projects.reconciliation.learning import Choice, Habits
from projects.reconciliation.sides import AtBank

MONTHS = 12
FIRST_HELD = 4
Known = list[tuple[AtBank, Choice]]

BUSINESS = {
    "purchase": ["砂石款", "水泥款", "采购材料", "运费", "机械租赁费"],
    "disbursement": ["工程进度款", "支付工程款", "路面工程款"],
    "wages_paid": ["劳务费", "工资", "代发务工报酬"],
    "receipt": ["补助资金", "拨款", "专项资金拨付"],
    "household_bank": ["筹资款", "一事一议筹资", "转账"],
    "household_aid": ["补贴", "到户补助", "代发补贴"],
    "welfare": ["培训费", "资料费", "宣传费"],
    "interest": ["结息", "存款利息"],
}
FIRMS = [
    "青山路桥",
    "城关建筑",
    "县建材",
    "红星砂石",
    "大河机械",
    "东山园林",
    "平安电力",
    "众和测绘",
    "利民运输",
    "永固水泥",
    "宏图设计",
    "新星广告",
]
OFFICES = ["市交通运输局", "县财政局国库支付中心", "区农业农村局", "县水务局", "县卫生健康局"]
SURNAMES, NAMES = (
    "王李张刘陈杨赵黄周吴徐孙",
    ["小明", "秀英", "建国", "桂花", "大田", "志强", "玉兰", "光明", "二娃", "春梅"],
)


def year(seed: int, *, a_month: int = 60) -> dict[int, Known]:
    """Return what the bank had and what it was recorded as, by month."""
    chance = random.Random(seed)
    persons = [chance.choice(SURNAMES) + chance.choice(NAMES) for _ in range(25)]
    running = {
        project: (start, start + chance.randrange(3, 7))
        for project, start in zip(["P001", "P002", "P003", "P004"], [1, 2, 5, 7], strict=True)
    }
    works_at = {firm: chance.sample(["purchase", "disbursement", "welfare"], 2) for firm in FIRMS}
    stays: dict[str, str] = {}
    made: dict[int, Known] = {}
    for month in range(1, MONTHS + 1):
        # Whoever works for a project stays with it until it ends.
        now = [project for project, (start, end) in running.items() if start <= month <= end] or ["P004"]
        made[month] = [
            _one(chance, month, _assigned(chance, now, stays), works_at, persons, number) for number in range(a_month)
        ]
        made[month].sort(key=lambda each: each[0].date)
        if month % 3 == 0:
            persons.append(chance.choice(SURNAMES) + chance.choice(NAMES))
            works_at[f"新来{month}号商行"] = ["purchase", "welfare"]
    return made


def _assigned(chance: random.Random, now: list[str], stays: dict[str, str]) -> Callable[[str], str]:
    def project(payee: str) -> str:
        if stays.get(payee) not in now:
            stays[payee] = chance.choice(now)
        return stays[payee] if chance.random() < 0.9 else chance.choice(now)

    return project


def _one(
    chance: random.Random,
    month: int,
    project_of: Callable[[str], str],
    works_at: dict[str, list[str]],
    persons: list[str],
    number: int,
) -> tuple[AtBank, Choice]:
    kind = chance.choices(["firm", "person", "office", "bank"], [55, 25, 15, 5])[0]
    if kind == "firm":
        payee = chance.choice(list(works_at))
        event = works_at[payee][chance.random() < 0.3]
        project = project_of(payee)
        payee += chance.choice(["", "有限公司", "有限公司"])
    elif kind == "person":
        payee = chance.choice(persons)
        event = (
            ["wages_paid", "household_bank", "household_aid"][hash_of(payee) % 3]
            if chance.random() < 0.8
            else "wages_paid"
        )
        project = project_of(payee)
    elif kind == "office":
        payee, event = chance.choice(OFFICES), "receipt"
        project = project_of(payee)
    else:
        payee, event, project = "", "interest", project_of("")
    contract = f"{project}C01" if event == "disbursement" else ""
    channel = {"receipt": f"{hash_of(payee) % 3}", "household_bank": "ZC", "household_aid": "WS"}.get(event, "JT")
    words = chance.choice(BUSINESS[event]) if chance.random() < 0.85 else "转账"
    text = chance.choice([words, f"{month}月{words}", f"{words} 2024{month:02}{number:02}", words])
    fen = chance.randrange(100_00, 90_000_00) * (1 if event in {"receipt", "household_bank", "interest"} else -1)
    line = AtBank(f"{month}-{number}", date(2024, month, chance.randrange(1, 29)).isoformat(), fen, payee, text)
    return line, Choice(event, project, contract, (f"{channel}2024",))


def hash_of(text: str) -> int:
    """Return a number that is the same in every run."""
    return sum(ord(each) * (place + 1) for place, each in enumerate(text))


def count(known: Known, held: Known) -> list[Choice | None]:
    habits = Habits()
    habits.learn(known)
    guesses = [habits.guess(line) for line, _ in held]
    return [guess.choice if guess else None for guess in guesses]


def sure(known: Known, held: Known) -> list[Choice | None]:
    habits = Habits()
    habits.learn(known)
    guesses = [habits.guess(line) for line, _ in held]
    return [guess.choice if guess and guess.sure else None for guess in guesses]


def last(known: Known, held: Known) -> list[Choice | None]:
    of = {(line.payee, line.amount > 0): choice for line, choice in known}
    return [of.get((line.payee, line.amount > 0)) for line, _ in held]


def smart(tokenizer: Callable[[str], list[str]] | None) -> Callable[[Known, Known], list[Choice | None]]:
    from beancount.core import amount, data
    from beancount.core.number import D
    from smart_importer import PredictPostings

    def guess(known: Known, held: Known) -> list[Choice | None]:
        choices = list(dict.fromkeys(choice for _, choice in known))
        accounts = {choice: f"Equity:Choice:C{place}" for place, choice in enumerate(choices)}

        def entry(line: AtBank, choice: Choice | None) -> data.Transaction:
            units = amount.Amount(D(line.amount) / 100, "CNY")
            posts = [data.Posting("Assets:Bank", units, None, None, None, None)]
            if choice is not None:
                posts.append(data.Posting(accounts[choice], -units, None, None, None, None))
            # The classifier is not told the direction, so that it gets it as a word.
            text = f"{line.text} {'收' if line.amount > 0 else '付'}"
            return data.Transaction(
                data.new_metadata("x", 1), date.fromisoformat(line.date), "*", line.payee, text, set(), set(), posts
            )

        opened = [
            data.Open(data.new_metadata("x", 1), date(2020, 1, 1), each, None, None)
            for each in ["Assets:Bank", *accounts.values()]
        ]
        existing = [*opened, *(entry(line, choice) for line, choice in known)]
        imported = [entry(line, None) for line, _ in held]
        [(_, entries, _, _)] = PredictPostings(string_tokenizer=tokenizer).hook(
            [("x", imported, "Assets:Bank", None)], existing
        )
        of = {account: choice for choice, account in accounts.items()}
        return [next((of[post.account] for post in each.postings if post.account in of), None) for each in entries]

    return guess


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    ways: dict[str, Callable[[Known, Known], list[Choice | None]]] = {
        "ours": count,
        "ours, where sure": sure,
        "last choice": last,
    }
    try:
        ways |= {"smart-importer": smart(None), "smart-importer, by characters": smart(list)}
    except ImportError as error:
        print(f"left out: {error}")
    for name, way in ways.items():
        right, events, proposed, wrong, took = [], [], [], [], 0.0
        for seed in range(seeds):
            made = year(seed)
            for month in range(FIRST_HELD, MONTHS + 1):
                known = [each for past in range(1, month) for each in made[past]]
                start = time.perf_counter()
                guesses = way(known, made[month])
                took += time.perf_counter() - start
                truth = [choice for _, choice in made[month]]
                right.append(sum(a == b for a, b in zip(guesses, truth, strict=True)) / len(truth))
                events.append(
                    sum(a is not None and a.event == b.event for a, b in zip(guesses, truth, strict=True)) / len(truth)
                )
                proposed.append(sum(each is not None for each in guesses) / len(truth))
                wrong.append(sum(a not in (None, b) for a, b in zip(guesses, truth, strict=True)) / len(truth))
        print(
            f"{name:30} whole choice right {statistics.mean(right):.1%} (months {min(right):.0%} to {max(right):.0%}), "
            f"event right {statistics.mean(events):.1%}, proposed {statistics.mean(proposed):.1%}, wrong {statistics.mean(wrong):.1%}, "
            f"{took / (seeds * (MONTHS - FIRST_HELD + 1)) * 1000:.0f} ms a month"
        )


if __name__ == "__main__":
    main()
