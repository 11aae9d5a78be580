-- Every member with the name that files know: the external id, else the member's own.
-- Locks nothing. Reads the programme once; the order is that of code points on every server.
-- Index: the primary key and identity_belongs_to_one_member, by programme_id.
WITH external_id AS (
    SELECT
        identity.member_id,
        min(identity.value COLLATE "C") AS member -- noqa: RF03
    FROM identity
    WHERE identity.programme_id = %(programme_id)s AND identity.kind = 'external'
    GROUP BY identity.member_id
)

SELECT
    member.id,
    coalesce(external_id.member, member.id::text) AS member
FROM member
LEFT JOIN external_id ON member.id = external_id.member_id
WHERE member.programme_id = %(programme_id)s
ORDER BY coalesce(external_id.member, member.id::text) COLLATE "C", member.id
