-- Every member and every unit, with what the member holds as of a time.
-- Locks nothing. Reads the programme once; the order is that of code points on every server.
-- Index: the primary keys and identity_belongs_to_one_member, by programme_id.
WITH external_id AS (
    SELECT
        identity.member_id,
        min(identity.value COLLATE "C") AS member -- noqa: RF03
    FROM identity
    WHERE identity.programme_id = %(programme_id)s AND identity.kind = 'external'
    GROUP BY identity.member_id
),

due AS (
    SELECT
        lot.account_id,
        sum(lot.remaining)::bigint AS points
    FROM lot
    WHERE lot.programme_id = %(programme_id)s AND lot.expires_at <= %(at)s
    GROUP BY lot.account_id
)

SELECT
    coalesce(external_id.member, member.id::text) AS member,
    unit.code AS unit,
    coalesce(account.available, 0) - coalesce(due.points, 0) AS available,
    coalesce(account.pending, 0) AS pending,
    coalesce(account.held, 0) AS held,
    coalesce(account.deficit, 0) AS deficit,
    coalesce(standing.tier, '') AS tier
FROM member
INNER JOIN unit ON member.programme_id = unit.programme_id
LEFT JOIN external_id ON member.id = external_id.member_id
LEFT JOIN account
    ON
        member.programme_id = account.programme_id
        AND member.id = account.member_id
        AND unit.id = account.unit_id
LEFT JOIN due ON account.id = due.account_id
LEFT JOIN standing
    ON
        member.programme_id = standing.programme_id
        AND member.id = standing.id
WHERE member.programme_id = %(programme_id)s
ORDER BY
    coalesce(external_id.member, member.id::text) COLLATE "C",
    unit.code COLLATE "C",
    member.id
