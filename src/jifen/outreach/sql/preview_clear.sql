-- What a clear would end now, by the store where it was earned; see spared_lots.sql for what stays.
-- Locks nothing; reads the unit's lots and the postings that opened them.
SELECT
    posting.store_id,
    count(*) AS lots,
    count(DISTINCT account.member_id) AS members,
    sum(lot.remaining)::bigint AS points
FROM lot
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND lot.account_id = account.id
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
    AND account.unit_id = %(unit_id)s
    AND ledger_transaction.booked_at < %(ends_at)s
    AND (
        NOT %(is_required)s::boolean
        OR EXISTS (
            SELECT 1
            FROM notice
            WHERE
                notice.programme_id = %(programme_id)s
                AND notice.clearing_id = %(clearing_id)s
                AND notice.member_id = account.member_id
                AND notice.state = 'sent'
                AND notice.ends_at <= %(at)s
        )
    )
GROUP BY posting.store_id
ORDER BY posting.store_id
