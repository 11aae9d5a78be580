-- Which lots of some accounts a clear leaves: what was booked since its time had come, and where a
-- notice is required, everything of members who were not told, or were told of a later day.
-- Locks nothing: the members are locked. Indexes: lot_account; primary keys; notice_clearing.
-- LIMIT 1 keeps the planner at one look for each.
SELECT lot.id
FROM lot
CROSS JOIN
    LATERAL (
        SELECT found.member_id
        FROM account AS found
        WHERE found.programme_id = %(programme_id)s AND found.id = lot.account_id
        LIMIT 1 -- noqa: AM09
    ) AS account
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
    AND lot.account_id = any(%(accounts)s::uuid [])
    AND (
        ledger_transaction.booked_at >= %(ends_at)s
        OR (
            %(is_required)s::boolean
            AND NOT EXISTS (
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
    )
