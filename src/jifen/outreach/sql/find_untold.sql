-- The next accounts with points past their last day that did not end, because their members were to
-- be told and were not; with what became of the last notice of that unit.
-- Locks nothing. Indexes: lot_account, from the last account on, where what is not due is passed
-- over in the index; account_idle; notice_member; primary keys.
-- Accounts are chosen before anything is summed, so a page costs a page. LIMIT keeps the planner at
-- one look into the index for each, whatever it thinks of sizes.
WITH dated AS (
    SELECT DISTINCT lot.account_id AS id
    FROM lot
    CROSS JOIN
        LATERAL (
            SELECT found.unit_id
            FROM account AS found
            WHERE found.programme_id = %(programme_id)s AND found.id = lot.account_id
            LIMIT 1 -- noqa: AM09
        ) AS account
    INNER JOIN unit
        ON
            unit.programme_id = %(programme_id)s
            AND account.unit_id = unit.id
    LEFT JOIN LATERAL (
        SELECT found.until
        FROM lot_notice AS found
        WHERE
            found.programme_id = %(programme_id)s
            AND found.account_id = lot.account_id
            AND found.expires_at = lot.expires_at
        LIMIT 1 -- noqa: AM09
    ) AS told ON TRUE
    WHERE
        lot.programme_id = %(programme_id)s
        AND lot.account_id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND lot.expires_at <= %(at)s
        AND unit.guarded_from < lot.expires_at
        AND told.until IS NULL
    ORDER BY lot.account_id
    LIMIT %(limit)s
),

idle AS (
    SELECT account.id
    FROM account
    INNER JOIN unit
        ON
            unit.programme_id = %(programme_id)s
            AND account.unit_id = unit.id
    LEFT JOIN LATERAL (
        SELECT found.until
        FROM lot_notice AS found
        WHERE
            found.programme_id = %(programme_id)s
            AND found.account_id = account.id
            AND found.expires_at = account.idle_at
        LIMIT 1 -- noqa: AM09
    ) AS told ON TRUE
    CROSS JOIN
        LATERAL (
            SELECT found.id
            FROM lot AS found
            WHERE
                found.programme_id = %(programme_id)s
                AND found.account_id = account.id
                AND coalesce(found.expires_at > %(at)s, TRUE)
            LIMIT 1 -- noqa: AM09
        ) AS living
    WHERE
        account.programme_id = %(programme_id)s
        AND account.id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND account.idle_at <= %(at)s
        AND account.available + account.pending > 0
        AND unit.guarded_from < account.idle_at
        AND told.until IS NULL
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
    unit.id AS unit_id,
    unit.code,
    unit.guarded_from,
    spared.points,
    spared.ended_at,
    CASE
        WHEN last_notice.state = 'failed' THEN last_notice.reason
        WHEN last_notice.state = 'planned' THEN 'planned'
        ELSE 'not_planned'
    END AS reason
FROM account
INNER JOIN chosen ON account.id = chosen.id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
CROSS JOIN
    LATERAL (
        SELECT
            sum(lot.remaining)::bigint AS points,
            min(ending.at) AS ended_at
        FROM lot
        CROSS JOIN
            LATERAL (
                SELECT
                    CASE
                        WHEN lot.expires_at <= %(at)s THEN lot.expires_at
                        ELSE account.idle_at
                    END AS at
            ) AS ending
        WHERE
            lot.programme_id = %(programme_id)s
            AND lot.account_id = account.id
            AND ending.at <= %(at)s
            AND unit.guarded_from < ending.at
            AND NOT EXISTS (
                SELECT 1
                FROM lot_notice AS told
                WHERE
                    told.programme_id = %(programme_id)s
                    AND told.account_id = account.id
                    AND told.expires_at = ending.at
            )
    ) AS spared
LEFT JOIN LATERAL (
    SELECT
        notice.state,
        notice.reason
    FROM notice
    WHERE
        notice.programme_id = %(programme_id)s
        AND notice.member_id = account.member_id
        AND notice.unit_id = account.unit_id
        AND notice.kind = 'expiry'
    ORDER BY notice.id DESC
    LIMIT 1
) AS last_notice ON TRUE
WHERE account.programme_id = %(programme_id)s
ORDER BY account.id
