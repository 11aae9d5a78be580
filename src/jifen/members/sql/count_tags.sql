-- Every tag of the programme and how many members have it; those who left or were merged do not
-- count. Locks nothing. Reads the programme's tags once.
-- Index: member_tag_tag (programme_id, tag, member_id).
SELECT
    member_tag.tag,
    count(*) AS members
FROM member_tag
INNER JOIN member
    ON
        member.programme_id = %(programme_id)s
        AND member_tag.member_id = member.id
WHERE
    member_tag.programme_id = %(programme_id)s
    AND member.status IN ('active', 'frozen')
GROUP BY member_tag.tag
ORDER BY member_tag.tag
