"""What a browser needs to make the words of a page again: words of each language, figures, the chart, and room."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from string import Formatter
from typing import Any

from ledger import chart, messages
from projects.disclosure import layout
from projects.disclosure.proved.frames import frames
from projects.disclosure.proved.sheet import SHOWN
from projects.disclosure.proved.stream import ATTRIBUTES, LINK, PARTS, classes, style
from projects.disclosure.proved.stream import TAGS as TAGS_OF_PARTS
from projects.figures import FIGURES, OWN_MONEY
from projects.sheets.movements import CONTRACTED
from projects.tongues import TAGS, TONGUES, Tongue, Words

_SAYS = (
    "right",
    "vouchers",
    "vouchers-counted",
    "withheld",
    "part",
    "later",
    "unsigned",
    "unstyled",
    "since",
    "stated",
    "names",
    "names-all",
    "wrong",
)


def page_texts(tongue: Tongue) -> Mapping[str, Any]:
    """Return the texts with their places still open; what is told of a check is in one language, pages are in all."""
    own = Words(tongue)
    problems = [key for key in messages.catalogue("projects", own.lang) if key.startswith("page-problem.")]
    return {
        "words": {TAGS[each]: _words(each) for each in TONGUES},
        "says": {each: raw(own, f"print.page-{each}") for each in _SAYS} | {"comma": own.text("print.join")},
        "problem": {key.removeprefix("page-problem."): raw(own, key) for key in problems},
        "figure": {each: own.say(f"figure.{each}") for each in ("planned", *SHOWN)},
        "shown": list(SHOWN),
        "frames": {TAGS[each]: frames(each) for each in TONGUES},
        "tags": TAGS,
        "names": {each: Words(each).say(f"tongue.{each.lower()}") for each in TONGUES},
        "parts": [[name, *of] for name, of in PARTS.items()],
        "allowed": {"tags": sorted(TAGS_OF_PARTS), "attributes": sorted(ATTRIBUTES), "link": LINK.pattern},
        "classes": sorted(classes()),
        "style": hashlib.sha256(style()).hexdigest(),
        "figures": {each: dict(FIGURES[each]) for each in SHOWN},
        "own": OWN_MONEY,
        "contracted": CONTRACTED,
        "charts": {each: _roles(each) for each in sorted(chart.standards())},
        "room": {
            "letter": layout.LETTER,
            "voucher": layout.VOUCHER,
            "part": layout.PART,
            "contract": layout.CONTRACT,
            "list": layout.ROOM,
            "contracts": layout.CONTRACTS,
        },
    }


def raw(words: Words, key: str) -> str:
    """Return a text with its places open, without how what stands there is printed."""
    found = words.own(messages.catalogue("projects", words.lang)[key])
    return "".join(text + (f"{{{name}}}" if name else "") for text, name, _, _ in Formatter().parse(found))


def _words(tongue: Tongue) -> dict[str, str]:
    words = Words(tongue)
    keys = [key for key in messages.catalogue("projects", words.lang) if key.startswith(("disclosure.", "event."))]
    left_out = ("disclosure.cost.", "disclosure.download.", "disclosure.meaning.", "disclosure.exit-")
    return {key.removeprefix("disclosure."): raw(words, key) for key in keys if not key.startswith(left_out)}


def _roles(standard: str) -> list[tuple[str, str, int, bool]]:
    """Return the roles of a chart: name, how names of its accounts look, its normal side, whether it has no project."""
    return [
        (each.name, each.pattern.replace("(?P<", "(?<"), each.normal, each.floating)
        for each in chart.load(standard).roles.values()
    ]
