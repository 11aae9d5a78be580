-- A coupon is used if an order used it and no refund has given it back, and then by that order.
-- What is still used of an order's coupons, the latest act of its family knows. Locks nothing;
-- reads the used coupons, and the orders that used some. Index activity_of for what came after.
WITH bought AS MATERIALIZED (
    SELECT
        activity.id,
        activity.record
    FROM activity
    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.kind = 'purchase'
        AND activity.record LIKE '%%"used_coupons":[%%'
),

staying AS (
    SELECT
        bought.id AS holder_id,
        (told ->> 'id')::uuid AS id
    FROM bought
    LEFT JOIN LATERAL (
        SELECT act.record
        FROM activity AS act
        WHERE
            act.programme_id = %(programme_id)s
            AND act.of_id = bought.id
            AND act.record LIKE '%%"family":{%%'
        ORDER BY act.of_seq DESC
        LIMIT 1 -- noqa: AM09
    ) AS latest ON TRUE
    CROSS JOIN
        jsonb_array_elements(
            CASE
                WHEN latest.record IS NULL THEN bought.record::jsonb -> 'used_coupons'
                ELSE latest.record::jsonb -> 'family' -> 'coupons'
            END
        ) AS told
)

SELECT
    coalesce(coupon.id, staying.id) AS id,
    (staying.id IS NOT NULL)::int AS expected,
    (coupon.id IS NOT NULL)::int AS found
FROM staying
FULL OUTER JOIN
    (SELECT * FROM coupon WHERE programme_id = %(programme_id)s AND status = 'used') AS coupon
    ON staying.id = coupon.id AND staying.holder_id = coupon.holder_id
WHERE staying.id IS NULL OR coupon.id IS NULL
ORDER BY id
LIMIT %(limit)s
