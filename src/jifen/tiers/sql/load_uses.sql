-- Load how often locked members used benefits in some periods, and who holds uses. Locks nothing.
-- Index: primary key.
SELECT
    usage.member_id,
    usage.benefit,
    usage.period,
    usage.used,
    usage.quota,
    usage.holders
FROM
    unnest(%(members)s::uuid [], %(benefits)s::text [], %(periods)s::text [])
        AS wanted (member_id, benefit, period)
INNER JOIN benefit_usage AS usage
    ON
        usage.programme_id = %(programme_id)s
        AND wanted.member_id = usage.member_id
        AND wanted.benefit = usage.benefit
        AND wanted.period = usage.period
