"""PostgreSQL as a second engine: byte order of text, the rules of 0002, rights, rows by book, the seal as a function.

On SQLite there is nothing to do. The rules have the names that they have there. What 0002 says against INSERT OR
REPLACE is said by primary keys here: ON CONFLICT DO UPDATE is an update. TRUNCATE skips row triggers and has its own.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

GROUP = "earmark_app"
PATH = "SET search_path = pg_catalog, public, pg_temp"

# What never changes once it stands there, as in 0002; a workspace has one record, and a record one workspace.
_STAYS = [
    "users",     "role_grant",     "village",     "channel",     "good",     "commodity",     "command_key",
    "book",     "chart_role",     "bank",     "bank_channel",     "project",     "budget_line",     "contract",
    "observation",     "account",     "balance",     "log_leaf",     "voucher",     "posting",     "document",
    "private_value",     "workspace"
]  # fmt: skip
_MOVES = {"balance", "budget_line"}
_ERASED = {"private_value"}

_REFUSE = "USING ERRCODE = 'integrity_constraint_violation'"

# Each rule: when it looks, at what table, what must not be, what is said then. The conditions are those of 0002.
_RULES = {
    "log_leaf_next": (
        "BEFORE INSERT ON log_leaf",
        "NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM log_leaf WHERE log = NEW.log)",
        "a leaf has the next position of its log",
    ),
    "log_leaf_hashed": (
        "BEFORE INSERT ON log_leaf",
        r"NEW.leaf_hash <> encode(sha256('\x00'::bytea || convert_to(NEW.leaf, 'UTF8')), 'hex')",
        "the hash of a leaf is that of RFC 6962",
    ),
    "budget_line_rises": (
        "BEFORE UPDATE ON budget_line",
        """NEW.book <> OLD.book OR NEW.project <> OLD.project OR NEW.channel <> OLD.channel
          OR NEW.position <> OLD.position OR NEW.planned < OLD.planned""",
        "a budget line only rises",
    ),
    "account_of_chart": (
        "BEFORE INSERT ON account",
        """NOT EXISTS (
          SELECT 1 FROM chart_role r JOIN book b ON b.chart = r.chart
          WHERE b.code = NEW.book AND r.role = NEW.role AND r.normal = NEW.normal AND r.floored = NEW.floored
            AND r.mirror = NEW.mirror AND (r.floating = 1) = (NEW.project = ''))""",
        "an account is what its role in the chart says",
    ),
    "balance_opens_at_zero": (
        "BEFORE INSERT ON balance",
        """NEW.amount <> 0 OR NEW.floor_side <> coalesce((
          SELECT normal * floored FROM account WHERE book = NEW.book AND name = NEW.account), 9)""",
        "a balance opens at zero with the floor of its account",
    ),
    "balance_moves_with_voucher": (
        "BEFORE UPDATE ON balance",
        """NEW.book <> OLD.book OR NEW.account <> OLD.account OR NEW.commodity <> OLD.commodity
          OR NEW.floor_side <> OLD.floor_side
          OR NEW.amount - OLD.amount <> coalesce((
            SELECT sum(p.amount) FROM posting p WHERE p.book = NEW.book AND p.account = NEW.account
              AND p.commodity = NEW.commodity
              AND p.seq = (SELECT max(seq) FROM voucher WHERE book = NEW.book)), 0)""",
        "a balance moves with the voucher that is sealed",
    ),
    "posting_before_voucher": (
        "BEFORE INSERT ON posting",
        "NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM voucher WHERE book = NEW.book)",
        "postings come with the next voucher",
    ),
    "document_before_voucher": (
        "BEFORE INSERT ON document",
        "NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM voucher WHERE book = NEW.book)",
        "papers come with the next voucher",
    ),
    "contract_of_voucher": (
        "BEFORE INSERT ON contract",
        """NOT EXISTS (
          SELECT 1 FROM voucher WHERE book = NEW.book AND seq = NEW.seq AND event = 'contract'
            AND contract = NEW.code AND project = NEW.project AND payee = NEW.payee)
          OR EXISTS (
            SELECT 1 FROM contract c WHERE c.book = NEW.book AND c.code = NEW.code AND c.seq <> NEW.seq AND NOT EXISTS (
              SELECT 1 FROM voucher WHERE book = c.book AND reverses = c.seq))""",
        "a contract is what its voucher says",
    ),
    "observation_of_voucher": (
        "BEFORE INSERT ON observation",
        """NEW.seq IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM voucher
          WHERE book = NEW.book AND seq = NEW.seq AND event = 'acceptance' AND date = NEW.observed_on
            AND facts::json ->> ('indicator-' || NEW.indicator) = NEW.numerator || '/' || NEW.denominator)""",
        "an observation is what its voucher says",
    ),
    "voucher_dated": (
        "BEFORE INSERT ON voucher",
        # The length of the month is asked for only when the rest is a date, so that it cannot fail by itself.
        """CASE WHEN NEW.date !~ '^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' THEN true
          ELSE substr(NEW.date, 9)::int > extract(day FROM
            make_date(substr(NEW.date, 1, 4)::int, substr(NEW.date, 6, 2)::int, 1) + interval '1 month - 1 day') END
          OR NEW.date < (SELECT started_on FROM book WHERE code = NEW.book)
          OR NEW.date < coalesce((SELECT date FROM voucher WHERE book = NEW.book ORDER BY seq DESC LIMIT 1), '')""",
        "voucher dates never go back",
    ),
    "voucher_two_people": (
        "BEFORE INSERT ON voucher",
        """NEW.maker = NEW.approver
          OR NOT EXISTS (
            SELECT 1 FROM role_grant WHERE "user" = NEW.maker AND role = 'maker' AND book IN (NEW.book, '*'))
          OR NOT EXISTS (
            SELECT 1 FROM role_grant WHERE "user" = NEW.approver AND role = 'approver' AND book IN (NEW.book, '*'))""",
        "one makes and another approves",
    ),
    "voucher_balances": (
        "BEFORE INSERT ON voucher",
        """NOT EXISTS (SELECT 1 FROM posting WHERE book = NEW.book AND seq = NEW.seq)
          OR EXISTS (
            SELECT 1 FROM posting WHERE book = NEW.book AND seq = NEW.seq
            GROUP BY commodity HAVING sum(amount) <> 0)""",
        "each channel of a voucher sums to zero",
    ),
    "voucher_one_project": (
        "BEFORE INSERT ON voucher",
        """NEW.event <> 'year_end' AND EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND a.project NOT IN ('', NEW.project))""",
        "one voucher serves one project",
    ),
    "voucher_whole": (
        "BEFORE INSERT ON voucher",
        """NEW.event <> 'year_end' AND EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
            JOIN commodity c ON c.code = p.commodity
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND a.mirror <> '' AND c.kind <> 'quantity'
          GROUP BY a.mirror, c.channel
          HAVING sum(CASE c.kind WHEN 'budget' THEN -p.amount ELSE p.amount END) <> 0)""",
        "money and budget move together",
    ),
    "voucher_year_end": (
        "BEFORE INSERT ON voucher",
        """NEW.event = 'year_end' AND EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND a.role NOT IN (
            'subsidy_income', 'welfare_expense', 'other_expense', 'year_result', 'undistributed'))""",
        "the year end closes income and expense only",
    ),
    "voucher_earmarked": (
        "BEFORE INSERT ON voucher",
        """EXISTS (
          SELECT 1 FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
            JOIN commodity c ON c.code = p.commodity
          WHERE p.book = NEW.book AND p.seq = NEW.seq AND c.kind <> 'quantity' AND (
            (a.project <> '' AND NOT EXISTS (
              SELECT 1 FROM budget_line b WHERE b.book = a.book AND b.project = a.project AND b.channel = c.channel))
            OR (a.bank <> '' AND NOT EXISTS (
              SELECT 1 FROM bank_channel b WHERE b.book = a.book AND b.bank = a.bank AND b.channel = c.channel))))""",
        "a channel enters only where it may",
    ),
    "voucher_reverses": (
        "BEFORE INSERT ON voucher",
        """(NEW.event = 'reversal') <> (NEW.reverses IS NOT NULL) OR (NEW.reverses IS NOT NULL AND (
          NOT EXISTS (SELECT 1 FROM voucher WHERE book = NEW.book AND seq = NEW.reverses AND reverses IS NULL)
          OR EXISTS (
            SELECT 1 FROM posting WHERE book = NEW.book AND seq IN (NEW.seq, NEW.reverses)
            GROUP BY account, commodity HAVING sum(amount) <> 0)))""",
        "a reversal negates one voucher, and never a reversal",
    ),
    "voucher_leaf": (
        "BEFORE INSERT ON voucher",
        """NOT EXISTS (
          SELECT 1 FROM log_leaf WHERE log = NEW.book AND position = NEW.position AND kind = 'voucher'
            AND leaf_hash = NEW.leaf_hash AND leaf::json #>> '{data,number}' = NEW.number)
          OR NEW.position <> (SELECT max(position) FROM log_leaf WHERE log = NEW.book)""",
        "a voucher has its leaf in the log",
    ),
}

# Dates never go back, so the last voucher of a book knows how many its month has: only another month is counted.
_VOUCHER_NEXT = """
DECLARE
  last voucher;
  month text := substr(NEW.date, 1, 7);
  next text;
BEGIN
  SELECT * INTO last FROM voucher WHERE book = NEW.book ORDER BY seq DESC LIMIT 1;
  IF substr(last.number, 1, 7) = month THEN
    next := (substr(last.number, 9)::bigint + 1)::text;
  ELSE
    SELECT (1 + count(*))::text INTO next FROM voucher
    WHERE book = NEW.book AND number >= month || '-' AND number < month || '.';
  END IF;
  IF NEW.seq <> coalesce(last.seq + 1, 0)
    OR NEW.number <> month || '-' || lpad(next, greatest(4, length(next)), '0') THEN
    RAISE EXCEPTION 'earmark: a voucher has the next number of its book' {refuse};
  END IF;
  RETURN NEW;
END"""

_VOUCHER_MOVES_BALANCES = """
BEGIN
  UPDATE balance SET amount = balance.amount + moved.amount
  FROM (
    SELECT account, commodity, sum(amount) AS amount FROM posting
    WHERE book = NEW.book AND seq = NEW.seq GROUP BY account, commodity) moved
  WHERE balance.book = NEW.book AND balance.account = moved.account AND balance.commodity = moved.commodity;
  RETURN NULL;
END"""

# The books of whoever is connected. A function that belongs to the owner runs as the owner: only session_user tells.
_LOGIN = {
    "every_book": ("boolean", "SELECT EXISTS (SELECT 1 FROM login_book WHERE login = session_user AND book = '*')"),
    "known_login": ("boolean", "SELECT EXISTS (SELECT 1 FROM login_book WHERE login = session_user)"),
    "books_of_login": (
        "text[]",
        "SELECT coalesce(array_agg(book), '{}') FROM login_book WHERE login = session_user",
    ),
}

_SEAL = """
DECLARE
  of_book text := post #>> '{voucher,book}';
  sealed voucher := jsonb_populate_record(NULL::voucher, post -> 'voucher');
  said jsonb := (post ->> 'leaf')::jsonb;
  papers jsonb;
BEGIN
  IF of_book IS NULL OR NOT (every_book() OR of_book = ANY (books_of_login())) THEN
    RAISE EXCEPTION 'earmark: this login does not write in book %', of_book USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- One seal of a book at a time, whoever calls; references to the book do not wait for it.
  PERFORM 1 FROM book WHERE code = of_book FOR NO KEY UPDATE;

  SELECT coalesce(jsonb_agg(jsonb_build_object('sha256', paper ->> 0, 'suffix', paper ->> 1, 'size', paper -> 2)), '[]')
    INTO papers FROM jsonb_array_elements(post -> 'documents') paper;
  IF coalesce(NOT (
    said @> jsonb_build_object('log', of_book, 'position', sealed.position, 'kind', 'voucher')
    AND said -> 'data' @> ((post -> 'voucher') - '{facts,position,leaf_hash,reverses}'::text[])
    AND said #> '{data,facts}' = sealed.facts::jsonb
    AND said #>> '{data,reverses}' IS NOT DISTINCT FROM (
      SELECT number FROM voucher WHERE book = of_book AND seq = sealed.reverses)
    AND said #> '{data,documents}' @> papers AND papers @> (said #> '{data,documents}')
    AND said #> '{data,postings}' = (
      SELECT jsonb_agg(jsonb_build_array(
        posting ->> 0, posting ->> 1,
        CASE WHEN amount < 0 THEN '-' ELSE '' END || CASE c.scale WHEN 0 THEN abs(amount)::text ELSE
          div(abs(amount), 10::numeric ^ c.scale) || '.'
          || lpad(mod(abs(amount), 10::numeric ^ c.scale)::bigint::text, c.scale::int, '0')
        END) ORDER BY line)
      FROM jsonb_array_elements(post -> 'postings') WITH ORDINALITY AS each (posting, line)
        CROSS JOIN LATERAL (SELECT (posting ->> 2)::numeric AS amount) a
        JOIN commodity c ON c.code = posting ->> 1)
  ), true) THEN
    RAISE EXCEPTION 'earmark: a leaf says what its voucher says' {refuse};
  END IF;

  INSERT INTO account (book, name, role, project, contract, bank, normal, floored, mirror)
    SELECT of_book, a ->> 0, a ->> 1, a ->> 2, a ->> 3, a ->> 4, (a ->> 5)::bigint, (a ->> 6)::bigint, a ->> 7
    FROM jsonb_array_elements(post -> 'accounts') a
    WHERE NOT EXISTS (SELECT 1 FROM account WHERE book = of_book AND name = a ->> 0);
  INSERT INTO balance (book, account, commodity, floor_side, amount)
    SELECT of_book, b ->> 0, b ->> 1, (b ->> 2)::bigint, 0
    FROM jsonb_array_elements(post -> 'balances') b
    WHERE NOT EXISTS (SELECT 1 FROM balance WHERE book = of_book AND account = b ->> 0 AND commodity = b ->> 1);
  INSERT INTO log_leaf (log, position, kind, leaf, leaf_hash)
    VALUES (of_book, sealed.position, 'voucher', post ->> 'leaf', sealed.leaf_hash);
  INSERT INTO posting (book, seq, line, account, commodity, amount)
    SELECT of_book, sealed.seq, line - 1, p ->> 0, p ->> 1, (p ->> 2)::bigint
    FROM jsonb_array_elements(post -> 'postings') WITH ORDINALITY AS each (p, line);
  INSERT INTO document (book, seq, sha256, suffix, size)
    SELECT of_book, sealed.seq, d ->> 0, d ->> 1, (d ->> 2)::bigint FROM jsonb_array_elements(post -> 'documents') d;
  INSERT INTO voucher SELECT sealed.*;
  INSERT INTO private_value (book, seq, field, value, salt)
    SELECT of_book, sealed.seq, p ->> 0, p ->> 1, p ->> 2 FROM jsonb_array_elements(post -> 'private') p;
