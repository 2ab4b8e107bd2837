"""The next number of a book from its last voucher instead of a count: a count takes longer with every voucher.

Dates never go back, so that the last voucher of a book has the last number of its month.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

_VOUCHER_NEXT = """
        CREATE TRIGGER voucher_next BEFORE INSERT ON voucher
        WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM voucher WHERE book = NEW.book)
          OR NEW.number <> substr(NEW.date, 1, 7) || '-' || printf('%04d', coalesce((
            SELECT CASE WHEN substr(number, 1, 7) = substr(NEW.date, 1, 7) THEN substr(number, 9) + 1 ELSE 1 END
            FROM voucher WHERE book = NEW.book ORDER BY seq DESC LIMIT 1), 1))
        BEGIN SELECT RAISE(ABORT, 'earmark: a voucher has the next number of its book'); END"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("DROP TRIGGER voucher_next")
    op.execute(_VOUCHER_NEXT.strip())
