-- Activities that are to be reversed, and whether they were. Locks nothing.
-- Indexes: primary key; activity_family_order (programme_id, of_id, of_seq).
SELECT
    undone.id,
    undone.kind,
    undone.member_id,
    undone.store_id,
    undone.record,
    exists(
        SELECT 1
        FROM activity AS later
        WHERE
            later.programme_id = %(programme_id)s
            AND later.of_id = undone.id
            AND later.of_seq IS NOT NULL
    ) AS is_reversed
FROM activity AS undone
WHERE undone.programme_id = %(programme_id)s AND undone.id = any(%(ids)s::uuid [])
