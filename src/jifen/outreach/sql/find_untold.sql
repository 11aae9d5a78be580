-- The next accounts with points past their last day that did not end, because their members were to
-- be told and were not; with what became of the last notice of that unit.
-- Locks nothing. Indexes: lot_account, from the last account on; account_idle; notice_member.
WITH spared AS (
    SELECT
        lot.account_id,
        lot.remaining,
        lot.expires_at AS ended_at
    FROM lot
    INNER JOIN account
        ON
            account.programme_id = %(programme_id)s
            AND lot.account_id = account.id
    INNER JOIN unit
        ON
            unit.programme_id = %(programme_id)s
            AND account.unit_id = unit.id
    LEFT JOIN lot_notice AS told
        ON
            told.programme_id = %(programme_id)s
            AND lot.account_id = told.account_id
            AND lot.expires_at = told.expires_at
    WHERE
        lot.programme_id = %(programme_id)s
        AND lot.account_id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND lot.expires_at <= %(at)s
        AND unit.guarded_from < lot.expires_at
        AND told.until IS NULL
    UNION ALL
    SELECT
        lot.account_id,
        lot.remaining,
        account.idle_at AS ended_at
    FROM account
    INNER JOIN unit
        ON
            unit.programme_id = %(programme_id)s
            AND account.unit_id = unit.id
    INNER JOIN lot
        ON
            lot.programme_id = %(programme_id)s
            AND account.id = lot.account_id
            AND coalesce(lot.expires_at > %(at)s, TRUE)
    LEFT JOIN lot_notice AS told
        ON
            told.programme_id = %(programme_id)s
            AND account.id = told.account_id
            AND account.idle_at = told.expires_at
    WHERE
        account.programme_id = %(programme_id)s
        AND account.id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND account.idle_at <= %(at)s
        AND unit.guarded_from < account.idle_at
        AND told.until IS NULL
),

summed AS (
    SELECT
        spared.account_id,
        sum(spared.remaining)::bigint AS points,
        min(spared.ended_at) AS ended_at
    FROM spared
    GROUP BY spared.account_id
    ORDER BY spared.account_id
    LIMIT %(limit)s
)

SELECT
    account.id,
    account.member_id,
    unit.id AS unit_id,
    unit.code,
    unit.guarded_from,
    summed.points,
    summed.ended_at,
    CASE
        WHEN last_notice.state = 'failed' THEN last_notice.reason
        WHEN last_notice.state = 'planned' THEN 'planned'
        ELSE 'not_planned'
    END AS reason
FROM account
INNER JOIN summed ON account.id = summed.account_id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
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
