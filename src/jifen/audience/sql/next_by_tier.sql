-- The next members after a given one who may have one of these tiers at a time, in the order they
-- were made: those whose tier it was when it was booked last, and all whose tier has ended since,
-- who are few, since a job books them. Who has it, the condition says that is asked of them next.
-- Locks nothing. Indexes: standing_tier (programme_id, the tier booked last, id); standing_ends,
-- apart. Compared as a pair, which only that index has in order: another one would be followed past
-- all the others.
WITH ended AS MATERIALIZED (
    SELECT standing.id
    FROM standing
    WHERE standing.programme_id = %(programme_id)s AND standing.tier_until <= %(at)s
)

SELECT found.id
FROM (
    SELECT booked.id
    FROM unnest(%(values)s::text []) AS wanted (tier)
    CROSS JOIN
        LATERAL (
            SELECT
                standing.id,
                coalesce(nullif(standing.stages, '')::jsonb #>> '{0,0}', standing.tier) AS tier
            FROM standing
            WHERE
                standing.programme_id = %(programme_id)s
                AND (
                    coalesce(nullif(standing.stages, '')::jsonb #>> '{0,0}', standing.tier),
                    standing.id
                ) > (wanted.tier, %(after)s::uuid)
            ORDER BY
                coalesce(nullif(standing.stages, '')::jsonb #>> '{0,0}', standing.tier),
                standing.id
            LIMIT %(look)s
        ) AS booked
    WHERE booked.tier = wanted.tier
    UNION
    SELECT ended.id
    FROM ended
    WHERE ended.id > %(after)s::uuid
) AS found
ORDER BY found.id
LIMIT %(look)s
