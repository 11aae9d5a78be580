-- Lock those of some members whom nobody else holds, for work that can wait.
-- Locks: member rows in id order, passing over those that are locked.
-- NO KEY: rows that refer to a member may still be inserted.
-- Index: primary key (programme_id, id).
SELECT id
FROM member
WHERE programme_id = %(programme_id)s AND id = any(%(ids)s::uuid [])
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED
