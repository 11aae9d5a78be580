-- A standing of new members: nothing kept, no tier. Locks: nothing beyond the new rows.
INSERT INTO standing (
    programme_id,
    id,
    tier,
    opening_tier,
    spend_minor,
    purchases_kept,
    reached,
    stages,
    manual_tier,
    manual_reason,
    manual_actor,
    bought_tier
)
SELECT
    %(programme_id)s,
    t.id,
    '',
    '',
    0,
    0,
    '{}',
    '',
    '',
    '',
    '',
    ''
FROM unnest(%(members)s::uuid []) AS t (id)
