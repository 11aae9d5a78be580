-- Activities that are to be reversed, and whether they were. Locks nothing.
-- Indexes: primary key; activity_family_order (programme_id, of_id, of_seq).
SELECT
    undone.id,
    undone.kind,
    undone.member_id,
    undone.store_id,
    undone.record,
    later.id IS NOT NULL AS is_reversed
FROM activity AS undone
LEFT JOIN LATERAL (
    SELECT act.id
    FROM activity AS act
    WHERE
        act.programme_id = %(programme_id)s
        AND act.of_id = undone.id
        AND act.of_seq IS NOT NULL
    LIMIT 1 -- noqa: AM09
) AS later ON TRUE
WHERE undone.programme_id = %(programme_id)s AND undone.id = any(%(ids)s::uuid [])
