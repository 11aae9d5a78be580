-- Of the next accounts, a stretch of them in the order of their ids, those that have lots or holds
-- whose time has come, or that were not used for too long, and whether they hold anything; but for
-- what the member was to be told first and was not. Each row has the last id of the stretch, NULL
-- where it is the end; if nothing is due in it, that is all there is.
-- Without a stretch, whichever of the three kinds is rare would be looked for to the end of the
-- programme, for each slice again.
-- Locks nothing: what is found is looked at again under the members' locks.
-- Indexes: lot_account (programme_id, account_id, expires_at), where what is not due is passed over
-- in the index; account_idle; hold_account; primary keys.
-- LIMIT keeps the planner at one look into the index for each, whatever it thinks of sizes.
WITH stretch AS (
    SELECT account.id
    FROM account
    WHERE
        account.programme_id = %(programme_id)s
        AND account.id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
    ORDER BY account.id
    LIMIT
        1
        OFFSET %(stretch)s - 1
),

reach AS (
    SELECT
        coalesce(
            (SELECT stretch.id FROM stretch), 'ffffffff-ffff-ffff-ffff-ffffffffffff'
        ) AS id
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
        AND lot.account_id <= (SELECT reach.id FROM reach)
        AND lot.expires_at <= %(at)s
        AND CASE
            WHEN unit.guarded_from < lot.expires_at THEN told.until
            ELSE lot.expires_at
        END <= %(at)s
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
    WHERE
        account.programme_id = %(programme_id)s
        AND account.id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND account.id <= (SELECT reach.id FROM reach)
        AND account.idle_at <= %(at)s
        AND account.available + account.pending > 0
        AND CASE
            WHEN unit.guarded_from < account.idle_at THEN told.until
            ELSE account.idle_at
        END <= %(at)s
    ORDER BY account.id
    LIMIT %(limit)s
),

ended AS (
    SELECT DISTINCT hold.account_id AS id
    FROM hold
    WHERE
        hold.programme_id = %(programme_id)s
        AND hold.account_id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND hold.account_id <= (SELECT reach.id FROM reach)
        AND hold.expires_at <= %(at)s
    ORDER BY hold.account_id
    LIMIT %(limit)s
),

due AS (
    SELECT dated.id
    FROM dated
    UNION
    SELECT idle.id
    FROM idle
    UNION
    SELECT ended.id
    FROM ended
)

SELECT
    (SELECT stretch.id FROM stretch) AS last_id,
    account.id,
    account.member_id,
    account.held > 0 AS holds
FROM reach
LEFT JOIN due ON reach.id >= due.id
LEFT JOIN LATERAL (
    SELECT
        found.id,
        found.member_id,
        found.held
    FROM account AS found
    WHERE found.programme_id = %(programme_id)s AND found.id = due.id
    LIMIT 1 -- noqa: AM09
) AS account ON TRUE
ORDER BY due.id
LIMIT %(limit)s