END"""

# Whoever asks for the answer under a key has to know what it was given for.
_ANSWER = """
BEGIN
  PERFORM pg_advisory_xact_lock(3, hashtext(of_key));
  IF NOT known_login() THEN
    RAISE EXCEPTION 'earmark: this login has no book' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT k.fingerprint = asked, CASE WHEN k.fingerprint = asked THEN k.answer END,
    CASE WHEN k.fingerprint = asked THEN k.answered_at END FROM command_key k WHERE k.key = of_key;
END"""

_OFFICE = ["users", "role_grant", "village", "channel", "good", "commodity", "chart_role"]
_OF_BOOK = [
    "bank",     "bank_channel",     "project",     "budget_line",     "contract",     "observation",
    "account",     "balance",     "voucher",     "posting",     "document",     "private_value",
    "work_draft",     "work_draft_number",     "work_dirty"
]  # fmt: skip
_REGISTERS = ["bank", "bank_channel", "project", "budget_line", "contract", "observation"]
_WORK = ["work_draft", "work_draft_number", "work_dirty"]


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _order_by_bytes()
    op.execute(
        'CREATE TABLE workspace (id text COLLATE "C" PRIMARY KEY, '
        "one boolean NOT NULL DEFAULT true, CONSTRAINT only_one UNIQUE (one), CONSTRAINT is_one CHECK (one))"
    )
    op.execute('CREATE TABLE login_book (login text COLLATE "C", book text COLLATE "C", PRIMARY KEY (login, book))')
    _rules()
    _functions()
    _rights()
    _rows_by_book()


def _order_by_bytes() -> None:
    """The same record gives the same bytes, whatever the database's locale."""
    columns = op.get_bind().exec_driver_sql(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type = 'text' ORDER BY 1, 2"
    )
    tables: dict[str, list[str]] = {}
    for table, column in columns:
        tables.setdefault(table, []).append(f'ALTER COLUMN "{column}" TYPE text COLLATE "C"')
    for table, changes in tables.items():
        op.execute(f"ALTER TABLE {table} {', '.join(changes)}")


