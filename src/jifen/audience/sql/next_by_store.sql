-- The next members who enrolled at one of these stores after a given one, in the order they were
-- made. Locks nothing. Index: member_store (programme_id, store_id, id).
-- Compared as a pair, which only that index has in order: another one would be followed past all
-- the others.
SELECT found.id
FROM unnest(%(values)s::uuid []) AS wanted (value)
CROSS JOIN
    LATERAL (
        SELECT
            member.store_id,
            member.id
        FROM member
        WHERE
            member.programme_id = %(programme_id)s
            AND (member.store_id, member.id) > (wanted.value, %(after)s::uuid)
        ORDER BY member.store_id, member.id
        LIMIT %(look)s
    ) AS found
WHERE found.store_id = wanted.value
ORDER BY found.id
LIMIT %(look)s
