-- What closing due lots at a time would take, by unit and by the store where they were earned.
-- Locks nothing; reads the lots and the postings that opened them.
SELECT
    unit.code,
    posting.store_id,
    count(*) AS lots,
    count(DISTINCT account.member_id) AS members,
    sum(lot.remaining)::bigint AS points
FROM lot
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND lot.account_id = account.id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
INNER JOIN posting
    ON
        posting.programme_id = %(programme_id)s
        AND lot.id = posting.id
LEFT JOIN lot_notice AS told
    ON
        told.programme_id = %(programme_id)s
        AND lot.account_id = told.account_id
        AND lot.expires_at = told.expires_at
LEFT JOIN lot_notice AS idle_told
    ON
        idle_told.programme_id = %(programme_id)s
        AND account.id = idle_told.account_id
        AND account.idle_at = idle_told.expires_at
WHERE
    lot.programme_id = %(programme_id)s
    AND (
        CASE
            WHEN unit.guarded_from < lot.expires_at THEN told.until
            ELSE lot.expires_at
        END <= %(at)s
        OR CASE
            WHEN unit.guarded_from < account.idle_at THEN idle_told.until
            ELSE account.idle_at
        END <= %(at)s
    )
GROUP BY unit.code, posting.store_id
ORDER BY unit.code, posting.store_id
