"""verify.html: a page that checks notices in any browser, from a stick too, and sends nothing anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from string import Formatter

from jinja2 import Environment, PackageLoader, StrictUndefined

from ledger import messages
from ledger.messages import LANGS, Lang
from projects.notices.page import PROOF_LINES, style

NAME = "verify.html"
_SAYS = {
    "right": "notice-right",
    "figures": "notice-figures",
    "withheld": "notice-withheld",
    "since": "notice-since",
    "known": "notice-key",
    "compare": "notice-compare",
    "wrong": "notice-wrong",
}


def verifier(lang: Lang) -> str:
    """Return the page in a language: one file with its script inside, allowed by its hash and nothing else."""
    source = files("projects.notices").joinpath("templates", "verify.js").read_text(encoding="utf-8")
    script = source.replace("'use strict';\n", f"'use strict';\nconst TEXTS = {_texts(lang)};\n", 1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = Environment(
        loader=PackageLoader("projects.notices", "templates"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(NAME).render(
        html_lang="zh-CN" if lang == "zh" else "en",
        script=script,
        script_hash=f"sha256-{digest}",
        t=lambda key: messages.text("projects", f"paper.{key}", lang),
    )


def _texts(lang: Lang) -> str:
    """Return the texts that the script needs, their places still open; nothing in them can end a script."""

    def raw(key: str, of: Lang = lang) -> str:
        found = messages.catalogue("projects", of)[key]
        return "".join(text + (f"{{{name}}}" if name else "") for text, name, _, _ in Formatter().parse(found))

    problems = [key for key in messages.catalogue("projects", lang) if key.startswith("notice-problem.")]
    says = {name: raw(f"print.{key}") for name, key in _SAYS.items()}
    says |= {name: raw(f"paper.verify-{key}") for name, key in (("both", "both"), ("checking", "checking"))}
    texts = {
        "style": style(),
        "says": says | {"noPage": raw("paper.verify-no-page")},
        "problem": {key.removeprefix("notice-problem."): raw(key) for key in problems},
        "proof": {each: [raw(f"paper.proof-{line}", each) for line in PROOF_LINES] for each in LANGS},
    }
    return json.dumps(texts, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
