"""What pages load from the package: asked for once, because its address names its content, and packed on the way.

Only these files are packed: a page that repeats what was typed beside a secret of the session would give the secret
away by its length.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

FOLDER = Path(__file__).with_name("static")
PACKED = frozenset({".css", ".js", ".svg"})
FOREVER = "public, max-age=31536000, immutable"


class Sessions(SecureCookieSessionInterface):
    """Sessions that a file neither prolongs nor changes: with a cookie of each answer no browser would keep it."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Tell whether the answer brings the cookie anew."""
        return request.endpoint != "static" and super().should_set_cookie(app, session)


def name_by_content(app: Flask) -> None:
    """Let the addresses of files name what is in them: what has changed has another address."""

    @app.url_defaults
    def _named(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["v"] = _mark(str(values["filename"]))


def pack(response: Response) -> None:
    """Say how long a file is good for, and pack it for a browser that unpacks."""
    name = str((request.view_args or {}).get("filename", ""))
    if response.status_code != 200 or not name:  # noqa: PLR2004 - parts of a file, and answers without one
        return
    if request.args.get("v") == _mark(name):
        response.headers["Cache-Control"] = FOREVER
    if Path(name).suffix in PACKED:
        response.headers["Vary"] = "Accept-Encoding"
        if request.accept_encodings.quality("gzip") > 0:
            response.direct_passthrough = False
            response.get_data()  # which closes the file
            response.set_data(_packed(name))
            response.set_etag(f"{_mark(name)}-gzip")
            response.headers["Content-Encoding"] = "gzip"


@cache
def _mark(name: str) -> str:
    path = FOLDER / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""


@cache
def _packed(name: str) -> bytes:
    return gzip.compress((FOLDER / name).read_bytes(), mtime=0)
