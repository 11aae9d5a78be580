-- How many members who take part are in each tier at an instant, by home store and, with an empty
-- one, in all. The tier in force is the first stage whose time is not over, as
-- ``tiers.rules.stages.tier_of`` has it. Reads all members: for what is counted once a day.
-- Locks nothing. Indexes: primary keys of member and standing, by programme.
WITH held AS (
    SELECT
        member.store_id,
        CASE
            WHEN coalesce(standing.stages, '') = '' THEN coalesce(standing.tier, '')
            ELSE coalesce((
                SELECT stage.tier_and_end ->> 0
                FROM
                    json_array_elements(standing.stages::json)
                    WITH ORDINALITY AS stage (tier_and_end, place)
                WHERE
                    stage.tier_and_end ->> 1 IS NULL
                    OR (stage.tier_and_end ->> 1)::timestamptz > %(at)s
                ORDER BY stage.place
                LIMIT 1
            ), standing.tier)
        END AS tier
    FROM member
    LEFT JOIN standing ON standing.programme_id = %(programme_id)s AND member.id = standing.id
    WHERE member.programme_id = %(programme_id)s AND member.status IN ('active', 'frozen')
)

SELECT
    coalesce(store.code, '') AS store,
    held.tier,
    count(*) AS members
FROM held
INNER JOIN store ON store.programme_id = %(programme_id)s AND held.store_id = store.id
GROUP BY 1, 2
UNION ALL
SELECT
    '' AS store,
    held.tier,
    count(*) AS members
FROM held
GROUP BY 1, 2
