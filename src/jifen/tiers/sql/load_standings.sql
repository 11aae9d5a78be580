-- Load the standings of locked members. Locks nothing. Index: primary key.
SELECT
    id,
    tier,
    opening_tier,
    spend_minor,
    purchases_kept,
    reached,
    stages,
    opening_at,
    manual_tier,
    manual_until,
    manual_reason,
    manual_actor,
    bought_tier,
    bought_until
FROM standing
WHERE programme_id = %(programme_id)s AND id = any(%(members)s::uuid [])
