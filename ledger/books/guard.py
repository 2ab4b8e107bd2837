"""Before a book is written: nothing leads out of the workspace, and nothing that a book tells is written over."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from ledger.books.keys import DOCUMENTS, HEAD
from ledger.errors import RecordBehind, WorkspaceUnfit
from ledger.store.workspace import Workspace
from ledger.text import visible

_PLAIN = re.compile(rf"(?:[A-Za-z0-9][A-Za-z0-9-]{{0,29}}/(?:{DOCUMENTS}/)?)?[A-Za-z0-9-]+(?:\.[a-z0-9]+)?", re.ASCII)
"""A file of a book, of the office's log, or a paper: no name that the program gives leads up or down."""
_LEAF = re.compile(rb'(?m)^(?:  leaf: |\d{4}-\d\d-\d\d custom "[a-z-]+" \d+ )"([0-9a-f]{64})"$')
"""The hash of a leaf, under its voucher or on its own line."""


def need_inside(workspace: Workspace, path: Path) -> None:
    """Make sure that a file of the books lies in this workspace: somebody may have handed it over.

    Raises:
        WorkspaceUnfit: a name in the record is none that this program gives, and could lead elsewhere.
        OSError: the folder of a book is a link.
    """
    name = str(path.relative_to(workspace.books))
    if not _PLAIN.fullmatch(name):
        raise WorkspaceUnfit(path=workspace.record, reason=visible(name)[:80])
    for folder in path.parents:
        if folder == workspace.path:
            break
        if folder.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))


def need_behind(workspace: Workspace, path: Path, content: bytes) -> None:
    """Make sure that a file is not ahead of the record: then the record has lost something, and the file is the proof.

    Months and logs only grow; a head may change in any way.

    Raises:
        RecordBehind: the file tells of a voucher or a leaf that the record does not have.
    """
    if path.name == HEAD or not path.is_file() or path.is_symlink():
        return
    written = path.read_bytes()
    if content.startswith(written):
        return
    lost = sorted(set(_LEAF.findall(written)) - set(_LEAF.findall(content)))
    if lost:
        raise RecordBehind(path=path.relative_to(workspace.path), leaf=lost[0].decode()[:16], count=len(lost))
