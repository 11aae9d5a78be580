-- The next accounts of a unit in which something ends by itself on one of some days, with how much:
-- lots of that day, and all that is left then in an account that is not used. Days of which the
-- member has a notice are left out.
-- Locks nothing: what is found is inserted once by a unique key.
-- Indexes: lot_account, from the last account on, where other dates are passed over in the index;
-- account_idle; notice_once; primary keys. LIMIT 1 keeps the planner at one look for each.
WITH span AS (
    SELECT t.*
    FROM
        unnest(
            %(days)s::int [],
            %(ends_ons)s::date [],
            %(begins_ats)s::timestamptz [],
            %(ends_ats)s::timestamptz []
        ) AS t (days_before, ends_on, begins_at, ends_at)
),

dated AS (
    SELECT DISTINCT lot.account_id AS id
    FROM lot
    CROSS JOIN
        LATERAL (
            SELECT found.unit_id
            FROM account AS found
            WHERE found.programme_id = %(programme_id)s AND found.id = lot.account_id
            LIMIT 1 -- noqa: AM09
        ) AS account
    INNER JOIN span ON lot.expires_at > span.begins_at AND lot.expires_at <= span.ends_at
    WHERE
        lot.programme_id = %(programme_id)s
        AND lot.account_id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND account.unit_id = %(unit_id)s
    ORDER BY lot.account_id
    LIMIT %(limit)s
),

idle AS (
    SELECT account.id
    FROM account
    INNER JOIN span ON account.idle_at > span.begins_at AND account.idle_at <= span.ends_at
    WHERE
        account.programme_id = %(programme_id)s
        AND account.id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND account.unit_id = %(unit_id)s
        AND account.available + account.pending > 0
    ORDER BY account.id
    LIMIT %(limit)s
),

chosen AS (
    SELECT either.id
    FROM (
        SELECT dated.id
        FROM dated
        UNION
        SELECT idle.id
        FROM idle
    ) AS either
    ORDER BY either.id
    LIMIT %(limit)s
)

SELECT
    account.id,
    account.member_id,
    ending.days_before,
    coalesce(ending.points, 0)::bigint AS points
FROM account
INNER JOIN chosen ON account.id = chosen.id
LEFT JOIN LATERAL (
    SELECT
        span.days_before,
        sum(lot.remaining) AS points
    FROM lot
    INNER JOIN span
        ON
            (lot.expires_at > span.begins_at AND lot.expires_at <= span.ends_at)
            OR (
                account.idle_at > span.begins_at
                AND account.idle_at <= span.ends_at
                AND coalesce(lot.expires_at > span.begins_at, TRUE)
            )
    WHERE
        lot.programme_id = %(programme_id)s
        AND lot.account_id = account.id
        AND NOT EXISTS (
            SELECT 1
            FROM notice
            WHERE
                notice.programme_id = %(programme_id)s
                AND notice.member_id = account.member_id
                AND notice.unit_id = account.unit_id
                AND notice.kind = 'expiry'
                AND notice.ends_on = span.ends_on
                AND notice.days_before = span.days_before
                AND NOT notice.is_late
        )
    GROUP BY span.days_before
) AS ending ON TRUE
WHERE account.programme_id = %(programme_id)s
ORDER BY account.id, ending.days_before
