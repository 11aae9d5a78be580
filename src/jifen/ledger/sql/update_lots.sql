-- Write what is left of lots. Locks the lots; their members are locked. Index: primary key.
UPDATE lot
SET remaining = t.remaining
FROM unnest(%(ids)s::uuid [], %(remainings)s::bigint []) AS t (id, remaining)
WHERE
    lot.programme_id = %(programme_id)s
    AND lot.id = t.id
