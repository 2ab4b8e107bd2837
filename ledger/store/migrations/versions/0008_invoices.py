"""What is paid of an invoice is asked of every book: in a database a login of one book would not see the others.

The function gives no more of a voucher than its number and what it pays of the invoice that is named.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

_PAID = """
SELECT v.book, v.seq, v.number, v.facts::json ->> 'invoices', b.facts::json ->> 'bounced'
FROM voucher v LEFT JOIN voucher b ON b.book = v.book AND b.seq > v.seq
AND b.event IN ('bounced_disbursement', 'bounced_wages', 'bounced_retention', 'bounced_repair')
AND b.facts LIKE '%"original":"V' || v.number || '"%'
AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = b.book AND r.reverses = b.seq)
WHERE known_login() AND invoice ~ '^[0-9-]{19,21}$' AND v.facts LIKE '%"invoices":%'
AND position(' ' || invoice || '=' IN ' ' || (v.facts::json ->> 'invoices')) > 0 AND v.reverses IS NULL
AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) ORDER BY v.book, v.seq
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE FUNCTION earmark_invoiced(invoice text) "
        "RETURNS TABLE (book text, seq bigint, number text, invoices text, bounced text) "
        "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp "
        f"AS $earmark${_PAID}$earmark$"
    )
    op.execute("REVOKE ALL ON FUNCTION earmark_invoiced FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION earmark_invoiced TO earmark_app")
