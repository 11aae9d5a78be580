-- The next members with one of these statuses after a given one, in the order they were made: for
-- each status as many as are wanted, so nobody is passed over.
-- Locks nothing. Index: member_status (programme_id, status, id).
SELECT found.id
FROM unnest(%(values)s::text []) AS wanted (status)
CROSS JOIN
    LATERAL (
        SELECT member.id
        FROM member
        WHERE
            member.programme_id = %(programme_id)s
            AND member.status = wanted.status
            AND member.id > %(after)s::uuid
        ORDER BY member.id
        LIMIT %(look)s
    ) AS found
ORDER BY found.id
LIMIT %(look)s
