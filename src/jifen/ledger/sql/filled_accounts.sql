-- The next accounts of one unit that have open lots or holds, in the order of their ids, and
-- whether they hold anything.
-- Locks nothing: what is found is looked at again under the members' locks.
-- Index: primary key of account, from the last one on.
SELECT
    id,
    member_id,
    held > 0 AS holds
FROM account
WHERE
    programme_id = %(programme_id)s
    AND id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
    AND unit_id = %(unit_id)s
    AND available + pending + held > 0
ORDER BY id
LIMIT %(limit)s
