-- Write standings of locked members. Index: primary key.
UPDATE standing
SET
    tier = t.tier,
    opening_tier = t.opening_tier,
    spend_minor = t.spend_minor,
    purchases_kept = t.purchases_kept,
    reached = t.reached
FROM
    unnest(
        %(members)s::uuid [],
        %(tiers)s::text [],
        %(opening_tiers)s::text [],
        %(spends)s::bigint [],
        %(keeps)s::int [],
        %(reacheds)s::text []
    ) AS t (id, tier, opening_tier, spend_minor, purchases_kept, reached)
WHERE
    standing.programme_id = %(programme_id)s
    AND standing.id = t.id
