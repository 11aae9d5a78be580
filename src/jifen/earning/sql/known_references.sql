-- Which of some references were booked before.
-- Locks nothing. Index: activity_reference_once (programme_id, store_id, kind, reference).
-- LIMIT keeps the planner at one look into the index for each, whatever it thinks of sizes.
SELECT
    wanted.store_id,
    wanted.kind,
    wanted.reference,
    found.id,
    found.key
FROM
    unnest(
        %(stores)s::uuid [], %(kinds)s::text [], %(refs)s::text []
    ) AS wanted (store_id, kind, reference)
CROSS JOIN LATERAL (
    SELECT
        activity.id,
        activity.key
    FROM activity
    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.store_id = wanted.store_id
        AND activity.kind = wanted.kind
        AND activity.reference = wanted.reference
    LIMIT 1 -- noqa: AM09
) AS found
