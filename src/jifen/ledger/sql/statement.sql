-- A page of a member's postings, the newest first, before a given one.
-- Locks nothing. Indexes: account_once; posting_order backwards per account.
SELECT
    posting.id,
    posting.transaction_id,
    unit.code,
    posting.seq,
    posting.kind,
    posting.contra,
    posting.amount,
    posting.balance_after,
    posting.rule,
    posting.expires_at,
    ledger_transaction.occurred_at,
    ledger_transaction.booked_at,
    ledger_transaction.reason,
    ledger_transaction.actor,
    posting.pending_after,
    posting.held_after,
    posting.deficit_after,
    coalesce(drawn.points, abs(posting.amount))::bigint AS moved
FROM account
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
INNER JOIN posting
    ON
        posting.programme_id = %(programme_id)s
        AND account.id = posting.account_id
        AND (%(before)s::int IS NULL OR posting.seq < %(before)s::int)
INNER JOIN ledger_transaction
    ON
        ledger_transaction.programme_id = %(programme_id)s
        AND posting.transaction_id = ledger_transaction.id
LEFT JOIN LATERAL (
    SELECT
        greatest(
            sum(draw_down.amount) FILTER (WHERE draw_down.amount > 0),
            -sum(draw_down.amount) FILTER (WHERE draw_down.amount < 0)
        ) AS points
    FROM draw_down
    WHERE
        posting.amount = 0
        AND draw_down.programme_id = %(programme_id)s
        AND draw_down.posting_id = posting.id
) AS drawn ON TRUE
WHERE
    account.programme_id = %(programme_id)s
    AND account.member_id = %(member_id)s
    AND unit.code = %(unit)s
ORDER BY posting.seq DESC
LIMIT %(limit)s
