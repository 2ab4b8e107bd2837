"""Who sits before a page, since when, and in which language."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import session

from ledger.messages import LANGS, Lang
from projects.web.office import office

LONGEST = timedelta(hours=12)


def language() -> Lang:
    """Return the language that this person chose, or the office's."""
    chosen = session.get("lang")
    return next((each for each in LANGS if each == chosen), office().workspace.settings.language)


def start_session(name: str, stamp: str) -> None:
    """Begin a session: nothing of the one before is kept but the language."""
    lang = language()
    session.clear()
    session.update(user=name, stamp=stamp, born=office().workspace.clock().isoformat(), lang=lang)
    session.permanent = True


def user() -> str:
    """Return whose session this is, "" where there is none, it is over, or the password is another since."""
    name, stamp, born = (session.get(each, "") for each in ("user", "stamp", "born"))
    if not name:
        return ""
    over = office().workspace.clock() - datetime.fromisoformat(born) > LONGEST
    if over or not stamp or stamp != office().logins.stamp(name):
        session.clear()
        return ""
    return str(name)
