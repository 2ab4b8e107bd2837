"""Publish a county by the command itself, then again with nothing new and with one voucher more: time, files, memory.

    .venv/bin/python tests/bench/disclosure.py [VILLAGES [PROJECTS]]

A village has so many projects, each with five vouchers: allotted, received, under contract, measured, paid; its log is
signed, so that its pages have a proof.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from opendata import LIFE, PUBLICATION, START, code
from village import seal_some

from ledger import channels, checkpoints, log, people, register, signing, vouchers
from ledger.books.write import settle
from ledger.chart import Line
from ledger.proposals import Proposal
from ledger.store.workspace import Workspace, create, open_workspace
from projects import registry
from projects.desk import Desk

DEFAULTS = (300, 50)
TITLE = "道路"
PARTY = "宏达路桥"


def make(path: Path, villages: int, projects: int) -> Workspace:
    """Make a county: the first project's vouchers by the desk, all others like them, sealed a village at a time."""
    workspace = create(path)
    with workspace.write() as unit:
        people.add_user(unit, "zhang", roles=["maker"])
        people.add_user(unit, "li", roles=["approver"])
        channels.add_channel(unit, "JT2024", name="交通专项", source="department")
        for number in range(villages):
            book = f"V{number}"
            registry.add_village(unit, book, name=f"示范村{number}", township=f"演示镇{number // 15}")
            register.add_book(unit, book, village=book, name="专账", started_on=START)
            register.add_bank(unit, book, "B01", name="专户", kind="dedicated", channels=["JT2024"])
            for place in range(projects):
                detail = {"type": "road", "quantity": "3.5", "unit": "公里", "planned_start": "2024-02-01"}
                detail |= {"planned_finish": "2024-12-31", "benefit": "出行方便"}
                name = f"{TITLE}{place}"
                registry.add_project(
                    unit, book, code(place), title=TITLE, name=name, budget={"JT2024": 10_000_000}, detail=detail
                )
        unit.commit()
    cycle = [told(workspace, verb, typed) for verb, typed in LIFE]
    for number in range(villages):
        found = [moved(each, code(place)) for place in range(projects) for each in cycle if number or place]
        seal_some(workspace, found, f"V{number}")
    settle(workspace)
    signer = signing.make_key(path, workspace.settings.office, "correct horse battery")
    with workspace.write() as unit:
        for of in log.logs(unit.connection):
            checkpoints.sign(unit, signer, of, user="li")
        unit.commit()
    settings = "".join(f'{name} = "{value}"\n' for name, value in PUBLICATION.items())
    with (path / "earmark.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[publication]\n{settings}")
    workspace.close()
    return open_workspace(path)


def told(workspace: Workspace, verb: str, typed: dict[str, object]) -> Proposal:
    """Record and seal a voucher of the first project, and return its proposal."""
    about = {"contract": "P001C01"} if verb in {"contract", "certify", "pay"} else {"project": "P001"}
    label = Desk(workspace, "zhang", "V0").record(verb, {"date": "2024-03-01", **about, **typed})["draft"]
    with workspace.read() as connection:
        found = vouchers.need_draft(connection, "V0", label).proposal
    Desk(workspace, "li", "V0").seal(label)
    return found


def moved(proposal: Proposal, project: str) -> Proposal:
    """Return the same of another project."""

    def there(line: Line) -> Line:
        account = line.account
        return replace(line, account=replace(account, **changed(account, project)))

    contract = proposal.contract.replace("P001", project)
    facts = {key: value.replace("P001", project) for key, value in proposal.facts.items()}
    lines = tuple(map(there, proposal.lines))
    narration = proposal.narration.replace("P001", project)
    return replace(proposal, project=project, contract=contract, facts=facts, lines=lines, narration=narration)


def changed(account: object, project: str) -> dict[str, str]:
    """Return the texts of an account that name the project."""
    return {
        name: text.replace("P001", project)
        for name, text in vars(account).items()
        if isinstance(text, str) and "P001" in text
    }


def disclose(path: Path, out: Path) -> tuple[float, float]:
    """Publish by a process of its own; return the seconds that it computed, and the most MiB that it held."""
    command = [sys.executable, "-c", "from projects.cli.main import main; main()", "--workspace", str(path)]
    # As it is installed: Python keeps what it compiled.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        [*command, "disclose", "--out", str(out)], stdout=subprocess.DEVNULL, env=environment
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def files(out: Path) -> Iterator[tuple[str, os.stat_result]]:
    for path in out.rglob("*"):
        if path.is_file() and ".earmark" not in str(path.relative_to(out)):
            yield str(path), path.stat()


def main() -> None:
    villages, projects = [*map(int, sys.argv[1:3]), *DEFAULTS[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "office", Path(folder) / "site"
        begin = time.perf_counter()
        workspace = make(path, villages, projects)
        print(
            f"{villages} villages, {villages * projects:,} projects made in {time.perf_counter() - begin:.0f} s",
            flush=True,
        )
        first, most = disclose(path, out)
        before = dict(files(out))
        pages = [each.st_size for name, each in before.items() if name.endswith(".html") and "verify" not in name]
        heaviest = max(pages)
        size = sum(each.st_size for each in before.values()) / 1e6
        proofs = [each.st_size for name, each in before.items() if name.endswith("/proof.json")]
        print(
            f"first run {first:.1f} s, {len(before):,} files, {size:,.0f} MB, heaviest page {heaviest:,} bytes, "
            f"{len(proofs)} proofs of {sum(proofs) // max(1, len(proofs)):,} bytes, most memory {most:.0f} MiB",
            flush=True,
        )
        same, _ = disclose(path, out)
        print(f"again, nothing new: {same:.2f} s, {first / same:.0f} times as fast", flush=True)
        typed = {"date": "2024-03-02", "project": "P001", "channel": "JT2024", "amount": "10000"}
        Desk(workspace, "li", "V0").seal(Desk(workspace, "zhang", "V0").record("receive", typed)["draft"])
        settle(workspace)
        workspace.close()
        second, most = disclose(path, out)
        after = dict(files(out))
        written = sum(
            name not in before or before[name].st_mtime_ns != each.st_mtime_ns for name, each in after.items()
        )
        print(
            f"again, one voucher more: {second:.2f} s, {first / second:.0f} times as fast, {written} files written, "
            f"most memory {most:.0f} MiB"
        )


if __name__ == "__main__":
    main()
