-- Write what is left of lots, until when, and whether it is pending still.
-- Locks the lots; their members are locked. Index: primary key.
UPDATE lot
SET
    remaining = t.remaining,
    expires_at = t.expires_at,
    is_pending = t.is_pending
FROM
    unnest(
        %(ids)s::uuid [],
        %(remainings)s::bigint [],
        %(expires_ats)s::timestamptz [],
        %(are_pending)s::boolean []
    ) AS t (id, remaining, expires_at, is_pending)
WHERE
    lot.programme_id = %(programme_id)s
    AND lot.id = t.id
