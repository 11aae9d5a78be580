-- Load the standings of locked members. Locks nothing. Index: primary key.
SELECT
    id,
    tier,
    opening_tier,
    spend_minor,
    purchases_kept,
    reached
FROM standing
WHERE programme_id = %(programme_id)s AND id = any(%(members)s::uuid [])
