-- A coupon is void if somebody made it void, or took its issue back, and then by that act. Locks
-- nothing; reads the void coupons, and the activities that made some void. A code is compared as it
-- is kept: people write it with small letters, without dashes, and O for 0.
WITH named AS MATERIALIZED (
    SELECT
        activity.id AS holder_id,
        translate(
            upper(regexp_replace(activity.body::jsonb ->> 'coupon', '[\s-]', '', 'g')),
            'ILO',
            '110'
        ) AS letters
    FROM activity
    WHERE activity.programme_id = %(programme_id)s AND activity.kind = 'coupon_void'
),

voided AS (
    SELECT
        named.holder_id,
        coupon.id
    FROM named
    LEFT JOIN coupon
        ON
            coupon.programme_id = %(programme_id)s
            AND named.letters = replace(coupon.code, '-', '')
    UNION ALL
    SELECT
        taken_back.id AS holder_id,
        coupon.id
    FROM activity AS taken_back
    INNER JOIN coupon
        ON
            coupon.programme_id = %(programme_id)s
            AND taken_back.of_id = coupon.issued_by_id
    WHERE taken_back.programme_id = %(programme_id)s AND taken_back.kind = 'reversal'
)

SELECT
    coalesce(coupon.id, voided.id, voided.holder_id) AS id,
    (voided.holder_id IS NOT NULL)::int AS expected,
    (coupon.id IS NOT NULL)::int AS found
FROM voided
FULL OUTER JOIN
    (SELECT * FROM coupon WHERE programme_id = %(programme_id)s AND status = 'void') AS coupon
    ON voided.id = coupon.id AND voided.holder_id = coupon.holder_id
WHERE voided.holder_id IS NULL OR coupon.id IS NULL
ORDER BY id
LIMIT %(limit)s
