-- Find members by identities, one row for each pair that is known.
-- Locks nothing. Index: identity_belongs_to_one_member (programme_id, kind, value).
-- LIMIT keeps the planner at one look into the index for each, whatever it thinks of sizes.
SELECT
    wanted.kind,
    wanted.value,
    found.member_id
FROM unnest(%(kinds)s::text [], %(texts)s::text []) AS wanted (kind, value)
CROSS JOIN LATERAL (
    SELECT identity.member_id
    FROM identity
    WHERE
        identity.programme_id = %(programme_id)s
        AND identity.kind = wanted.kind
        AND identity.value = wanted.value
    LIMIT 1 -- noqa: AM09
) AS found
