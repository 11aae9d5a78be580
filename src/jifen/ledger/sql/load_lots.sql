-- Load the due lots of accounts, of some accounts the ripe ones too, and all open lots of those
-- that may be debited.
-- Locks nothing: the members are locked, or it is a snapshot.
-- Index: lot_account (programme_id, account_id, expires_at).
SELECT
    account_id,
    id,
    seq,
    remaining,
    expires_at,
    is_pending,
    ripens_at
FROM lot
WHERE
    programme_id = %(programme_id)s
    AND account_id = any(%(accounts)s::uuid [])
    AND expires_at <= %(at)s
UNION ALL
SELECT
    account_id,
    id,
    seq,
    remaining,
    expires_at,
    is_pending,
    ripens_at
FROM lot
WHERE
    programme_id = %(programme_id)s
    AND account_id = any(%(debited)s::uuid [])
    AND (expires_at > %(at)s OR expires_at IS NULL)
UNION ALL
SELECT
    account_id,
    id,
    seq,
    remaining,
    expires_at,
    is_pending,
    ripens_at
FROM lot
WHERE
    programme_id = %(programme_id)s
    AND account_id = any(%(ripening)s::uuid [])
    AND is_pending
    AND ripens_at <= %(at)s
    AND (expires_at > %(at)s OR expires_at IS NULL)
