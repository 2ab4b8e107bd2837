"""Which gates can bind which event. Whoever builds one adds its name here, and to the shipped policy if it binds."""

from __future__ import annotations

from collections.abc import Mapping

LIFE = (
    "library",
    "propose",
    "consult",
    "review",
    "resolve",
    "publish",
    "approval",
    "notice-before",
    "contract",
    "started",
    "certified",
    "inspected-village",
    "inspected-upper",
    "accepted",
    "notice-completion",
    "result",
    "final",
    "handover",
    "retention",
    "settled",
    "closed",
)
"""The names of the gates of a project's life, in its order."""

GATES: Mapping[str, tuple[str, ...]] = {
    verb: (("tender", "procurement", *LIFE) if verb == "contract" else LIFE)
    for verb in (
        "allot",
        "receive",
        "contract",
        "change-up",
        "advance",
        "certify",
        "pay",
        "pay-direct",
        "purchase",
        "spend",
        "aid",
        "labour",
        "wages-earn",
        "inkind-buy",
        "inkind-issue",
        "accept",
        "release",
        "return",
        # What is told of a project's life waits for gates too.
        "deliberate-result",
        "approve",
        "put-up-before",
        "put-up-completion",
        "start",
        "inspect",
        "final",
        "handover",
        "close",
    )
}
"""By the verb of the event the names of gates; a county's list may hold these and no others."""
