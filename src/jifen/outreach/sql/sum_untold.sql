-- How many members keep how much past its last day because nobody told them, by unit; see
-- find_untold.sql. Locks nothing; reads the programme's due lots and accounts that are not used.
WITH spared AS (
    SELECT
        account.member_id,
        unit.code,
        lot.remaining
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
        AND lot.expires_at <= %(at)s
        AND unit.guarded_from < lot.expires_at
        AND told.until IS NULL
    UNION ALL
    SELECT
        account.member_id,
        unit.code,
        lot.remaining
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
        AND account.idle_at <= %(at)s
        AND unit.guarded_from < account.idle_at
        AND told.until IS NULL
)

SELECT
    spared.code,
    count(DISTINCT spared.member_id) AS members,
    sum(spared.remaining)::bigint AS points
FROM spared
GROUP BY spared.code
ORDER BY spared.code
