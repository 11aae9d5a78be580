-- Members who take part, in the order they were made; with stores, those whose home is one of them.
-- Locks nothing. Index: the primary key, all of the programme.
SELECT member.id
FROM member
WHERE
    member.programme_id = %(programme_id)s
    AND member.status IN ('active', 'frozen')
    AND (%(stores)s::uuid [] IS NULL OR member.store_id = any(%(stores)s::uuid []))
ORDER BY member.id
