-- The accounts of some members as they are stored, and of each whether time has changed it since:
-- a lot has ended or ripened, a hold has ended, or the whole account was not used for too long.
-- What is left then, rules/reading.py says.
-- Locks nothing. Indexes: account_once; lot_account; hold_account.
-- Whoever has nothing pending and nothing held is not asked for either.
SELECT
    account.id,
    account.member_id,
    unit.code,
    account.available,
    account.pending,
    account.held,
    account.deficit,
    coalesce(account.idle_at <= %(at)s, FALSE) AND account.available + account.pending > 0
    OR EXISTS (
        SELECT 1
        FROM lot
        WHERE
            lot.programme_id = %(programme_id)s
            AND lot.account_id = account.id
            AND lot.expires_at <= %(at)s
    )
    OR account.pending > 0
    AND EXISTS (
        SELECT 1
        FROM lot
        WHERE
            lot.programme_id = %(programme_id)s
            AND lot.account_id = account.id
            AND lot.is_pending
            AND lot.ripens_at <= %(at)s
    )
    OR account.held > 0
    AND EXISTS (
        SELECT 1
        FROM hold
        WHERE
            hold.programme_id = %(programme_id)s
            AND hold.account_id = account.id
            AND hold.expires_at <= %(at)s
    ) AS is_behind
FROM account
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
WHERE account.programme_id = %(programme_id)s AND account.member_id = any(%(members)s::uuid [])
ORDER BY unit.id
