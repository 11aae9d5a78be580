-- From members downwards: everybody who became a part of each of them, directly or not.
-- Locks nothing. Index: member_merged_into (programme_id, merged_into_id).
-- OFFSET keeps the planner at one look into the index for each, whatever it thinks of sizes.
WITH RECURSIVE part AS (
    SELECT
        wanted.id AS root_id,
        wanted.id
    FROM unnest(%(ids)s::uuid []) AS wanted (id)
    UNION
    SELECT
        part.root_id,
        found.id
    FROM part
    CROSS JOIN LATERAL (
        SELECT member.id
        FROM member
        WHERE member.programme_id = %(programme_id)s AND member.merged_into_id = part.id
        OFFSET 0 -- noqa: AM09
    ) AS found
)

SELECT
    root_id,
    id
FROM part
WHERE id <> root_id
ORDER BY root_id, id
