-- Lock members: the one lock of everything a member owns.
-- Locks: member rows in id order, so that two batches never wait for each other in a ring.
-- NO KEY: rows that refer to a member may still be inserted.
-- Index: primary key (programme_id, id).
SELECT
    id,
    birthday_on,
    status,
    merged_into_id
FROM member
WHERE programme_id = %(programme_id)s AND id = any(%(ids)s::uuid [])
ORDER BY id
FOR NO KEY UPDATE
