"""Who sits before a page, since when, and in which language."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import session

from ledger.messages import LANGS, Lang
from projects.web.logins import REMEMBERED as LONGEST
from projects.web.office import office


def language() -> Lang:
    """Return the language that this person chose, or the office's."""
    chosen = session.get("lang")
    return next((each for each in LANGS if each == chosen), office().workspace.settings.language)


def start_session(name: str, stamp: str) -> None:
    """Begin a session: nothing of the one before is kept but the language."""
    lang = language()
    session.clear()
    born = office().workspace.clock().isoformat()
    session.update(user=name, stamp=stamp, id=secrets.token_hex(16), born=born, lang=lang)
    session.permanent = True


def end_session() -> None:
    """Let this session be over for whoever has a copy of its cookie."""
    office().logins.end(session["id"])
    session.clear()


def user() -> str:
    """Return whose session this is, "" where there is none, it is over, or the password is another since."""
    name, stamp, known, born = (session.get(each, "") for each in ("user", "stamp", "id", "born"))
    if not name:
        return ""
    logins = office().logins
    over = office().workspace.clock() - datetime.fromisoformat(born) > LONGEST
    if over or not stamp or stamp != logins.stamp(name) or not known or logins.is_over(known):
        session.clear()
        return ""
    return str(name)
