"""The record as it was on its first day."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "channel",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_table(
        "chart_role",
        sa.Column("chart", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("normal", _WHOLE, nullable=False),
        sa.Column("floored", _WHOLE, nullable=False),
        sa.Column("mirror", sa.Text(), nullable=False),
        sa.Column("floating", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("chart", "role"),
        sqlite_strict=True,
    )
    op.create_table(
        "command_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_strict=True,
    )
    op.create_table(
        "good",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("scale", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_table(
        "log_leaf",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("position", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("leaf", sa.Text(), nullable=False),
        sa.Column("leaf_hash", sa.Text(), nullable=False),
        sa.CheckConstraint("position >= 0", name="position_from_zero"),
        sa.PrimaryKeyConstraint("log", "position"),
        sqlite_strict=True,
    )
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )
    op.create_table(
        "village",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("township", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_table(
        "book",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("chart", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["village"],
            ["village.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_table(
        "commodity",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("good", sa.Text(), nullable=True),
        sa.Column("scale", _WHOLE, nullable=False),
        sa.CheckConstraint("(kind = 'quantity') = (channel IS NULL)", name="channel_unless_good"),
        sa.CheckConstraint("kind IN ('money', 'budget', 'quantity')", name="kind_known"),
        sa.ForeignKeyConstraint(
            ["channel"],
            ["channel.code"],
        ),
        sa.ForeignKeyConstraint(
            ["good"],
            ["good.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_table(
        "role_grant",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('maker', 'approver', 'auditor')", name="role_known"),
        sa.ForeignKeyConstraint(
            ["user"],
            ["users.name"],
        ),
        sa.PrimaryKeyConstraint("user", "role", "book"),
        sqlite_strict=True,
    )
    op.create_table(
        "account",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("normal", _WHOLE, nullable=False),
        sa.Column("floored", _WHOLE, nullable=False),
        sa.Column("mirror", sa.Text(), nullable=False),
        sa.CheckConstraint("floored IN (0, 1)", name="floored_or_not"),
        sa.CheckConstraint("normal IN (-1, 1)", name="normal_side"),
        sa.ForeignKeyConstraint(
            ["book"],
            ["book.code"],
        ),
        sa.PrimaryKeyConstraint("book", "name"),
        sqlite_strict=True,
    )
    op.create_table(
        "bank",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('dedicated', 'own')", name="kind_known"),
        sa.ForeignKeyConstraint(
            ["book"],
            ["book.code"],
        ),
        sa.PrimaryKeyConstraint("book", "code"),
        sqlite_strict=True,
    )
    op.create_table(
        "project",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("responsible", sa.Text(), nullable=False),
        sa.Column("planned_start", sa.Text(), nullable=False),
        sa.Column("planned_finish", sa.Text(), nullable=False),
        sa.Column("benefit", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book"],
            ["book.code"],
        ),
        sa.PrimaryKeyConstraint("book", "code"),
        sqlite_strict=True,
    )
    op.create_table(
        "work_dirty",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("mark", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["book"],
            ["book.code"],
        ),
        sa.PrimaryKeyConstraint("book", "month"),
        sqlite_strict=True,
    )
    op.create_table(
        "work_draft",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("id", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book"],
            ["book.code"],
        ),
        sa.ForeignKeyConstraint(
            ["maker"],
            ["users.name"],
        ),
        sa.PrimaryKeyConstraint("book", "id"),
        sqlite_strict=True,
    )
    op.create_table(
        "work_draft_number",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("id", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["book"],
            ["book.code"],
        ),
        sa.PrimaryKeyConstraint("book"),
        sqlite_strict=True,
    )
    op.create_table(
        "balance",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("floor_side", _WHOLE, nullable=False),
        sa.Column("amount", _WHOLE, nullable=False),
        sa.CheckConstraint("floor_side * amount >= 0", name="floor"),
        sa.CheckConstraint("floor_side IN (-1, 0, 1)", name="floor_side_known"),
        sa.ForeignKeyConstraint(
            ["book", "account"],
            ["account.book", "account.name"],
        ),
        sa.ForeignKeyConstraint(
            ["commodity"],
            ["commodity.code"],
        ),
        sa.PrimaryKeyConstraint("book", "account", "commodity"),
        sqlite_strict=True,
    )
    op.create_table(
        "bank_channel",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book", "bank"],
            ["bank.book", "bank.code"],
        ),
        sa.ForeignKeyConstraint(
            ["channel"],
            ["channel.code"],
        ),
        sa.PrimaryKeyConstraint("book", "bank", "channel"),
        sqlite_strict=True,
    )
    op.create_table(
        "budget_line",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("position", _WHOLE, nullable=False),
        sa.Column("planned", _WHOLE, nullable=False),
        sa.CheckConstraint("planned >= 0", name="planned_not_negative"),
        sa.ForeignKeyConstraint(
            ["book", "project"],
            ["project.book", "project.code"],
        ),
        sa.ForeignKeyConstraint(
            ["channel"],
            ["channel.code"],
        ),
        sa.PrimaryKeyConstraint("book", "project", "channel"),
        sqlite_strict=True,
    )
    op.create_table(
        "voucher",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("seq", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("narration", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.Text(), nullable=False),
        sa.Column("reverses", _WHOLE, nullable=True),
        sa.Column("position", _WHOLE, nullable=False),
        sa.Column("leaf_hash", sa.Text(), nullable=False),
        sa.CheckConstraint("maker <> approver", name="two_people"),
        sa.CheckConstraint("seq >= 0", name="seq_from_zero"),
        sa.CheckConstraint("substr(number, 1, 7) = substr(date, 1, 7)", name="number_of_month"),
        sa.ForeignKeyConstraint(
            ["approver"],
            ["users.name"],
        ),
        sa.ForeignKeyConstraint(
            ["book", "position"],
            ["log_leaf.log", "log_leaf.position"],
        ),
        sa.ForeignKeyConstraint(
            ["book", "project"],
            ["project.book", "project.code"],
        ),
        sa.ForeignKeyConstraint(
            ["book", "reverses"],
            ["voucher.book", "voucher.seq"],
        ),
        sa.ForeignKeyConstraint(
            ["maker"],
            ["users.name"],
        ),
        sa.PrimaryKeyConstraint("book", "seq"),
        sa.UniqueConstraint("book", "number", name="number_once"),
        sa.UniqueConstraint("book", "position", name="position_once"),
        sa.UniqueConstraint("book", "reverses", name="reversed_once"),
        sqlite_strict=True,
    )
    op.create_table(
        "contract",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("seq", _WHOLE, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["book", "project"],
            ["project.book", "project.code"],
        ),
        sa.ForeignKeyConstraint(
            ["book", "seq"],
            ["voucher.book", "voucher.seq"],
        ),
        sa.PrimaryKeyConstraint("book", "code", "seq"),
        sqlite_strict=True,
    )
    op.create_table(
        "document",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("seq", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("size", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["book", "seq"], ["voucher.book", "voucher.seq"], initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("book", "seq", "sha256"),
        sqlite_strict=True,
    )
    op.create_table(
        "observation",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("observed_on", sa.Text(), nullable=False),
        sa.Column("position", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("numerator", _WHOLE, nullable=False),
        sa.Column("denominator", _WHOLE, nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("seq", _WHOLE, nullable=True),
        sa.CheckConstraint("numerator >= 0 AND denominator > 0", name="share"),
        sa.ForeignKeyConstraint(
            ["book", "seq"],
            ["voucher.book", "voucher.seq"],
        ),
        sa.ForeignKeyConstraint(
            ["book"],
            ["book.code"],
        ),
        sa.PrimaryKeyConstraint("book", "indicator", "observed_on", "position"),
        sqlite_strict=True,
    )
    op.create_table(
        "posting",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("seq", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("line", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("amount", _WHOLE, nullable=False),
        sa.CheckConstraint("amount <> 0", name="amount_not_zero"),
        sa.ForeignKeyConstraint(
            ["book", "account", "commodity"],
            ["balance.book", "balance.account", "balance.commodity"],
        ),
        sa.ForeignKeyConstraint(
            ["book", "seq"], ["voucher.book", "voucher.seq"], initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("book", "seq", "line"),
        sqlite_strict=True,
    )
    op.create_table(
        "private_value",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("seq", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book", "seq"],
            ["voucher.book", "voucher.seq"],
        ),
        sa.PrimaryKeyConstraint("book", "seq", "field"),
        sqlite_strict=True,
    )
