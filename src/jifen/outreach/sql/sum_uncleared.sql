-- How many members keep how much for which a clear was meant, because nobody told them; see
-- find_uncleared.sql. Locks nothing; reads the unit's lots and the postings that opened them.
SELECT
    count(DISTINCT account.member_id) AS members,
    coalesce(sum(lot.remaining), 0)::bigint AS points
FROM account
INNER JOIN lot
    ON
        lot.programme_id = %(programme_id)s
        AND account.id = lot.account_id
INNER JOIN posting
    ON
        posting.programme_id = %(programme_id)s
        AND lot.id = posting.id
INNER JOIN ledger_transaction
    ON
        ledger_transaction.programme_id = %(programme_id)s
        AND posting.transaction_id = ledger_transaction.id
WHERE
    account.programme_id = %(programme_id)s
    AND account.unit_id = %(unit_id)s
    AND ledger_transaction.booked_at < %(ends_at)s
    AND NOT EXISTS (
        SELECT 1
        FROM notice
        WHERE
            notice.programme_id = %(programme_id)s
            AND notice.clearing_id = %(clearing_id)s
            AND notice.member_id = account.member_id
            AND notice.state = 'sent'
    )
