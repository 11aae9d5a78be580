-- Every coupon was issued by the activity that it names, to its member, as what it is, until when
-- it is good; and every coupon that was issued is there. Locks nothing; reads the coupons, and the
-- activities that issued some.
WITH issued AS MATERIALIZED (
    SELECT
        activity.id AS issued_by_id,
        activity.member_id,
        activity.rule_set_version,
        (told ->> 'id')::uuid AS id,
        told ->> 'code' AS code,
        told ->> 'kind' AS kind,
        (told ->> 'valid_until')::timestamptz AS valid_until
    FROM activity
    CROSS JOIN jsonb_array_elements(activity.record::jsonb -> 'coupons') AS told
    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.kind IN ('coupon_issue', 'conversion')
        AND activity.record LIKE '%%"coupons":[%%'
)

SELECT
    coalesce(coupon.id, issued.id) AS id,
    (issued.id IS NOT NULL)::int AS expected,
    0 AS found
FROM issued
FULL OUTER JOIN (SELECT * FROM coupon WHERE programme_id = %(programme_id)s) AS coupon
    ON issued.id = coupon.id
WHERE
    coupon.id IS NULL
    OR issued.id IS NULL
    OR (
        coupon.issued_by_id,
        coupon.code,
        coupon.kind,
        coupon.rule_set_version
    ) <> (issued.issued_by_id, issued.code, issued.kind, issued.rule_set_version)
    OR coupon.member_id IS DISTINCT FROM issued.member_id
    OR coupon.valid_until IS DISTINCT FROM issued.valid_until
ORDER BY id
LIMIT %(limit)s
