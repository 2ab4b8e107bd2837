"""The auditor's pages in Fava, from the loaded book alone: projects, channels, vouchers, indicators, audit.

The head of a book names this module (``custom "fava-extension" "projects.fava.auditor"``); nothing here opens a record.
"""

from __future__ import annotations

from typing import Any

from fava.ext import extension_endpoint
from flask import Response, abort, request

from projects.fava.auditor import observed, page, papers, results, stored


class Projects(page.Page):
    """项目: what each project was given, received, certified, paid, and has left, down to its vouchers."""

    report = "projects"

    def after_load_file(self) -> None:
        """Offer the stored queries; this page does it for all."""
        super().after_load_file()
        stored.offer(self.ledger, self.lang)

    @extension_endpoint("paper")  # type: ignore[untyped-decorator, arg-type]  # Fava's own say too little
    def paper(self) -> Response:
        """Hand out a paper of a fact, which Fava does not know of: only what a leaf of the book names, as it was."""
        wanted = request.args.get("sha256", "")
        told = (each for leaf in self.view.text.leaves for each in leaf.data.get("documents") or ())
        found = next((each for each in told if each["sha256"] == wanted), None)
        return papers.hand_out(self.view.text.folder, wanted, found["suffix"]) if found else abort(404)

    def kind(self, code: str) -> str:
        """Return the name of a type of projects, its code if it is a county's own."""
        return str(observed.shipped("project-types.toml").get(code, {}).get(self.lang, code))

    def chart(self, project: str) -> list[dict[str, Any]]:
        """Return what Fava draws of a project: what was paid in each month, by channel."""
        months = results.paid_by_month(self.view, project)
        bars = [
            {"date": f"{month}-01", "balance": paid, "account_balances": {}, "budgets": {}} for month, paid in months
        ]
        return [{"type": "bar", "label": self.say("paid-chart"), "data": bars}] if bars else []


class Channels(page.Page):
    """渠道: what each channel gave, where it went, and how old what lies idle is."""

    report = "channels"

    def brought(self, channel: str) -> list[results.Result]:
        """Return what was accepted of a channel's projects, with what it paid of them."""
        return results.results(self.view, channel)


class Vouchers(page.Page):
    """凭证: a voucher as it is printed, with its papers, its place in the log and the proof of it."""

    report = "vouchers"


class Indicators(page.Page):
    """指标: a village's indicators from the baseline on, and what moved them."""

    report = "indicators"

    def series(self) -> list[observed.Series]:
        """Return the village's indicators."""
        return observed.series(self.view)

    def indicator(self, code: str) -> str:
        """Return an indicator's name."""
        return observed.name_of(code, self.lang)

    def scheme(self) -> str:
        """Return the name of the exit scheme that is shipped."""
        schemes = observed.shipped("exit-schemes.toml")
        return str(schemes["scheme"][schemes["default"]][self.lang])

    def meets(self, seen: observed.Seen, threshold: str) -> bool:
        """Tell whether what was observed is within a threshold."""
        return observed.meets(seen, threshold)


class Audit(page.Page):
    """审计: what the rules find, the state of the log, and what was taken back and why."""

    report = "audit"

    def test(self, finding: str) -> str:
        """Return the name of the test that found something, its code where this version has none of it."""
        code = finding.partition("/")[0]
        named = self.word("audit", f"{code}.title")
        return code if named == f"{code}.title" else named
