-- The next accounts that have lots or holds whose time has come, or that were not used for too
-- long, in the order of their ids, and whether they hold anything; but for what the member was to
-- be told first and was not.
-- Locks nothing: what is found is looked at again under the members' locks.
-- Indexes: lot_account (programme_id, account_id, expires_at), from the last account on, where what
-- is not due is passed over in the index; account_idle from there on; primary keys.
WITH dated AS (
    SELECT DISTINCT lot.account_id AS id
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
    LEFT JOIN lot_notice AS told
        ON
            told.programme_id = %(programme_id)s
            AND account.id = told.account_id
            AND account.idle_at = told.expires_at
    WHERE
        account.programme_id = %(programme_id)s
        AND account.id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
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
    account.id,
    account.member_id,
    account.held > 0 AS holds
FROM account
INNER JOIN due ON account.id = due.id
WHERE account.programme_id = %(programme_id)s
ORDER BY account.id
LIMIT %(limit)s
