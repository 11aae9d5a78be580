-- Load every account of some members, whose rows the caller has locked.
-- Locks nothing. Index: account_once (programme_id, member_id, unit_id).
SELECT
    id,
    member_id,
    unit_id,
    available,
    pending,
    held,
    deficit,
    seq
FROM account
WHERE programme_id = %(programme_id)s AND member_id = any(%(members)s::uuid [])
