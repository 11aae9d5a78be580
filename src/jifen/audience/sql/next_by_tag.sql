-- The next members with one of these tags after a given one, in the order they were made.
-- Locks nothing. Index: member_tag_tag (programme_id, tag, member_id).
-- Compared as a pair, which only that index has in order: another one would be followed past all
-- the others.
SELECT DISTINCT found.id
FROM unnest(%(values)s::text []) AS wanted (value)
CROSS JOIN
    LATERAL (
        SELECT
            member_tag.tag,
            member_tag.member_id AS id
        FROM member_tag
        WHERE
            member_tag.programme_id = %(programme_id)s
            AND (member_tag.tag, member_tag.member_id) > (wanted.value, %(after)s::uuid)
        ORDER BY member_tag.tag, member_tag.member_id
        LIMIT %(look)s
    ) AS found
WHERE found.tag = wanted.value
ORDER BY found.id
LIMIT %(look)s