def _function(name: str, returns: str, body: str, *, arguments: str = "", how: str = "LANGUAGE plpgsql") -> None:
    op.execute(f"CREATE FUNCTION {name}({arguments}) RETURNS {returns} {how} {PATH} AS $earmark${body}$earmark$")
    op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")


def _trigger(name: str, when: str, function: str, *, each: str = "ROW") -> None:
    op.execute(f"CREATE TRIGGER {name} {when} FOR EACH {each} EXECUTE FUNCTION {function}()")
    # Replication and session_replication_role do not switch it off.
    op.execute(f"ALTER TABLE {when.rpartition(' ')[2]} ENABLE ALWAYS TRIGGER {name}")


def _rules() -> None:
    stays = f"BEGIN RAISE EXCEPTION 'earmark: % stays as it is', TG_TABLE_NAME {_REFUSE}; END"
    _function("stays", "trigger", stays)
    for table in _STAYS:
        if table not in _MOVES:
            _trigger(f"{table}_no_update", f"BEFORE UPDATE ON {table}", "stays")
        if table not in _ERASED:
            _trigger(f"{table}_no_delete", f"BEFORE DELETE ON {table}", "stays")
        _trigger(f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table}", "stays", each="STATEMENT")
    for name, (when, broken, says) in _RULES.items():
        body = f"BEGIN IF ({broken}) THEN RAISE EXCEPTION 'earmark: {says}' {_REFUSE}; END IF; RETURN NEW; END"
        _function(name, "trigger", body)
        _trigger(name, when, name)
    _function("voucher_next", "trigger", _VOUCHER_NEXT.replace("{refuse}", _REFUSE))
    _trigger("voucher_next", "BEFORE INSERT ON voucher", "voucher_next")
    _function("voucher_moves_balances", "trigger", _VOUCHER_MOVES_BALANCES)
    _trigger("voucher_moves_balances", "AFTER INSERT ON voucher", "voucher_moves_balances")


