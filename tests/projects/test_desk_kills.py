"""The server of the desk dies between click and answer: after the retry there is exactly one voucher."""

from __future__ import annotations

import http.client
import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from served import Answer, Person, Served, let_in

from ledger.store.workspace import open_workspace
from ledger.verify import verify

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("EARMARK_DESK_KILLS", "10"))
"""Fifty were made once: EARMARK_DESK_KILLS=50 makes them again."""
FORM = "/desk/SF/record/receive"
RECEIPT = {"project": "P001", "channel": "JT2024", "amount": "1.23", "date": "2024-03-01", "step": "keep"}


@pytest.fixture
def served(clerk) -> Iterator[Served]:
    clerk.play("allot project=P001 channel=JT2024 amount=880000 date=2024-03-01")
    let_in(clerk.workspace.path, "zhang", "li", clock=clerk.clock)
    clerk.workspace.close()
    with Served(clerk.workspace.path) as desk:
        yield desk


def click(person: Person, path: str, typed: dict[str, str], answers: list[Answer]) -> None:
    """Send a form; no answer is no answer."""
    try:
        answers.append(person.post(path, typed))
    except (http.client.HTTPException, OSError):
        return


def test_the_server_does_not_say_what_it_is_made_of(served) -> None:
    person = Person(served.port, "zhang")
    answers = [person.get("/login"), person.get("/no-such-page")]
    person.hang_up()
    assert {each.server for each in answers} == {"earmark"}


def test_a_form_that_is_sent_again_after_a_kill_posts_once(served) -> None:
    chance = random.Random(20261128)
    zhang, li = Person(served.port, "zhang"), Person(served.port, "li")
    zhang.log_in()
    li.log_in()
    spans: dict[str, list[float]] = {"draft": [0.02], "seal": [0.02]}
    met: Counter[str] = Counter()
    numbers: set[str] = set()
    for _ in range(KILLS):
        kept = kill_and_retry(served, zhang, FORM, zhang.fill(FORM, **RECEIPT), spans["draft"], met, chance)
        label = kept.location.rsplit("/", 1)[1]
        at = f"/desk/SF/drafts/{label}"
        sealed = kill_and_retry(served, li, f"{at}/seal", li.fill(at), spans["seal"], met, chance)
        assert sealed.location.rsplit("/", 1)[1] not in numbers
        numbers.add(sealed.location.rsplit("/", 1)[1])
    zhang.hang_up()
    li.hang_up()
    served.stop()
    workspace = open_workspace(served.folder)
    with workspace.read() as connection:
        vouchers = connection.exec_driver_sql("SELECT number FROM voucher WHERE event = 'receipt'").scalars().all()
        left = connection.exec_driver_sql("SELECT count(*) FROM work_draft").scalar_one()
    assert (sorted(vouchers), left) == (sorted(numbers), 0)
    assert [finding for check in verify(workspace) for finding in check.findings] == []
    workspace.close()
    print(f"\n{2 * KILLS} kills: {dict(met)}")
    assert met["not answered"] > KILLS / 2, "the server was killed after its answers only"


def kill_and_retry(
    served: Served,
    person: Person,
    path: str,
    typed: dict[str, str],
    spans: list[float],
    met: Counter[str],
    chance: random.Random,
) -> Answer:
    """Click, kill the server somewhere in the time that an answer takes, start it, click again; return that answer."""
    answers: list[Answer] = []
    clicked = threading.Thread(target=click, args=(person, path, typed, answers))
    clicked.start()
    time.sleep(chance.uniform(0, 1.2 * statistics.median(spans)))
    served.kill()
    clicked.join()
    met["answered" if answers else "not answered"] += 1
    served.start()
    person.hang_up()
    begun = time.perf_counter()
    again = person.post(path, typed)
    spans.append(time.perf_counter() - begun)
    assert again.status == 303, again.page
    assert not answers or answers[0].location == again.location
    # And once more, as a double click does.
    assert person.post(path, typed).location == again.location
    return again
