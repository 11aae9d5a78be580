-- Open holds at a time: of a member, or the one with an id. One that has ended by then is not.
-- Locks nothing. Indexes: account_once and hold_account, or the primary key of hold.
SELECT
    hold.id,
    account.member_id,
    unit.code,
    hold.remaining,
    hold.captured,
    hold.expires_at
FROM hold
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND hold.account_id = account.id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
WHERE
    hold.programme_id = %(programme_id)s
    AND (account.member_id = %(member_id)s::uuid OR hold.id = any(%(ids)s::uuid []))
    AND (hold.expires_at > %(at)s OR hold.expires_at IS NULL)
ORDER BY hold.id
