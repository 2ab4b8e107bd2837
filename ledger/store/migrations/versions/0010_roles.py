"""Three more roles: cashier, publisher, administrator; and the administrator neither makes, seals, pays nor publishes.

SQLite cannot change a CHECK in place. Nothing refers to the table by a key, so its rows are put aside, the table is
made again under its own name with the new CHECK, and its rules are put back word by word. It is never renamed: that
would rewrite the rules of other tables that read it.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

_OLD = "role IN ('maker', 'approver', 'auditor')"
_NEW = "role IN ('maker', 'approver', 'cashier', 'auditor', 'publisher', 'administrator')"
_APART = """NEW.role <> 'auditor' AND EXISTS (
          SELECT 1 FROM role_grant g WHERE g."user" = NEW."user" AND g.role <> 'auditor'
            AND (g.role = 'administrator') <> (NEW.role = 'administrator'))"""
_SAYS = "who administers neither makes, seals, pays nor publishes"


def upgrade() -> None:
    (_in_a_file if op.get_bind().dialect.name == "sqlite" else _on_a_server)()


def _in_a_file() -> None:
    known = op.get_bind().exec_driver_sql(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'role_grant' AND sql IS NOT NULL ORDER BY rowid"
    )
    made = [(kind, sql) for kind, sql in known]
    op.execute("CREATE TEMP TABLE role_grant_aside AS SELECT * FROM main.role_grant ORDER BY rowid")
    op.execute("DROP TABLE main.role_grant")
    for _, sql in sorted(made, key=lambda each: each[0] != "table"):
        op.execute(sql.replace(_OLD, _NEW))
        if sql.startswith("CREATE TABLE"):
            op.execute("INSERT INTO main.role_grant SELECT * FROM temp.role_grant_aside ORDER BY rowid")
    op.execute("DROP TABLE temp.role_grant_aside")
    op.execute(
        f"CREATE TRIGGER administrator_apart BEFORE INSERT ON role_grant WHEN {_APART} "
        f"BEGIN SELECT RAISE(ABORT, 'earmark: {_SAYS}'); END"
    )


def _on_a_server() -> None:
    op.execute("ALTER TABLE role_grant DROP CONSTRAINT role_known")
    op.execute(f"ALTER TABLE role_grant ADD CONSTRAINT role_known CHECK ({_NEW})")
    op.execute(
        "CREATE FUNCTION administrator_apart() RETURNS trigger LANGUAGE plpgsql "
        "SET search_path = pg_catalog, public, pg_temp AS $earmark$"
        f"BEGIN IF ({_APART}) THEN RAISE EXCEPTION 'earmark: {_SAYS}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END$earmark$"
    )
    op.execute("REVOKE ALL ON FUNCTION administrator_apart FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER administrator_apart BEFORE INSERT ON role_grant "
        "FOR EACH ROW EXECUTE FUNCTION administrator_apart()"
    )
    op.execute("ALTER TABLE role_grant ENABLE ALWAYS TRIGGER administrator_apart")