def _functions() -> None:
    for name, (returns, query) in _LOGIN.items():
        _function(name, returns, query, how="LANGUAGE sql STABLE SECURITY DEFINER")
    as_owner = "LANGUAGE plpgsql SECURITY DEFINER"
    _function("earmark_seal", "void", _SEAL.replace("{refuse}", _REFUSE), arguments="post jsonb", how=as_owner)
    _function(
        "earmark_answer",
        "TABLE (same boolean, answer text, answered_at text)",
        _ANSWER,
        arguments="of_key text, asked text",
        how=as_owner,
    )


def _rights() -> None:
    op.execute(
        "DO $$ BEGIN CREATE ROLE earmark_app NOLOGIN; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {GROUP}")
    seen = ["book", "log_leaf", "alembic_version", "workspace", *_OFFICE, *_OF_BOOK]
    op.execute(f"GRANT SELECT ON {', '.join(seen)} TO {GROUP}")
    op.execute(f"GRANT INSERT ON book, log_leaf, command_key, {', '.join(_OFFICE + _REGISTERS)} TO {GROUP}")
    op.execute(f"GRANT UPDATE (planned) ON budget_line TO {GROUP}")
    op.execute(f"GRANT DELETE ON private_value TO {GROUP}")
    op.execute(f"GRANT INSERT, UPDATE, DELETE ON {', '.join(_WORK)} TO {GROUP}")
    for name in [*_LOGIN, "earmark_seal", "earmark_answer"]:
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {GROUP}")


