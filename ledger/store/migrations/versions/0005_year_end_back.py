"""A year end can be reversed, and records of an older chart know the roles that the chart has gained.

The reversal of a year end moves income and expense of several projects outside the mirror, as the year end did; that
it negates the year end exactly is a rule of its own (voucher_reverses).
"""

from alembic import op

revision = "0005"
down_revision = "0004"

_CHART = "caikuai-2023-14"
# role, normal side, floored, mirror group, floating
_ROLES = [
    ("consumable_asset", 1, 1, "spent", 0),
    ("productive_asset", 1, 1, "spent", 0),
    ("public_asset", 1, 1, "spent", 0),
    ("intangible_asset", 1, 1, "spent", 0),
    ("repair", -1, 1, "", 0),
    ("deposit_bank", 1, 1, "", 1),
]

_CLOSES = """(NEW.event = 'year_end' OR EXISTS (
            SELECT 1 FROM voucher y WHERE y.book = NEW.book AND y.seq = NEW.reverses AND y.event = 'year_end'))"""
_RULES = {
    "voucher_one_project": (
        f"""NOT {_CLOSES} AND EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND a.project NOT IN ('', NEW.project))""",
        "one voucher serves one project",
    ),
    "voucher_whole": (
        f"""NOT {_CLOSES} AND EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
            JOIN commodity c ON c.code = p.commodity
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND a.mirror <> '' AND c.kind <> 'quantity'
          GROUP BY a.mirror, c.channel
          HAVING sum(CASE c.kind WHEN 'budget' THEN -p.amount ELSE p.amount END) <> 0)""",
        "money and budget move together",
    ),
}


def upgrade() -> None:
    for role, normal, floored, mirror, floating in _ROLES:
        op.execute(
            "INSERT INTO chart_role (chart, role, normal, floored, mirror, floating) "
            f"SELECT '{_CHART}', '{role}', {normal}, {floored}, '{mirror}', {floating} "
            f"WHERE EXISTS (SELECT 1 FROM chart_role WHERE chart = '{_CHART}') "
            f"AND NOT EXISTS (SELECT 1 FROM chart_role WHERE chart = '{_CHART}' AND role = '{role}')"
        )
    dialect = op.get_bind().dialect.name
    for name, (broken, says) in _RULES.items():
        if dialect == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON voucher WHEN {broken} "
                f"BEGIN SELECT RAISE(ABORT, 'earmark: {says}'); END"
            )
        elif dialect == "postgresql":
            op.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
                "SET search_path = pg_catalog, public, pg_temp AS $earmark$"
                f"BEGIN IF ({broken}) THEN RAISE EXCEPTION 'earmark: {says}' "
                "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END$earmark$"
            )
