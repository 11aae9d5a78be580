-- The next members who enrolled at one of these stores after a given one, in the order they were
-- made. Locks nothing. Index: member_store (programme_id, store_id, id).
SELECT found.id
FROM unnest(%(values)s::uuid []) AS wanted (store_id)
CROSS JOIN
    LATERAL (
        SELECT member.id
        FROM member
        WHERE
            member.programme_id = %(programme_id)s
            AND member.store_id = wanted.store_id
            AND member.id > %(after)s::uuid
        ORDER BY member.id
        LIMIT %(look)s
    ) AS found
ORDER BY found.id
LIMIT %(look)s
