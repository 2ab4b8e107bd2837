"""The desk as a web application: sessions, headers, languages; the pages stand in `projects.web.pages`."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from ledger import messages
from ledger.chart import channel_of, readable
from ledger.errors import Refusal
from ledger.messages import LANGS
from ledger.money import measure, yuan
from ledger.signing import Signer
from ledger.store.workspace import Workspace
from projects.capitals import capitals
from projects.notices.page import AMOUNT, style
from projects.web import access, assets, carried, instead, sessions
from projects.web.logins import Logins
from projects.web.office import Office, office
from projects.web.pages import pages
from projects.web.pages.frame import seen_of
from projects.web.refused import status_of
from projects.web.sessions import language
from projects.web.unfinished import Forms
from projects.web.unused import Unused

IDLE = timedelta(minutes=30)
LARGEST = 1_000_000
"""A form is text: so many bytes are plenty."""
PAPERS = 5
"""So many papers of the largest size one request brings."""
UPLOADS = frozenset(
    f"desk.{page}"
    for page in ("record", "telling", "register_form", "approve_account", "match", "import_file", "put_up", "take_down")
)
"""Pages whose forms bring files."""
HERE = ("127.0.0.1", "localhost")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_STYLE = b64encode(sha256(style().encode()).digest()).decode()
POLICIES = {
    # Fava styles by script, and compiles the grammar of its queries; the one handler prints a voucher.
    "books": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-hashes' "
    "'sha256-{}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'".format(
        b64encode(sha256(b"window.print()").digest()).decode()
    ),
    # What will lie on a server of its own, with whatever scripts of ours it brings.
    "public": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "papers": "default-src 'none'; sandbox; frame-ancestors 'none'",
    # A notice as it is published: one file with its style inside, and links to its proof and to what checks it, which
    # the desk shows to whoever has come in: a page without an origin would not bring the cookie of the login.
    "notices": f"default-src 'none'; style-src 'sha256-{_STYLE}'; sandbox allow-same-origin allow-downloads; "
    "frame-ancestors 'none'",
}
"""What else than the desk's own pages may do, each in its own place and nowhere else."""
MOUNTED = frozenset({"desk.books_page", "desk.books_static", "desk.public_page"})


def create_app(workspace: Workspace, *, name: str = "", signer: Signer | None = None) -> Flask:
    """Return the desk on a workspace; `name` is the host under which a proxy shows it through TLS, if one does.

    With a `signer` approvers and publishers can sign checkpoints from it.
    """
    app = Flask("projects.web")
    logins = Logins(workspace.path, workspace.clock)
    unfinished = Forms(workspace.path, workspace.clock)
    unfinished.tidy()
    app.extensions["earmark"] = Office(workspace, logins, unfinished, Unused(workspace, unfinished), signer)
    app.config.update(
        SECRET_KEY=logins.secret(),
        SESSION_COOKIE_NAME="__Host-earmark" if name else "earmark",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=bool(name),
        PERMANENT_SESSION_LIFETIME=IDLE,
        MAX_CONTENT_LENGTH=LARGEST,
        MAX_FORM_MEMORY_SIZE=LARGEST,
        TRUSTED_HOSTS=[*HERE, *([name] if name else [])],
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
    )
    if name:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    app.jinja_env.filters.update(
        yuan=yuan, capitals=capitals, channel=channel_of, measure=measure, readable=readable, minute=minute
    )
    app.jinja_env.tests.update(amount=AMOUNT.fullmatch)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # Before the check of forms: a login that is over is asked for again, and the form's own sentence comes after.
    app.before_request(_enter)
    CSRFProtect(app)
    app.before_request(_need_text)
    app.register_blueprint(pages)
    app.session_interface = assets.Sessions()
    assets.name_by_content(app)
    app.context_processor(_words)
    app.after_request(_headers)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _unasked)
    app.register_error_handler(HTTPException, _missing)
    return app


def minute(at: str) -> str:
    """Return a moment of the record to the minute, as a person writes it."""
    return at[:16].replace("T", " ")


