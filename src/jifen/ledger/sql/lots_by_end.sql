-- What members may spend at a time, by unit and by when it ends: their open lots but for those that
-- are pending or over, as lots.sql says. What does not end comes last.
-- Locks nothing. Indexes: account_once; lot_account; the primary key of lot_notice.
SELECT
    account.member_id,
    unit.code AS unit,
    lasts.ends_at,
    sum(lot.remaining)::bigint AS points
FROM account
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
INNER JOIN lot
    ON
        lot.programme_id = %(programme_id)s
        AND account.id = lot.account_id
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
LEFT JOIN LATERAL (
    SELECT
        least(
            CASE WHEN unit.guarded_from < lot.expires_at THEN told.until ELSE lot.expires_at END,
            CASE
                WHEN unit.guarded_from < account.idle_at THEN idle_told.until
                ELSE account.idle_at
            END
        ) AS ends_at
) AS lasts ON TRUE
WHERE
    account.programme_id = %(programme_id)s
    AND account.member_id = any(%(members)s::uuid [])
    AND coalesce(lasts.ends_at > %(at)s::timestamptz, TRUE)
    AND NOT (lot.is_pending AND coalesce(lot.ripens_at > %(at)s::timestamptz, TRUE))
GROUP BY account.member_id, unit.code, lasts.ends_at
ORDER BY account.member_id ASC, unit.code ASC, lasts.ends_at ASC NULLS LAST
