-- Write what time does to the standings of locked members. Index: primary key.
UPDATE standing
SET
    stages = t.stages,
    tier_until = t.tier_until,
    opening_at = t.opening_at,
    manual_tier = t.manual_tier,
    manual_until = t.manual_until,
    manual_reason = t.manual_reason,
    manual_actor = t.manual_actor,
    bought_tier = t.bought_tier,
    bought_until = t.bought_until
FROM
    unnest(
        %(members)s::uuid [],
        %(stages)s::text [],
        %(untils)s::timestamptz [],
        %(openings)s::timestamptz [],
        %(manual_tiers)s::text [],
        %(manual_untils)s::timestamptz [],
        %(manual_reasons)s::text [],
        %(manual_actors)s::text [],
        %(bought_tiers)s::text [],
        %(bought_untils)s::timestamptz []
    ) AS t (
        id,
        stages,
        tier_until,
        opening_at,
        manual_tier,
        manual_until,
        manual_reason,
        manual_actor,
        bought_tier,
        bought_until
    )
WHERE
    standing.programme_id = %(programme_id)s
    AND standing.id = t.id
