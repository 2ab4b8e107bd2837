"""verify.html: a page that checks notices and public pages in any browser, from a stick too, and sends nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from ledger import messages
from ledger.messages import LANGS
from projects.disclosure.proved.texts import page_texts, raw
from projects.notices.names import CHECKER
from projects.notices.page import LINKS, PROOF_LINES, style
from projects.tongues import TAGS, Tongue, Words

_SAYS = {
    "right": "notice-right",
    "figures": "notice-figures",
    "withheld": "notice-withheld",
    "since": "notice-since",
    "foreign": "proof-foreign",
    "known": "notice-key",
    "compare": "notice-compare",
    "wrong": "notice-wrong",
}


@cache
def verifier(tongue: Tongue) -> str:
    """Return the page in a language: one file with its script inside, allowed by its hash and nothing else."""
    words = Words(tongue)
    folder = files("projects.disclosure.proved").joinpath("templates")
    source = "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in ("verify.js", "pages.js"))
    script = source.replace("'use strict';\n", f"'use strict';\nconst TEXTS = {_texts(words)};\n", 1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = Environment(
        loader=PackageLoader("projects.disclosure.proved", "templates"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(CHECKER).render(
        html_lang=TAGS[tongue],
        script=script,
        script_hash=f"sha256-{digest}",
        t=lambda key: words.text(f"paper.{key}"),
    )


def _texts(words: Words) -> str:
    """Return the texts that the script needs, their places still open; nothing in them can end a script."""
    problems = [key for key in messages.catalogue("projects", words.lang) if key.startswith("notice-problem.")]
    says = {name: raw(words, f"print.{key}") for name, key in _SAYS.items()}
    says |= {name: raw(words, f"paper.verify-{key}") for name, key in (("both", "both"), ("checking", "checking"))}
    texts = {
        "style": style(),
        "says": says | {"noPage": raw(words, "paper.verify-no-page")},
        "problem": {key.removeprefix("notice-problem."): raw(words, key) for key in problems},
        "proof": {each: [raw(Words(each), f"paper.proof-{line}") for line in PROOF_LINES] for each in LANGS},
        "links": {each: [raw(Words(each), f"paper.to-{link}") for link in LINKS] for each in LANGS},
        "pages": page_texts(words.tongue),
    }
    return json.dumps(texts, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
