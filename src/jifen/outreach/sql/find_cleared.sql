-- The next accounts of a unit that have open lots, with how much of it an announced clear will end:
-- what does not end by itself before. Those whose member has that notice have nothing more.
-- Locks nothing. Indexes: primary key of account, from the last one on; lot_account;
-- notice_clearing. LIMIT 1 keeps the planner at one look for each.
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
    ORDER BY account.id
    LIMIT %(limit)s
)

SELECT
    chosen.id,
    chosen.member_id,
    %(days_before)s::int AS days_before,
    coalesce(
        sum(lot.remaining) FILTER (WHERE coalesce(lot.expires_at > %(ends_at)s, TRUE)), 0
    )::bigint AS points
FROM chosen
LEFT JOIN LATERAL (
    SELECT found.id
    FROM notice AS found
    WHERE
        found.programme_id = %(programme_id)s
        AND found.clearing_id = %(clearing_id)s
        AND found.member_id = chosen.member_id
        AND found.days_before = %(days_before)s
        AND NOT found.is_late
    LIMIT 1 -- noqa: AM09
) AS told ON TRUE
LEFT JOIN lot
    ON
        lot.programme_id = %(programme_id)s
        AND chosen.id = lot.account_id
        AND told.id IS NULL
GROUP BY chosen.id, chosen.member_id
ORDER BY chosen.id
