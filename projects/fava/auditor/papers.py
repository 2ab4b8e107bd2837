"""Papers of facts: files beside the book that no directive of Beancount's names, handed out if they are unchanged."""

from __future__ import annotations

import hashlib
import io
import mimetypes
from pathlib import Path

from flask import Response, abort, send_file

from ledger.books.keys import DOCUMENTS

SHOWN = {"application/pdf", "image/jpeg", "image/png", "text/plain"}
"""What a browser shows; everything else is saved."""


def hand_out(folder: Path, sha256: str, suffix: str) -> Response:
    """Return a paper, looked at without scripts; one that is not there, or is not what the book says, is not found."""
    path = folder / DOCUMENTS / f"{sha256}{suffix}"
    if path.parent.resolve() != (folder / DOCUMENTS).resolve() or not path.is_file():
        abort(404)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        abort(404)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    made = send_file(io.BytesIO(content), mimetype=kind, as_attachment=kind not in SHOWN, download_name=path.name)
    made.headers["Content-Security-Policy"] = "sandbox"
    made.headers["X-Content-Type-Options"] = "nosniff"
    return made
