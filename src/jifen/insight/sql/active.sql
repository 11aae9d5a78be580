-- How many members did something (an order, one claimed, a behaviour) between two instants, at one
-- store or at all: by local day, and, without a day, in all. A merged member is a part of the
-- survivor; the line of merges is followed for those who did something.
-- Locks nothing. Indexes: activity_window (programme_id, occurred_at, member_id), which grows with
-- the period; the primary key of member.
-- LIMIT keeps the planner at one look into the index for each.
WITH RECURSIVE act AS (
    SELECT
        activity.member_id,
        (activity.occurred_at AT TIME ZONE %(zone)s)::date AS day
    FROM activity
    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.occurred_at >= %(begins_at)s
        AND activity.occurred_at < %(ends_at)s
        AND activity.kind IN ('purchase', 'claim', 'behaviour')
        AND activity.member_id IS NOT NULL
        AND (%(store_id)s::uuid IS NULL OR activity.store_id = %(store_id)s)
    GROUP BY 1, 2
),

line AS (
    SELECT DISTINCT
        act.member_id,
        act.member_id AS survivor_id,
        0 AS steps
    FROM act
    UNION ALL
    SELECT
        line.member_id,
        further.id,
        line.steps + 1
    FROM line
    INNER JOIN LATERAL (
        SELECT member.merged_into_id AS id
        FROM member
        WHERE member.programme_id = %(programme_id)s AND line.survivor_id = member.id
        ORDER BY member.id
        LIMIT 1
    ) AS further ON further.id IS NOT NULL
),

whose AS (
    SELECT DISTINCT ON (line.member_id)
        line.member_id,
        line.survivor_id
    FROM line
    ORDER BY line.member_id ASC, line.steps DESC
)

SELECT
    act.day,
    count(DISTINCT whose.survivor_id) AS members
FROM act
INNER JOIN whose ON act.member_id = whose.member_id
GROUP BY GROUPING SETS ((act.day), ())
