-- The coupons of a member, and of those who were merged into it, the newest first, before a given
-- one. Locks nothing. Index: coupon_member, backwards, so many of each.
SELECT found.*
FROM
    unnest(%(members)s::uuid []) AS wanted (id)
CROSS JOIN
    LATERAL (
        SELECT
            coupon.id,
            coupon.code,
            coupon.kind,
            coupon.rule_set_version,
            coupon.member_id,
            coupon.status,
            coupon.valid_from,
            coupon.valid_until,
            coupon.issued_by_id,
            coupon.holder_id,
            coupon.held_until
        FROM coupon
        WHERE
            coupon.programme_id = %(programme_id)s
            AND coupon.member_id = wanted.id
            AND (%(before)s::uuid IS NULL OR coupon.id < %(before)s::uuid)
            AND (
                NOT %(only_usable)s::boolean
                OR (
                    coupon.valid_from <= %(at)s::timestamptz
                    AND (
                        coupon.valid_until IS NULL
                        OR coupon.valid_until > %(at)s::timestamptz
                    )
                    AND (
                        coupon.status = 'issued'
                        OR (coupon.status = 'held' AND coupon.held_until <= %(at)s::timestamptz)
                    )
                )
            )
        ORDER BY coupon.id DESC
        LIMIT %(limit)s::int -- noqa: AM09
    ) AS found
ORDER BY found.id DESC
LIMIT %(limit)s::int -- noqa: AM09
