-- Purchases by store and reference, each with the latest act of its family.
-- Locks nothing. Indexes: activity_reference_once; activity_family_order backwards.
SELECT
    purchase.id,
    purchase.store_id,
    purchase.member_id,
    purchase.rule_set_version,
    purchase.body,
    purchase.record,
    family.record AS latest
FROM
    unnest(%(stores)s::uuid [], %(refs)s::text []) AS wanted (store_id, reference)
CROSS JOIN
    LATERAL (
        SELECT
            activity.id,
            activity.store_id,
            activity.member_id,
            activity.rule_set_version,
            activity.body,
            activity.record
        FROM activity
        WHERE
            activity.programme_id = %(programme_id)s
            AND activity.store_id = wanted.store_id
            AND activity.kind = 'purchase'
            AND activity.reference = wanted.reference
        LIMIT 1 -- noqa: AM09
    ) AS purchase
LEFT JOIN LATERAL (
    SELECT act.record
    FROM activity AS act
    WHERE
        act.programme_id = %(programme_id)s
        AND act.of_id = purchase.id
        AND act.of_seq IS NOT NULL
    ORDER BY act.of_seq DESC
    LIMIT 1 -- noqa: AM09
) AS family ON TRUE