def _enter() -> Any:
    """Find out who asks; without a login there is the login page and nothing else."""
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception
    if request.endpoint == "static":
        return None  # alike for everybody, and kept by browsers whoever asks
    g.user, g.roles = sessions.user(), set[str]()
    right = access.takes("desk", request.endpoint or "")
    if right == access.ANYONE:
        return None
    if not g.user:
        return _unknown()
    if request.endpoint is None:
        return None  # there is no such page, and that is the answer
    if office().logins.must_change(g.user) and request.endpoint not in {"desk.password", "desk.log_out"}:
        return redirect(url_for("desk.password"))
    if request.endpoint in UPLOADS:
        request.max_content_length = _longest_form()
    if right != access.SELF:
        with office().workspace.read() as connection:
            g.roles = access.need_right(connection, g.user, right, (request.view_args or {}).get("book", ""))
    return None


def _unknown() -> Any:
    """Ask who it is: nothing that is typed into a form is lost when a login is over in the middle of it."""
    if request.headers.get("HX-Request"):
        # A part of a page: there is no other page to go to.
        return render_template("said.html", says=instead.text("web.session-over", language())), 401
    if request.method == "POST" and request.endpoint == "desk.record" and (name := carried.was()):
        request.max_content_length = _longest_form()
        if form := carried.take(name):
            says = instead.text("web.carried", language())
            return render_template("login.html", says=says, name=name, carried=form), 401
    return redirect(url_for("desk.log_in"))


def _longest_form() -> int:
    """Return how many bytes a form with papers may have; what is typed is held to its own measure still."""
    return LARGEST + PAPERS * office().workspace.settings.document_limit_mb * 1_000_000


_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _need_text() -> None:
    """Take no text with a NUL in it, wherever it is typed: a server's database cannot even be asked for it.

    And no address with a break of a line: what fails is logged with its address.

    Raises:
        BadRequest: there is one.
    """
    if _BREAK.search(request.path):
        raise BadRequest
    texts = (request.path, *request.args.values(), *(text for of in request.form.listvalues() for text in of))
    if any("\0" in text for text in texts):
        raise BadRequest


def _words() -> dict[str, Any]:
    lang = language()

    def say(key: str, /, **facts: object) -> str:
        return instead.text(key, lang, **facts)

    administers = "people" in access.rights_of(g.get("roles", set()))
    bare = bool(request.headers.get("HX-Request"))
    return {"t": say, "lang": lang, "user": g.get("user", ""), "administers": administers, "bare": bare}


def _headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    part = request.path.split("/")[1]
    policy = g.get("sandboxed") or (part if request.endpoint in MOUNTED else "")
    if policy:
        response.headers["Content-Security-Policy"] = g.get("own_rule") or POLICIES[policy]
    if request.endpoint == "static":
        assets.pack(response)
    elif request.endpoint != "desk.books_static":
        response.headers["Cache-Control"] = "no-store"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _refused(refusal: Refusal) -> tuple[str, int]:
    return _told(instead.explain(refusal, language())), status_of(refusal)


def _told(says: str) -> str:
    """Return a page that says one thing: of a book that this person may look at, with the ways to its other pages."""
    book = (request.view_args or {}).get("book", "")
    may = access.rights_of(g.get("roles", set()))
    return render_template("said.html", **(seen_of(book) if book and "look" in may else {}), says=says)


def _unasked(_error: CSRFError) -> tuple[str, int]:
    return _told(instead.text("web.form-old", language())), 400


def _missing(error: HTTPException) -> Any:
    if isinstance(error, SecurityError):
        # Not even an address can be made for a host that is not ours, so no page: one line for who set up the proxy.
        says = "\n".join(messages.text("projects", "web.host-unknown", lang) for lang in LANGS)
        return says + "\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    key = "web.no-page" if error.code in {404, 405} else "web.not-understood"
    return _told(instead.text(key, language())), error.code or 500
