-- A member's accounts as they stand at a time: lots whose time has come no longer count.
-- Locks nothing. Indexes: account_once; lot_account.
SELECT
    unit.code,
    (account.available - coalesce(due.points, 0))::bigint AS available,
    account.pending,
    account.held,
    account.deficit
FROM account
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
LEFT JOIN LATERAL (
    SELECT sum(lot.remaining) AS points
    FROM lot
    WHERE
        lot.programme_id = %(programme_id)s
        AND lot.account_id = account.id
        AND lot.expires_at <= %(at)s
) AS due ON TRUE
WHERE account.programme_id = %(programme_id)s AND account.member_id = %(member_id)s
ORDER BY unit.id
