-- Every tag that some member of the programme has, whoever that is: one look into the index for
-- each tag, however many members have it. Locks nothing.
-- Index: member_tag_tag (programme_id, tag, member_id).
WITH RECURSIVE used AS (
    (
        SELECT tag
        FROM member_tag
        WHERE programme_id = %(programme_id)s AND tag > ''
        ORDER BY tag
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT member_tag.tag
        FROM member_tag
        WHERE member_tag.programme_id = %(programme_id)s AND member_tag.tag > used.tag
        ORDER BY member_tag.tag
        LIMIT 1
    )
    FROM used
    WHERE used.tag IS NOT NULL
)

SELECT tag
FROM used
WHERE tag IS NOT NULL
ORDER BY tag
