-- Uses of benefits for orders, by what each happens once for, and how many acts gave it back.
-- Locks nothing.
-- Indexes: activity_once; activity_family_order (programme_id, of_id, of_seq) backwards.
SELECT
    used.once_key,
    used.id,
    used.kind,
    used.member_id,
    used.store_id,
    used.record,
    coalesce(latest.of_seq, 0) AS acts
FROM activity AS used
LEFT JOIN LATERAL (
    SELECT act.of_seq
    FROM activity AS act
    WHERE
        act.programme_id = %(programme_id)s
        AND act.of_id = used.id
        AND act.of_seq IS NOT NULL
    ORDER BY act.of_seq DESC
    LIMIT 1 -- noqa: AM09
) AS latest ON TRUE
WHERE used.programme_id = %(programme_id)s AND used.once_key = any(%(onces)s::text [])
