-- The next accounts with points that a clear would have ended, but whose members were to be told of
-- it and were not; with what became of the last notice of it.
-- Locks nothing. Indexes: primary keys; lot_account; notice_clearing.
WITH chosen AS (
    SELECT
        account.id,
        account.member_id,
        account.unit_id
    FROM account
    WHERE
        account.programme_id = %(programme_id)s
        AND account.id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND account.unit_id = %(unit_id)s
        AND account.available + account.pending > 0
        AND NOT EXISTS (
            SELECT 1
            FROM notice
            WHERE
                notice.programme_id = %(programme_id)s
                AND notice.clearing_id = %(clearing_id)s
                AND notice.member_id = account.member_id
                AND notice.state = 'sent'
        )
        AND EXISTS (
            SELECT 1
            FROM lot
            INNER JOIN posting
                ON
                    posting.programme_id = %(programme_id)s
                    AND lot.id = posting.id
            INNER JOIN ledger_transaction
                ON
                    ledger_transaction.programme_id = %(programme_id)s
                    AND posting.transaction_id = ledger_transaction.id
            WHERE
                lot.programme_id = %(programme_id)s
                AND lot.account_id = account.id
                AND ledger_transaction.booked_at < %(ends_at)s
        )
    ORDER BY account.id
    LIMIT %(limit)s
)

SELECT
    chosen.id,
    chosen.member_id,
    sum(lot.remaining)::bigint AS points,
    coalesce(max(last_notice.reason), 'not_planned') AS reason
FROM chosen
INNER JOIN lot
    ON
        lot.programme_id = %(programme_id)s
        AND chosen.id = lot.account_id
INNER JOIN posting
    ON
        posting.programme_id = %(programme_id)s
        AND lot.id = posting.id
INNER JOIN ledger_transaction
    ON
        ledger_transaction.programme_id = %(programme_id)s
        AND posting.transaction_id = ledger_transaction.id
LEFT JOIN LATERAL (
    SELECT
        CASE
            WHEN notice.state = 'failed' THEN notice.reason
            ELSE 'planned'
        END AS reason
    FROM notice
    WHERE
        notice.programme_id = %(programme_id)s
        AND notice.clearing_id = %(clearing_id)s
        AND notice.member_id = chosen.member_id
    ORDER BY notice.id DESC
    LIMIT 1
) AS last_notice ON TRUE
WHERE ledger_transaction.booked_at < %(ends_at)s
GROUP BY chosen.id, chosen.member_id
ORDER BY chosen.id
