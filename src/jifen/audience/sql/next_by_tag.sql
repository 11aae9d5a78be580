-- The next members with one of these tags after a given one, in the order they were made.
-- Locks nothing. Index: member_tag_tag (programme_id, tag, member_id).
SELECT DISTINCT found.member_id
FROM unnest(%(values)s::text []) AS wanted (tag)
CROSS JOIN
    LATERAL (
        SELECT member_tag.member_id
        FROM member_tag
        WHERE
            member_tag.programme_id = %(programme_id)s
            AND member_tag.tag = wanted.tag
            AND member_tag.member_id > %(after)s::uuid
        ORDER BY member_tag.member_id
        LIMIT %(look)s
    ) AS found
ORDER BY found.member_id
LIMIT %(look)s
