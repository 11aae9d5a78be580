-- Load every account of some members, and since when nothing of it ends without a notice.
-- Their rows are locked by the caller, or it reads all in one snapshot.
-- Locks nothing. Index: account_once (programme_id, member_id, unit_id).
SELECT
    account.id,
    account.member_id,
    account.unit_id,
    account.available,
    account.pending,
    account.held,
    account.deficit,
    account.seq,
    account.idle_at,
    unit.guarded_from
FROM account
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
WHERE account.programme_id = %(programme_id)s AND account.member_id = any(%(members)s::uuid [])
