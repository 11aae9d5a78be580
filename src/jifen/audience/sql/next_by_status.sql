-- The next members with one of these statuses after a given one, in the order they were made: for
-- each status as many as are wanted, so nobody is passed over.
-- Locks nothing. Index: member_status (programme_id, status, id).
-- Compared as a pair, which only that index has in order: another one would be followed past all
-- the others.
SELECT found.id
FROM unnest(%(values)s::text []) AS wanted (value)
CROSS JOIN
    LATERAL (
        SELECT
            member.status,
            member.id
        FROM member
        WHERE
            member.programme_id = %(programme_id)s
            AND (member.status, member.id) > (wanted.value, %(after)s::uuid)
        ORDER BY member.status, member.id
        LIMIT %(look)s
    ) AS found
WHERE found.status = wanted.value
ORDER BY found.id
LIMIT %(look)s
