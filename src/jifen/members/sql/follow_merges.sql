-- From merged members upwards: each with whom it became a part of, until nobody is merged.
-- Locks nothing. Index: primary key (programme_id, id).
-- LIMIT keeps the planner at one look into the index for each, whatever it thinks of sizes.
WITH RECURSIVE line AS (
    SELECT
        found.id,
        found.merged_into_id
    FROM unnest(%(ids)s::uuid []) AS wanted (id)
    CROSS JOIN
        LATERAL (
            SELECT
                member.id,
                member.merged_into_id
            FROM member
            WHERE member.programme_id = %(programme_id)s AND member.id = wanted.id
            LIMIT 1 -- noqa: AM09
        ) AS found
    WHERE found.merged_into_id IS NOT NULL
    UNION
    SELECT
        found.id,
        found.merged_into_id
    FROM line
    CROSS JOIN
        LATERAL (
            SELECT
                member.id,
                member.merged_into_id
            FROM member
            WHERE member.programme_id = %(programme_id)s AND member.id = line.merged_into_id
            LIMIT 1 -- noqa: AM09
        ) AS found
    WHERE found.merged_into_id IS NOT NULL
)

SELECT
    id,
    merged_into_id
FROM line
