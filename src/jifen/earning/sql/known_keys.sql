-- Which of some keys were booked before, and what was answered.
-- Locks nothing. Index: activity_key_once (programme_id, client_id, key).
-- LIMIT keeps the planner at one look into the index for each, whatever it thinks of sizes.
SELECT
    wanted.client_id,
    wanted.key,
    found.id,
    found.kind,
    found.body_sha256,
    found.member_id,
    found.record
FROM unnest(%(clients)s::uuid [], %(keys)s::text []) AS wanted (client_id, key)
CROSS JOIN LATERAL (
    SELECT
        activity.id,
        activity.kind,
        activity.body_sha256,
        activity.member_id,
        activity.record
    FROM activity
    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.client_id = wanted.client_id
        AND activity.key = wanted.key
    LIMIT 1 -- noqa: AM09
) AS found
