"""A form that is sent when the login is over: it is carried through the login page, and nothing of it is lost.

It lies nowhere meanwhile but in the page of the browser that sent it, signed, and only who was logged in gets it back.
"""

from __future__ import annotations

from flask import current_app, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge

from projects.web import forms
from projects.web.unfinished import LARGEST, Unfinished

LONGEST = 12 * 60 * 60
"""So many seconds a page of the login may wait."""


def was() -> str:
    """Return whose session it was that the browser still has, "" where it has none that was ours."""
    signed = SecureCookieSessionInterface().get_signing_serializer(current_app)
    cookie = request.cookies.get(str(current_app.config["SESSION_COOKIE_NAME"]), "")
    assert signed is not None, "the desk has a key"
    try:
        return str(signed.loads(cookie).get("user", ""))
    except BadData:
        return ""


def take(name: str) -> str:
    """Return the form that came as the login page carries it, "" where there is nothing to carry."""
    book, verb = (str((request.view_args or {}).get(each, "")) for each in ("book", "verb"))
    kind = forms.kind_of(verb)
    try:
        sent = request.form
    except RequestEntityTooLarge:
        return ""
    if kind is None or not sent.get("key") or sent.get("draft"):
        # A draft that is changed is there still: it is opened and changed again.
        return ""
    typed = {field: sent[field] for field in kind.model_fields if sent.get(field)}
    found = str(_seal(name).dumps([book, verb, sent["key"], typed, sent.getlist("paper")]))
    return found if len(found) <= 2 * LARGEST else ""


def put_down(name: str, carried: str) -> Unfinished | None:
    """Return what was carried for who has logged in now, None where it is nobody's or another's."""
    try:
        book, verb, key, typed, papers = _seal(name).loads(carried, max_age=LONGEST)
    except (BadData, ValueError):
        return None
    return Unfinished(book, verb, key, typed, papers, "")


def _seal(name: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt=f"carried {name}")
