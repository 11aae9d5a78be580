-- Write what was captured of holds and what is left of them.
-- Locks the holds; their members are locked. Index: primary key.
UPDATE hold
SET
    captured = t.captured,
    remaining = t.remaining
FROM
    unnest(
        %(ids)s::uuid [],
        %(captureds)s::bigint [],
        %(remainings)s::bigint []
    ) AS t (id, captured, remaining)
WHERE
    hold.programme_id = %(programme_id)s
    AND hold.id = t.id
