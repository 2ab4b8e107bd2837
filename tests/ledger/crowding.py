"""Many writers at once: run as a script, it lets processes draft and seal side by side and prints every answer as JSON."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from forks import forked, lines

from ledger.errors import Refusal
from ledger.store.workspace import open_workspace
from projects.desk import Desk

WRITERS = 16


def crowd(path: Path, act: Callable[[int, Path], Iterator[list[str]]]) -> list[list[str]]:
    """Let every writer begin at the same moment and return all that they said."""
    for _ in act(-1, path):
        pass  # once in this process, so that all of them are warm
    gate, opening = os.pipe()
    running = []
    for number in range(WRITERS):

        def write(say: Callable[[str], None], number: int = number) -> None:
            os.close(opening)
            os.read(gate, 1)
            for answer in act(number, path):
                say(json.dumps(answer))

        context = forked(write)
        running.append((context, context.__enter__()[1]))
    os.close(opening)
    said = [line for _, pipe in running for line in lines(pipe)]
    for context, _ in running:
        context.__exit__(None, None, None)
    return [json.loads(line) for line in said]


def tight(count: int, seed: int) -> Callable[[int, Path], Iterator[list[str]]]:
    """Ask for `count` vouchers in all, receipts and contracts of random sums, in random books; more than there is room for."""

    def act(number: int, path: Path) -> Iterator[list[str]]:
        chance = random.Random(seed + number)
        workspace = open_workspace(path)
        for turn in range(count // WRITERS + (number < count % WRITERS) if number >= 0 else 0):
            book = f"B{chance.randrange(8)}"
            maker, approver = Desk(workspace, "zhang", book), Desk(workspace, "li", book)
            yuan = f"{chance.randint(1, 100) / 100:.2f}"
            typed = {"project": "P001", "channel": "JT2024", "amount": yuan, "date": "2024-03-01"}
            verb = "receive"
            if turn % 4 == 3:
                typed = {
                    "contract": f"P001C{number * 400 + turn:04}",
                    "parts": [f"JT2024={yuan}"],
                    "date": "2024-03-01",
                }
                typed, verb = typed | {"party": "contractor"}, "contract"
            label = ""
            try:
                label = maker.record(verb, typed)["draft"]
                sealed = approver.seal(label)
                yield [book, "sealed", sealed["number"], sealed["leaf"]]
            except Refusal as refusal:
                if label:
                    maker.drop(label)
                yield [book, "refused", refusal.code, verb]
        workspace.close()

    return act


def keyed(keys: int) -> Callable[[int, Path], Iterator[list[str]]]:
    """Send every key once, as all the others do; the answers are those of whoever came first."""

    def act(number: int, path: Path) -> Iterator[list[str]]:
        workspace = open_workspace(path)
        for key in range(keys if number >= 0 else 0):
            typed = {"project": "P001", "channel": "JT2024", "amount": "0.01", "date": "2024-03-01"}
            made = Desk(workspace, "zhang", "B0").record("receive", typed, key=f"slip-{key}")
            sealed = Desk(workspace, "li", "B0").seal(made["draft"], key=f"seal-{key}")
            yield [str(key), made["draft"], sealed["number"], sealed["leaf"]]
        workspace.close()

    return act


if __name__ == "__main__":
    how, path, count, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    begun = time.perf_counter()
    answers = crowd(path, tight(count, seed) if how == "tight" else keyed(count))
    print(json.dumps({"answers": answers, "seconds": round(time.perf_counter() - begun, 1)}))
