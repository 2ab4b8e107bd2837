"""The rules of the seal in the database itself, so that raw SQL is refused as the program is.

A seal writes leaf, postings and papers first and the voucher last: the voucher's own insert checks all of them, and
moves the balances. Sealed rows stay: no update, no delete, and no insert over one that is there, because
INSERT OR REPLACE skips delete triggers.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

# What never changes once it stands there, with the columns by which a row is known.
_STAYS = {
    "users": "name",
    "role_grant": '"user", role, book',
    "village": "code",
    "channel": "code",
    "good": "code",
    "commodity": "code",
    "command_key": "key",
    "book": "code",
    "chart_role": "chart, role",
    "bank": "book, code",
    "bank_channel": "book, bank, channel",
    "project": "book, code",
    "budget_line": "book, project, channel",
    "contract": "book, code, seq",
    "observation": "book, indicator, observed_on, position",
    "account": "book, name",
    "balance": "book, account, commodity",
    "log_leaf": "log, position",
    "voucher": "book, seq",
    "posting": "book, seq, line",
    "document": "book, seq, sha256",
    "private_value": "book, seq, field",
}
# balance moves with a voucher; a budget line may be raised; both have update rules of their own. Personal data may be
# erased by law, so private_value may lose rows.
_MOVES = {"balance", "budget_line"}
_ERASED = {"private_value"}
# What may only come next can never come over something that is there.
_NEXT = {"log_leaf", "voucher", "posting", "document"}

_RULES = {
    "log_leaf_next": """
        BEFORE INSERT ON log_leaf
        WHEN NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM log_leaf WHERE log = NEW.log)
        BEGIN SELECT RAISE(ABORT, 'earmark: a leaf has the next position of its log'); END""",
    "budget_line_rises": """
        BEFORE UPDATE ON budget_line
        WHEN NEW.book <> OLD.book OR NEW.project <> OLD.project OR NEW.channel <> OLD.channel
          OR NEW.position <> OLD.position OR NEW.planned < OLD.planned
        BEGIN SELECT RAISE(ABORT, 'earmark: a budget line only rises'); END""",
    "account_of_chart": """
        BEFORE INSERT ON account
        WHEN NOT EXISTS (
          SELECT 1 FROM chart_role r JOIN book b ON b.chart = r.chart
          WHERE b.code = NEW.book AND r.role = NEW.role AND r.normal = NEW.normal AND r.floored = NEW.floored
            AND r.mirror = NEW.mirror AND (r.floating = 1) = (NEW.project = '')
        )
        BEGIN SELECT RAISE(ABORT, 'earmark: an account is what its role in the chart says'); END""",
    "balance_opens_at_zero": """
        BEFORE INSERT ON balance
        WHEN NEW.amount <> 0 OR NEW.floor_side <> coalesce((
          SELECT normal * floored FROM account WHERE book = NEW.book AND name = NEW.account), 9)
        BEGIN SELECT RAISE(ABORT, 'earmark: a balance opens at zero with the floor of its account'); END""",
    "balance_moves_with_voucher": """
        BEFORE UPDATE ON balance
        WHEN NEW.book <> OLD.book OR NEW.account <> OLD.account OR NEW.commodity <> OLD.commodity
          OR NEW.floor_side <> OLD.floor_side
          OR NEW.amount - OLD.amount <> coalesce((
            SELECT sum(p.amount) FROM posting p WHERE p.book = NEW.book AND p.account = NEW.account
              AND p.commodity = NEW.commodity
              AND p.seq = (SELECT max(seq) FROM voucher WHERE book = NEW.book)), 0)
        BEGIN SELECT RAISE(ABORT, 'earmark: a balance moves with the voucher that is sealed'); END""",
    "posting_before_voucher": """
        BEFORE INSERT ON posting
        WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM voucher WHERE book = NEW.book)
        BEGIN SELECT RAISE(ABORT, 'earmark: postings come with the next voucher'); END""",
    "document_before_voucher": """
        BEFORE INSERT ON document
        WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM voucher WHERE book = NEW.book)
        BEGIN SELECT RAISE(ABORT, 'earmark: papers come with the next voucher'); END""",
    "contract_of_voucher": """
        BEFORE INSERT ON contract
        WHEN NOT EXISTS (
          SELECT 1 FROM voucher WHERE book = NEW.book AND seq = NEW.seq AND event = 'contract'
            AND contract = NEW.code AND project = NEW.project AND payee = NEW.payee)
          OR EXISTS (
            SELECT 1 FROM contract c WHERE c.book = NEW.book AND c.code = NEW.code AND c.seq <> NEW.seq AND NOT EXISTS (
              SELECT 1 FROM voucher WHERE book = c.book AND reverses = c.seq))
        BEGIN SELECT RAISE(ABORT, 'earmark: a contract is what its voucher says'); END""",
    "observation_of_voucher": """
        BEFORE INSERT ON observation
        WHEN NEW.seq IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM voucher
          WHERE book = NEW.book AND seq = NEW.seq AND event = 'acceptance' AND date = NEW.observed_on
            AND json_extract(facts, '$."indicator-' || NEW.indicator || '"') = NEW.numerator || '/' || NEW.denominator)
        BEGIN SELECT RAISE(ABORT, 'earmark: an observation is what its voucher says'); END""",
    "voucher_next": """
        BEFORE INSERT ON voucher
        WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM voucher WHERE book = NEW.book)
          OR NEW.number <> substr(NEW.date, 1, 7) || '-' || printf('%04d', 1 + (
            SELECT count(*) FROM voucher WHERE book = NEW.book AND number LIKE substr(NEW.date, 1, 7) || '-%'))
        BEGIN SELECT RAISE(ABORT, 'earmark: a voucher has the next number of its book'); END""",
    "voucher_dated": """
        BEFORE INSERT ON voucher
        WHEN date(NEW.date) IS NOT NEW.date
          OR NEW.date < (SELECT started_on FROM book WHERE code = NEW.book)
          OR NEW.date < coalesce((SELECT date FROM voucher WHERE book = NEW.book ORDER BY seq DESC LIMIT 1), '')
        BEGIN SELECT RAISE(ABORT, 'earmark: voucher dates never go back'); END""",
    "voucher_two_people": """
        BEFORE INSERT ON voucher
        WHEN NEW.maker = NEW.approver
          OR NOT EXISTS (
            SELECT 1 FROM role_grant WHERE "user" = NEW.maker AND role = 'maker' AND book IN (NEW.book, '*'))
          OR NOT EXISTS (
            SELECT 1 FROM role_grant WHERE "user" = NEW.approver AND role = 'approver' AND book IN (NEW.book, '*'))
        BEGIN SELECT RAISE(ABORT, 'earmark: one makes and another approves'); END""",
    "voucher_balances": """
        BEFORE INSERT ON voucher
        WHEN NOT EXISTS (SELECT 1 FROM posting WHERE book = NEW.book AND seq = NEW.seq)
          OR EXISTS (
            SELECT 1 FROM posting WHERE book = NEW.book AND seq = NEW.seq GROUP BY commodity HAVING sum(amount) <> 0)
        BEGIN SELECT RAISE(ABORT, 'earmark: each channel of a voucher sums to zero'); END""",
    "voucher_one_project": """
        BEFORE INSERT ON voucher
        WHEN NEW.event <> 'year_end' AND EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND a.project NOT IN ('', NEW.project))
        BEGIN SELECT RAISE(ABORT, 'earmark: one voucher serves one project'); END""",
    "voucher_whole": """
        BEFORE INSERT ON voucher
        WHEN NEW.event <> 'year_end' AND EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
            JOIN commodity c ON c.code = p.commodity
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND a.mirror <> '' AND c.kind <> 'quantity'
          GROUP BY a.mirror, c.channel
          HAVING sum(CASE c.kind WHEN 'budget' THEN -p.amount ELSE p.amount END) <> 0)
        BEGIN SELECT RAISE(ABORT, 'earmark: money and budget move together'); END""",
    "voucher_year_end": """
        BEFORE INSERT ON voucher
        WHEN NEW.event = 'year_end' AND EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND a.role NOT IN (
            'subsidy_income', 'welfare_expense', 'other_expense', 'year_result', 'undistributed'))
        BEGIN SELECT RAISE(ABORT, 'earmark: the year end closes income and expense only'); END""",
    "voucher_earmarked": """
        BEFORE INSERT ON voucher
        WHEN EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
            JOIN commodity c ON c.code = p.commodity
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND c.kind <> 'quantity' AND (
            (a.project <> '' AND NOT EXISTS (
              SELECT 1 FROM budget_line b WHERE b.book = a.book AND b.project = a.project AND b.channel = c.channel))
            OR (a.bank <> '' AND NOT EXISTS (
              SELECT 1 FROM bank_channel b WHERE b.book = a.book AND b.bank = a.bank AND b.channel = c.channel))))
        BEGIN SELECT RAISE(ABORT, 'earmark: a channel enters only where it may'); END""",
    "voucher_reverses": """
        BEFORE INSERT ON voucher
        WHEN (NEW.event = 'reversal') <> (NEW.reverses IS NOT NULL) OR (NEW.reverses IS NOT NULL AND (
          NOT EXISTS (SELECT 1 FROM voucher WHERE book = NEW.book AND seq = NEW.reverses AND reverses IS NULL)
          OR EXISTS (
            SELECT 1 FROM posting WHERE book = NEW.book AND seq IN (NEW.seq, NEW.reverses)
            GROUP BY account, commodity HAVING sum(amount) <> 0)))
        BEGIN SELECT RAISE(ABORT, 'earmark: a reversal negates one voucher, and never a reversal'); END""",
    "voucher_leaf": """
        BEFORE INSERT ON voucher
        WHEN NOT EXISTS (
          SELECT 1 FROM log_leaf WHERE log = NEW.book AND position = NEW.position AND kind = 'voucher'
            AND leaf_hash = NEW.leaf_hash AND json_extract(leaf, '$.data.number') = NEW.number)
          OR NEW.position <> (SELECT max(position) FROM log_leaf WHERE log = NEW.book)
        BEGIN SELECT RAISE(ABORT, 'earmark: a voucher has its leaf in the log'); END""",
    "voucher_moves_balances": """
        AFTER INSERT ON voucher
        BEGIN
          UPDATE balance SET amount = amount + (
            SELECT sum(p.amount) FROM posting p
            WHERE p.book = balance.book AND p.seq = NEW.seq AND p.account = balance.account
              AND p.commodity = balance.commodity)
          WHERE book = NEW.book AND (account, commodity) IN (
            SELECT account, commodity FROM posting WHERE book = NEW.book AND seq = NEW.seq);
        END""",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, key in _STAYS.items():
        same = " AND ".join(f"{column} = NEW.{column}" for column in key.split(", "))
        refuse = f"BEGIN SELECT RAISE(ABORT, 'earmark: {table} stays as it is'); END"
        if table not in _NEXT:
            op.execute(
                f"CREATE TRIGGER {table}_once BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
            )
        if table not in _MOVES:
            op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        if table not in _ERASED:
            op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    for name, rule in _RULES.items():
        op.execute(f"CREATE TRIGGER {name} {rule}")
