"""What PostgreSQL's catalogue says of a record: every table, rule, function, policy and right, as text to compare."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

Schema = dict[str, list[str]]


def schema_of(connection: Connection) -> Schema:
    """Return kind and text of everything in the record's schema by name, the same on every server.

    Names of owners and logins are left out, but not that somebody else has a right.
    """
    found: Schema = {}
    for query in _QUERIES:
        for kind, name, text in connection.exec_driver_sql(query):
            found[f"{kind} {name}"] = [str(kind), str(text)]
    return found


def broken_references(connection: Connection) -> Iterator[tuple[str, str, int]]:
    """Yield each reference as (table, what it refers to, how many of its rows refer to nothing)."""
    for table, other, here, there in connection.exec_driver_sql(_REFERENCES).all():
        same = " AND ".join(f'o."{b}" = t."{a}"' for a, b in zip(here, there, strict=True))
        whole = " AND ".join(f't."{column}" IS NOT NULL' for column in here)
        query = f"SELECT count(*) FROM {table} t WHERE {whole} AND NOT EXISTS (SELECT 1 FROM {other} o WHERE {same})"  # noqa: S608 - names from the catalogue
        yield str(table), str(other), int(connection.exec_driver_sql(query).scalar_one())


# What belongs to an extension is not ours; neither are PostgreSQL's own rows for NOT NULL (18 and later).
_QUERIES = (
    """
    SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'i' THEN 'index' WHEN 'v' THEN 'view' ELSE c.relkind::text END,
      c.relname,
      CASE WHEN c.relkind = 'i' THEN pg_get_indexdef(c.oid) ELSE
        concat_ws(' ', c.relpersistence::text, CASE WHEN c.relrowsecurity THEN 'row security' END) || ': ' || coalesce((
        SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), co.collname,
          CASE WHEN a.attnotnull THEN 'NOT NULL' END, pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum)
        FROM pg_attribute a LEFT JOIN pg_collation co ON co.oid = a.attcollation
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '') END
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 't'
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    """,
    """
    SELECT 'constraint', c.relname || '.' || k.conname, concat_ws(' ', pg_get_constraintdef(k.oid),
      CASE WHEN NOT k.convalidated THEN 'not valid' END,
      CASE WHEN EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O')
        THEN 'switched off' END)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.connamespace = 'public'::regnamespace AND k.contype <> 'n'
    """,
    """
    SELECT 'trigger', c.relname || '.' || t.tgname, t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
    """,
    """
    SELECT 'function', p.oid::regprocedure::text,
      CASE p.prokind WHEN 'a' THEN 'aggregate' ELSE pg_get_functiondef(p.oid) END
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    """,
    """
    SELECT 'policy', tablename || '.' || policyname,
      concat_ws(' | ', permissive, roles::text, cmd, qual, with_check)
    FROM pg_policies WHERE schemaname = 'public'
    """,
    """
    SELECT 'rule', tablename || '.' || rulename, definition FROM pg_rules WHERE schemaname = 'public'
    """,
    """
    SELECT 'right', relname || ' ' || grantee, string_agg(privilege, ', ' ORDER BY privilege) FROM (
      SELECT c.relname, coalesce(r.rolname, 'PUBLIC') AS grantee, a.privilege_type AS privilege
      FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
      WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
      UNION ALL
      SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type || ' (' || t.attname || ')'
      FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN aclexplode(t.attacl) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
      WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
      UNION ALL
      SELECT p.oid::regprocedure::text, coalesce(r.rolname, 'PUBLIC'), a.privilege_type
      FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
      WHERE p.pronamespace = 'public'::regnamespace AND a.grantee <> p.proowner
      UNION ALL
      SELECT 'schema ' || n.nspname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type
      FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
      WHERE n.nspname = 'public' AND a.grantee <> n.nspowner
    ) rights GROUP BY relname, grantee
    """,
    """
    SELECT 'group', rolname, concat_ws(' ', CASE WHEN rolsuper THEN 'superuser' END,
      CASE WHEN rolbypassrls THEN 'bypasses row security' END, CASE WHEN rolcanlogin THEN 'logs in' END,
      CASE WHEN rolcreaterole THEN 'makes roles' END, CASE WHEN rolcreatedb THEN 'makes databases' END)
    FROM pg_roles WHERE rolname = 'earmark_app'
    """,
    # Everything belongs to one owner, who is nobody that works with the record.
    """
    SELECT 'owner', 'of all', CASE WHEN count(DISTINCT owner) = 1 AND NOT bool_or(owner = session_user::regrole)
      THEN 'one' ELSE 'several' END
    FROM (SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
      UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace) owners
    """,
)
_REFERENCES = """
    SELECT k.conrelid::regclass::text, k.confrelid::regclass::text,
      (SELECT array_agg(a.attname::text ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY AS c (num, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.num),
      (SELECT array_agg(a.attname::text ORDER BY n) FROM unnest(k.confkey) WITH ORDINALITY AS c (num, n)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.num)
    FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace ORDER BY 1, 2, k.conname
"""
