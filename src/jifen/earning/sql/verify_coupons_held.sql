-- A held coupon is held by a checkout that says so and until when it says, and that was neither
-- captured nor released. A checkout that still stands has its coupons, until its time is over and
-- somebody else takes one. Locks nothing; reads the coupons, and the checkouts that hold some.
-- Index activity_of for what came after.
WITH said AS MATERIALIZED (
    SELECT
        activity.id AS holder_id,
        (told ->> 'id')::uuid AS id,
        (activity.record::jsonb -> 'held_order' ->> 'expires_at')::timestamptz AS until
    FROM activity
    CROSS JOIN jsonb_array_elements(activity.record::jsonb -> 'held_order' -> 'coupons') AS told
    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.kind = 'checkout'
        AND activity.record LIKE '%%"coupons":[%%'
),

still_open AS (
    SELECT said.*
    FROM said
    WHERE NOT EXISTS (
        SELECT 1 FROM activity AS act
        WHERE act.programme_id = %(programme_id)s AND act.of_id = said.holder_id
    )
)

SELECT
    coupon.id,
    0 AS expected,
    1 AS found
FROM coupon
WHERE
    coupon.programme_id = %(programme_id)s
    AND coupon.status = 'held'
    AND NOT EXISTS (
        SELECT 1 FROM still_open
        WHERE
            still_open.id = coupon.id
            AND still_open.holder_id = coupon.holder_id
            AND still_open.until = coupon.held_until
    )
UNION ALL
SELECT
    coupon.id,
    1 AS expected,
    0 AS found
FROM still_open
INNER JOIN coupon
    ON coupon.programme_id = %(programme_id)s AND still_open.id = coupon.id
WHERE
    coupon.status = 'issued'
    -- Whoever took it after that time, and gave it back since, has left a trace.
    AND NOT EXISTS (
        SELECT 1 FROM activity AS act
        WHERE
            act.programme_id = %(programme_id)s
            AND act.kind IN ('purchase', 'checkout')
            AND act.booked_at >= still_open.until
            AND act.record LIKE '%%"' || coupon.id::text || '"%%'
    )
ORDER BY id
LIMIT %(limit)s
