"""Forward-only migrations of the record, run when a workspace is opened.

Each step is frozen: it never imports the tables, so that it does for ever what it did on its day. Batch mode
is not used, because it drops triggers without a word.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from ledger.errors import WorkspaceNewer
from ledger.store.guard import lifted

HEAD = "0004"
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
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    if now is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(now)
        except CommandError:
            raise WorkspaceNewer(revision=now, head=HEAD) from None
    with lifted(connection):
        command.upgrade(config, HEAD)


def revision(connection: Connection) -> str | None:
    """Return the step that the record is at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
