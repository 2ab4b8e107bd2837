"""Facts: leaves of a log that move no money, found by an index; their personal data in a private store of its own.

A private value is only there beside a leaf that commits to it, and may only be erased.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_SAYS = "a private value is committed to by its fact"
_PATH = "SET search_path = pg_catalog, public, pg_temp"


def upgrade() -> None:
    op.create_index(
        "log_leaf_told",
        "log_leaf",
        ["log", "kind", "position"],
        sqlite_where=sa.text("kind <> 'voucher'"),
        postgresql_where=sa.text("kind <> 'voucher'"),
    )
    op.create_table(
        "private_fact",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("position", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["log", "position"], ["log_leaf.log", "log_leaf.position"]),
        sa.PrimaryKeyConstraint("log", "position", "field"),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        _in_a_file()
    else:
        _in_a_server()


def _in_a_file() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'earmark: private_fact stays as it is'); END"
    op.execute(
        "CREATE TRIGGER private_fact_once BEFORE INSERT ON private_fact WHEN EXISTS (SELECT 1 FROM private_fact "
        f"WHERE log = NEW.log AND position = NEW.position AND field = NEW.field) {refuse}"
    )
    op.execute(f"CREATE TRIGGER private_fact_no_update BEFORE UPDATE ON private_fact {refuse}")
    op.execute(
        "CREATE TRIGGER private_fact_committed BEFORE INSERT ON private_fact WHEN NOT EXISTS ("
        "SELECT 1 FROM log_leaf WHERE log = NEW.log AND position = NEW.position AND kind = 'fact' "
        """AND json_extract(leaf, '$.data."' || NEW.field || '-commitment"') IS NOT NULL) """
        f"BEGIN SELECT RAISE(ABORT, 'earmark: {_SAYS}'); END"
    )


def _in_a_server() -> None:
    for column in ("log", "field", "value", "salt"):
        op.execute(f'ALTER TABLE private_fact ALTER COLUMN {column} TYPE text COLLATE "C"')
    op.execute(
        f"CREATE FUNCTION private_fact_committed() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $earmark$"
        "BEGIN IF NOT EXISTS (SELECT 1 FROM log_leaf WHERE log = NEW.log AND position = NEW.position "
        "AND kind = 'fact' AND (leaf::json -> 'data' ->> (NEW.field || '-commitment')) IS NOT NULL) THEN "
        f"RAISE EXCEPTION 'earmark: {_SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN NEW; END$earmark$"
    )
    op.execute("REVOKE ALL ON FUNCTION private_fact_committed FROM PUBLIC")
    for name, when, function, each in (
        ("private_fact_no_update", "BEFORE UPDATE", "stays", "ROW"),
        ("private_fact_no_truncate", "BEFORE TRUNCATE", "stays", "STATEMENT"),
        ("private_fact_committed", "BEFORE INSERT", "private_fact_committed", "ROW"),
    ):
        op.execute(f"CREATE TRIGGER {name} {when} ON private_fact FOR EACH {each} EXECUTE FUNCTION {function}()")
        op.execute(f"ALTER TABLE private_fact ENABLE ALWAYS TRIGGER {name}")
    op.execute("GRANT SELECT, INSERT, DELETE ON private_fact TO earmark_app")
    op.execute("ALTER TABLE private_fact ENABLE ROW LEVEL SECURITY")
    own = "((SELECT every_book()) OR log = ANY ((SELECT books_of_login())::text[]))"
    op.execute(f"CREATE POLICY of_log ON private_fact USING ({own}) WITH CHECK ({own})")
