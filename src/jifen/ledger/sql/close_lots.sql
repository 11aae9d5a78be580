-- Close lots of accounts: those that are due, or with a unit all of its lots. One transaction and
-- one posting an account, a draw-down for each lot in burn order, as the first act on the account
-- would have closed them.
-- Locks: accounts and lots; the members are locked. Index: lot_account; primary keys.
-- Ids are two that the application made, with the account's number as their last eight digits; what
-- comes here is the rest of them. So a draw-down tells its posting without a join; the planner, who
-- cannot know how many rows the steps before have, would compare each lot with each account.
-- What was not told where that is promised is not due, as in due_accounts.sql.
WITH chosen AS MATERIALIZED (
    SELECT
        account.id,
        unit.guarded_from,
        CASE
            WHEN unit.guarded_from < account.idle_at THEN told.until
            ELSE account.idle_at
        END AS over_at
    FROM account
    INNER JOIN unit
        ON
            unit.programme_id = %(programme_id)s
            AND account.unit_id = unit.id
    LEFT JOIN lot_notice AS told
        ON
            told.programme_id = %(programme_id)s
            AND account.id = told.account_id
            AND account.idle_at = told.expires_at
    WHERE
        account.programme_id = %(programme_id)s
        AND account.id = any(%(accounts)s::uuid [])
),

closing AS MATERIALIZED (
    SELECT
        lot.id,
        lot.account_id,
        lot.remaining,
        lot.is_pending,
        row_number() OVER (
            PARTITION BY lot.account_id
            ORDER BY lot.expires_at ASC NULLS LAST, lot.seq ASC
        ) - 1 AS rank,
        dense_rank() OVER (ORDER BY lot.account_id ASC) AS place
    FROM lot
    INNER JOIN chosen ON lot.account_id = chosen.id
    LEFT JOIN lot_notice AS told
        ON
            told.programme_id = %(programme_id)s
            AND lot.account_id = told.account_id
            AND lot.expires_at = told.expires_at
    WHERE
        lot.programme_id = %(programme_id)s
        AND lot.account_id = any(%(accounts)s::uuid [])
        AND (
            %(unit_id)s::uuid IS NOT NULL
            OR chosen.over_at <= %(at)s
            OR CASE
                WHEN chosen.guarded_from < lot.expires_at THEN told.until
                ELSE lot.expires_at
            END <= %(at)s
        )
        AND NOT lot.id = any(%(spared)s::uuid [])
),

step AS MATERIALIZED (
    SELECT
        account.id,
        account.unit_id,
        account.seq + 1 AS seq,
        account.available - coalesce(sums.available, 0) AS available,
        account.pending - coalesce(sums.pending, 0) AS pending,
        account.held,
        account.deficit,
        sums.points,
        sums.lots,
        (%(transaction_id)s::text || lpad(to_hex(sums.place), 8, '0'))::uuid AS transaction_id,
        (%(posting_id)s::text || lpad(to_hex(sums.place), 8, '0'))::uuid AS posting_id
    FROM account
    INNER JOIN (
        SELECT
            account_id,
            place,
            sum(remaining) AS points,
            sum(remaining) FILTER (WHERE NOT is_pending) AS available,
            sum(remaining) FILTER (WHERE is_pending) AS pending,
            count(*) AS lots
        FROM closing
        GROUP BY account_id, place
    ) AS sums ON account.id = sums.account_id
    WHERE account.programme_id = %(programme_id)s
),

transactions AS (
    INSERT INTO ledger_transaction (
        programme_id, id, kind, actor, reason, occurred_at, booked_at
    )
    SELECT
        %(programme_id)s,
        step.transaction_id,
        %(kind)s,
        %(actor)s,
        %(reason)s,
        %(at)s AS occurred_at,
        %(at)s AS booked_at
    FROM step
),

postings AS (
    INSERT INTO posting (
        programme_id,
        id,
        transaction_id,
        account_id,
        seq,
        kind,
        contra,
        amount,
        balance_after,
        deficit_after,
        rule,
        is_pending,
        pending_after,
        held_after
    )
    SELECT
        %(programme_id)s,
        step.posting_id,
        step.transaction_id,
        step.id,
        step.seq,
        'expire',
        'breakage',
        -step.points,
        step.available + step.pending + step.held - step.deficit,
        step.deficit,
        '',
        FALSE,
        step.pending,
        step.held
    FROM step
),

draw_downs AS (
    INSERT INTO draw_down (programme_id, posting_id, lot_id, rank, amount)
    SELECT
        %(programme_id)s,
        (%(posting_id)s::text || lpad(to_hex(closing.place), 8, '0'))::uuid,
        closing.id,
        closing.rank,
        closing.remaining
    FROM closing
    ORDER BY closing.place, closing.rank
),

accounts AS (
    UPDATE account
    SET
        available = step.available,
        pending = step.pending,
        seq = step.seq
    FROM step
    WHERE
        account.programme_id = %(programme_id)s
        AND account.id = step.id
),

gone AS (
    DELETE FROM lot
    USING closing
    WHERE
        lot.programme_id = %(programme_id)s
        AND lot.id = closing.id
)

SELECT
    unit.code,
    count(*) AS accounts,
    sum(step.lots)::bigint AS lots,
    sum(step.points)::bigint AS points
FROM step
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND step.unit_id = unit.id
GROUP BY unit.code
ORDER BY unit.code
