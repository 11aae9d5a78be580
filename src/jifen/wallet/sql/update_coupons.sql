-- Move coupons from the state in which they were read to the next one. A coupon that is not in
-- that state any more is not touched, and the number of rows tells: it is used once, whatever was
-- locked. Locks the coupons, which the batch holds already. Index: primary key.
UPDATE coupon
SET
    status = t.status,
    holder_id = t.holder_id,
    held_until = t.held_until
FROM
    unnest(
        %(ids)s::uuid [],
        %(statuses)s::text [],
        %(holders)s::uuid [],
        %(held_untils)s::timestamptz [],
        %(statuses_before)s::text [],
        %(holders_before)s::uuid []
    ) AS t (id, status, holder_id, held_until, status_before, holder_before)
WHERE
    coupon.programme_id = %(programme_id)s
    AND coupon.id = t.id
    AND coupon.status = t.status_before
    AND coupon.holder_id IS NOT DISTINCT FROM t.holder_before
