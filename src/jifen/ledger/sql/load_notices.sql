-- What of some accounts has ended at a time because the member was told so.
-- Locks nothing: the members are locked, or it is a snapshot.
-- Index: primary key (programme_id, account_id, expires_at).
SELECT
    account_id,
    expires_at,
    until
FROM lot_notice
WHERE
    programme_id = %(programme_id)s
    AND account_id = any(%(accounts)s::uuid [])
    AND until <= %(at)s
