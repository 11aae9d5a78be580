-- Coupons of the programme, the newest first, before a given one: of a kind or of all, in these
-- states as they are kept.
-- Locks nothing. Index: coupon_kind (programme_id, kind, status, id): the kinds one after another,
-- then, backwards, so many of each kind and state. So it costs what the kinds do, not the coupons.
WITH RECURSIVE known AS (
    (
        SELECT coupon.kind
        FROM coupon
        WHERE coupon.programme_id = %(programme_id)s AND coupon.kind > ''
        ORDER BY coupon.kind
        LIMIT 1
    )
    UNION ALL
    SELECT further.kind
    FROM known
    CROSS JOIN LATERAL (
        SELECT coupon.kind
        FROM coupon
        WHERE coupon.programme_id = %(programme_id)s AND coupon.kind > known.kind
        ORDER BY coupon.kind
        LIMIT 1
    ) AS further
)

SELECT found.*
FROM known
CROSS JOIN unnest(%(statuses)s::text []) AS wanted (status)
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
            AND coupon.kind = known.kind
            AND coupon.status = wanted.status
            AND (%(before)s::uuid IS NULL OR coupon.id < %(before)s::uuid)
        ORDER BY coupon.id DESC
        LIMIT %(limit)s::int -- noqa: AM09
    ) AS found
WHERE %(kind)s::text IS NULL OR known.kind = %(kind)s::text
ORDER BY found.id DESC
LIMIT %(limit)s::int -- noqa: AM09
