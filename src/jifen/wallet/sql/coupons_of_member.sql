-- A member's coupons, the newest first, before a given one. Index: coupon_member, backwards.
SELECT
    id,
    code,
    kind,
    rule_set_version,
    member_id,
    status,
    valid_from,
    valid_until,
    issued_by_id,
    holder_id,
    held_until
FROM coupon
WHERE
    programme_id = %(programme_id)s
    AND member_id = %(member_id)s
    AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
    AND (
        NOT %(only_usable)s::boolean
        OR (
            (valid_until IS NULL OR valid_until > %(at)s::timestamptz)
            AND (status = 'issued' OR (status = 'held' AND held_until <= %(at)s::timestamptz))
        )
    )
ORDER BY id DESC
LIMIT %(limit)s::int -- noqa: AM09
