"""A login of every book may read the answers under command keys: a backup holds them, and verify looks at them.

Without them a command that is sent again after a restore would be done twice.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("GRANT SELECT ON command_key TO earmark_app")
    op.execute("CREATE POLICY seen ON command_key FOR SELECT USING ((SELECT every_book()))")
