-- Every segment, by code. Locks the rows against being deleted, in the order of their codes: who
-- deletes one waits, and then sees what was published. Changing one goes on beside it.
-- Index: segment_code_once (programme_id, code).
SELECT code
FROM segment
WHERE programme_id = %(programme_id)s
ORDER BY code
FOR KEY SHARE