def _rows_by_book() -> None:
    every, known = "(SELECT every_book())", "(SELECT known_login())"

    def own(column: str) -> str:
        return f"({every} OR {column} = ANY ((SELECT books_of_login())::text[]))"

    for table in ["book", "log_leaf", "command_key", *_OFFICE, *_OF_BOOK]:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table in _OFFICE:
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT USING ({known})")
        op.execute(f"CREATE POLICY written ON {table} FOR INSERT WITH CHECK ({every})")
    op.execute(f"CREATE POLICY written ON command_key FOR INSERT WITH CHECK ({known})")
    op.execute(f"CREATE POLICY seen ON book FOR SELECT USING ({own('code')})")
    op.execute(f"CREATE POLICY written ON book FOR INSERT WITH CHECK ({every})")
    for table in _OF_BOOK:
        op.execute(f"CREATE POLICY of_book ON {table} USING ({own('book')}) WITH CHECK ({own('book')})")
    op.execute(f"CREATE POLICY seen ON log_leaf FOR SELECT USING ({own('log')} OR (log = 'office' AND {known}))")
    # What belongs to no book is written by a login of every book; one of a single book signs, erases and mends.
    op.execute(
        f"CREATE POLICY written ON log_leaf FOR INSERT WITH CHECK (kind <> 'voucher' AND ({own('log')} "
        f"OR (log = 'office' AND {known} AND kind IN ('checkpoint', 'erasure', 'rewrite'))))"
    )
