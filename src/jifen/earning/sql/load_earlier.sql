-- Activities that later ones name by id, how many did so far, and the last of these. Locks
-- nothing.
-- Indexes: primary key; activity_family_order (programme_id, of_id, of_seq) backwards.
SELECT
    earlier.id,
    earlier.kind,
    earlier.member_id,
    earlier.store_id,
    earlier.record,
    coalesce(latest.of_seq, 0) AS acts,
    latest.record AS latest
FROM activity AS earlier
LEFT JOIN LATERAL (
    SELECT
        act.of_seq,
        act.record
    FROM activity AS act
    WHERE
        act.programme_id = %(programme_id)s
        AND act.of_id = earlier.id
        AND act.of_seq IS NOT NULL
    ORDER BY act.of_seq DESC
    LIMIT 1 -- noqa: AM09
) AS latest ON TRUE
WHERE earlier.programme_id = %(programme_id)s AND earlier.id = any(%(ids)s::uuid [])
