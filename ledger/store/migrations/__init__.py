"""Forward-only migrations of the record, run when a workspace is opened.

Each step is frozen: it never imports the tables, so that it does for ever what it did on its day. Batch mode
is not used, because it drops triggers without a word.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from ledger.errors import WorkspaceNewer
from ledger.store.guard import lifted

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0011"
"""The newest step; a test compares it with the files in ``versions``."""


def migrate(connection: Connection) -> None:
    """Bring the record up to `HEAD` inside the caller's unit of work.

    Raises:
        WorkspaceNewer: the record was made by a newer program.
    """
    now = revision(connection)
    if now == HEAD:
        return
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    if now is not None:
        need_known(now)
    with lifted(connection):
        command.upgrade(config, HEAD)


def need_known(step: str) -> None:
    """Make sure that a step is one of ours.

    Raises:
        WorkspaceNewer: it was made by a newer program.
    """
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        ScriptDirectory.from_config(_config()).get_revision(step)
    except CommandError:
        raise WorkspaceNewer(revision=step, head=HEAD) from None


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def revision(connection: Connection) -> str | None:
    """Return the step that the record is at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
