"""Period close: nothing is dated into a month that is closed, and months are closed and opened again in turn.

The database reads the leaves of the book's log: the last one of the kind ``period`` says through which month the book
is closed. A close that a checkpoint has signed is never undone: one is taken as signed if it had a size beyond the
close and not beyond the leaf that would undo it, so that a record made again from its books comes to the same answer.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

_LAST = """coalesce((
          SELECT {last_through} FROM log_leaf l WHERE l.log = {log} AND l.kind = 'period' AND l.kind <> 'voucher'
          ORDER BY l.position DESC LIMIT 1), '')"""
_IN_TURN = """NEW.kind = 'period' AND NOT coalesce(CASE {deed}
          WHEN 'close' THEN {through} = {month} AND {is_month} AND {through} > {last}
          WHEN 'reopen' THEN {month} = {last} AND {month} <> '' AND {through} = coalesce((
            SELECT max({of_month}) FROM log_leaf l WHERE l.log = NEW.log AND l.kind = 'period' AND l.kind <> 'voucher'
              AND {of_deed} = 'close' AND {of_month} < {month}), '')
            AND NOT EXISTS (
              SELECT 1 FROM log_leaf c WHERE c.log = 'office' AND c.kind = 'checkpoint' AND c.kind <> 'voucher'
                AND {signed} = NEW.log AND {size} <= NEW.position AND {size} > (
                  SELECT max(l.position) FROM log_leaf l WHERE l.log = NEW.log AND l.kind = 'period'
                    AND l.kind <> 'voucher' AND {of_deed} = 'close' AND {of_month} = {month}))
          END, {no})"""
_RULES = {
    "voucher_in_open_month": ("voucher", "substr(NEW.date, 1, 7) <= {last}", "nothing is dated into a closed month"),
    "period_in_turn": ("log_leaf", _IN_TURN, "months are closed one after the other, and never opened when signed"),
}


def upgrade() -> None:
    in_a_file = op.get_bind().dialect.name == "sqlite"

    def said(row: str, key: str) -> str:
        return f"json_extract({row}.leaf, '$.data.{key}')" if in_a_file else f"({row}.leaf::json #>> '{{data,{key}}}')"

    words = {f"of_{key}": said("l", key) for key in ("deed", "month")}
    words |= {key: said("NEW", key) for key in ("deed", "month", "through")}
    size = said("c", "size")
    words |= {"signed": said("c", "log"), "size": size if in_a_file else f"{size}::bigint"}
    month = words["month"]
    words["is_month"] = (
        f"{month} GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]' AND substr({month}, 6) BETWEEN '01' AND '12'"
        if in_a_file
        else f"{month} ~ '^[0-9]{{4}}-(0[1-9]|1[0-2])$'"
    )
    words["no"] = "0" if in_a_file else "false"
    for name, (table, broken, says) in _RULES.items():
        log = "NEW.book" if table == "voucher" else "NEW.log"
        last = _LAST.format(last_through=said("l", "through"), log=log)
        rule = broken.format(**words, last=last)
        if in_a_file:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {rule} "
                f"BEGIN SELECT RAISE(ABORT, 'earmark: {says}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            "SET search_path = pg_catalog, public, pg_temp AS $earmark$"
            f"BEGIN IF ({rule}) THEN RAISE EXCEPTION 'earmark: {says}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END$earmark$"
        )
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
