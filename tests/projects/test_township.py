"""On a planted township the audit tests find all that is wrong, and next to nothing else."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from township import build, office, scores, total
from wrongs import CASES, ON

from projects.audit import run

VILLAGES = int(os.environ.get("EARMARK_TOWNSHIP", "3"))
"""So many villages of 200 vouchers and 10 wrongs each; ten of them are the township of tests/bench/audit.py."""


@pytest.mark.slow
def test_a_township_is_audited_without_a_miss(tmp_path: Path) -> None:
    with office(tmp_path) as clerk:
        sizes = {"villages": VILLAGES, "vouchers": 200 * VILLAGES, "wrongs": 10 * VILLAGES, "seed": 1}
        made = build(clerk, tmp_path, **sizes)
        with clerk.workspace.read() as connection:
            report = run(connection, on=date.fromisoformat(ON))
    each = scores(report, made)
    missed = {code: score for code, score in each.items() if score.right < score.planted}
    assert missed == {}
    whole = total(each)
    assert whole.planted == 10 * VILLAGES
    assert whole.right * 100 >= 95 * (whole.right + whole.wrong), {c: s.wrong for c, s in each.items() if s.wrong}
    assert all(result.ran and result.population for result in report.results), "every test looked at something"
    assert set(each) == set(CASES)
