-- The next members of the programme after a given one, in the order they were made.
-- Locks nothing. Index: primary key.
SELECT id
FROM member
WHERE programme_id = %(programme_id)s AND id > %(after)s::uuid
ORDER BY id
LIMIT %(look)s
