"""Papers as they are handed out: never a page of ours, whatever is in them."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Response, g, send_file
from werkzeug.exceptions import NotFound

SHOWN = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
"""Papers of these kinds are shown, in a sandbox; all others are saved, as bytes of no kind."""
_NAME = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]{1,5})?")


def hand_out(folder: Path, name: str) -> Response:
    """Answer with a paper of a folder by the name of its hash: a name that is none leads nowhere.

    Raises:
        NotFound: there is no such paper.
    """
    path = folder / name
    if not _NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
        raise NotFound
    kind = SHOWN.get(path.suffix, "application/octet-stream")
    g.sandboxed = "papers"
    return send_file(path.resolve(), mimetype=kind, as_attachment=path.suffix not in SHOWN, download_name=name)
