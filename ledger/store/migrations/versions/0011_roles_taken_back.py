"""Roles are taken back: a row of its own for each, so that nothing that was granted is lost, and a role granted anew.

What was granted and taken back before is known by its number. A voucher asks who had the role when it was sealed, not
now: a record that is made again from its books writes all grants and revocations before the first voucher. SQLite
cannot change a key in place; the table is made again as in 0010, with its rules.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_PATH = "SET search_path = pg_catalog, public, pg_temp"
_KEY = ("user", "role", "book", "nth")
_SAME = " AND ".join(f'{{0}}."{column}" = {{1}}."{column}"' for column in _KEY)
_GONE = f"SELECT 1 FROM role_revocation r WHERE {_SAME.format('r', 'g')}"


def _lacks(person: str, role: str) -> str:
    """Return that nobody of this name had the role in the voucher's book when it was sealed."""
    return f"""NOT EXISTS (
            SELECT 1 FROM role_grant g WHERE g."user" = NEW.{person} AND g.role = '{role}'
              AND g.book IN (NEW.book, '*') AND NOT EXISTS ({_GONE} AND r.revoked_at < NEW.sealed_at))"""


_RULES = {
    "administrator_apart": (
        "role_grant",
        f"""NEW.role <> 'auditor' AND EXISTS (
          SELECT 1 FROM role_grant g WHERE g."user" = NEW."user" AND g.role <> 'auditor'
            AND (g.role = 'administrator') <> (NEW.role = 'administrator') AND NOT EXISTS ({_GONE}))""",
        "who administers neither makes, seals, pays nor publishes",
    ),
    "role_grant_in_turn": (
        "role_grant",
        """NEW.nth <> 1 + (
          SELECT count(*) FROM role_revocation r
          WHERE r."user" = NEW."user" AND r.role = NEW.role AND r.book = NEW.book)""",
        "a role is granted anew once it was taken back",
    ),
    "role_revocation_of_grant": (
        "role_revocation",
        f"NOT EXISTS (SELECT 1 FROM role_grant g WHERE {_SAME.format('g', 'NEW')})",
        "only what was granted is taken back",
    ),
    "voucher_two_people": (
        "voucher",
        f"""NEW.maker = NEW.approver
          OR {_lacks("maker", "maker")}
          OR {_lacks("approver", "approver")}""",
        "one makes and another approves",
    ),
}


def upgrade() -> None:
    (_in_a_file if op.get_bind().dialect.name == "sqlite" else _on_a_server)()


def _table() -> None:
    op.create_table(
        "role_revocation",
        *(sa.Column(column, sa.Text(), nullable=False) for column in _KEY[:3]),
        sa.Column("nth", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("revoked_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(_KEY, [f"role_grant.{column}" for column in _KEY]),
        sa.PrimaryKeyConstraint(*_KEY),
        sqlite_strict=True,
    )


def _in_a_file() -> None:
    op.execute("DROP TRIGGER voucher_two_people")
    op.execute("CREATE TEMP TABLE role_grant_aside AS SELECT * FROM main.role_grant ORDER BY rowid")
    op.execute("DROP TABLE main.role_grant")
    op.create_table(
        "role_grant",
        *(sa.Column(column, sa.Text(), nullable=False) for column in (*_KEY[:3], "granted_at")),
        sa.Column("nth", _WHOLE, autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "role IN ('maker', 'approver', 'cashier', 'auditor', 'publisher', 'administrator')", name="role_known"
        ),
        sa.ForeignKeyConstraint(["user"], ["users.name"]),
        sa.PrimaryKeyConstraint(*_KEY),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO main.role_grant SELECT *, 1 FROM temp.role_grant_aside ORDER BY rowid")
    op.execute("DROP TABLE temp.role_grant_aside")
    _table()
    for table in ("role_grant", "role_revocation"):
        refuse = f"BEGIN SELECT RAISE(ABORT, 'earmark: {table} stays as it is'); END"
        there = f"SELECT 1 FROM {table} t WHERE {_SAME.format('t', 'NEW')}"
        op.execute(f"CREATE TRIGGER {table}_once BEFORE INSERT ON {table} WHEN EXISTS ({there}) {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    for name, (table, broken, says) in _RULES.items():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {broken} "
            f"BEGIN SELECT RAISE(ABORT, 'earmark: {says}'); END"
        )


def _on_a_server() -> None:
    op.execute("ALTER TABLE role_grant ADD COLUMN nth bigint NOT NULL DEFAULT 1")
    op.execute("ALTER TABLE role_grant ALTER COLUMN nth DROP DEFAULT")
    op.execute("ALTER TABLE role_grant DROP CONSTRAINT role_grant_pkey")
    op.execute('ALTER TABLE role_grant ADD CONSTRAINT role_grant_pkey PRIMARY KEY ("user", role, book, nth)')
    _table()
    for column in (*_KEY[:3], "revoked_at"):
        op.execute(f'ALTER TABLE role_revocation ALTER COLUMN "{column}" TYPE text COLLATE "C"')
    for name, (table, broken, says) in _RULES.items():
        there = name in {"administrator_apart", "voucher_two_people"}
        op.execute(
            f"CREATE {'OR REPLACE ' if there else ''}FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            f"{_PATH} AS $earmark$BEGIN IF ({broken}) THEN RAISE EXCEPTION 'earmark: {says}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END$earmark$"
        )
        if not there:
            op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
            _trigger(table, name, "BEFORE INSERT", name)
    for when in ("update", "delete"):
        _trigger("role_revocation", f"role_revocation_no_{when}", f"BEFORE {when.upper()}", "stays")
    _trigger("role_revocation", "role_revocation_no_truncate", "BEFORE TRUNCATE", "stays", each="STATEMENT")
    op.execute("GRANT SELECT, INSERT ON role_revocation TO earmark_app")
    op.execute("ALTER TABLE role_revocation ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY seen ON role_revocation FOR SELECT USING ((SELECT known_login()))")
    op.execute("CREATE POLICY written ON role_revocation FOR INSERT WITH CHECK ((SELECT every_book()))")


def _trigger(table: str, name: str, when: str, function: str, *, each: str = "ROW") -> None:
    op.execute(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
