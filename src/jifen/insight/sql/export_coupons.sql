-- The coupons that were issued between two instants, in the order of issue, as they stand at a
-- time; with stores, those that were issued at one of them.
-- Locks nothing. Index: the primary key, all of the programme.
SELECT
    coupon.id,
    coupon.code,
    coupon.kind,
    CASE
        WHEN coupon.status IN ('used', 'void') THEN coupon.status
        WHEN coupon.status = 'held' AND coupon.held_until > %(at)s::timestamptz THEN 'held'
        WHEN coupon.valid_until <= %(at)s::timestamptz THEN 'expired'
        ELSE 'issued'
    END AS status,
    coupon.member_id,
    coupon.valid_from,
    coupon.valid_until,
    activity.booked_at AS issued_at,
    coalesce(store.code, '') AS store,
    coupon.issued_by_id,
    coupon.holder_id
FROM coupon
LEFT JOIN activity
    ON
        activity.programme_id = %(programme_id)s
        AND coupon.issued_by_id = activity.id
LEFT JOIN store
    ON
        store.programme_id = %(programme_id)s
        AND activity.store_id = store.id
WHERE
    coupon.programme_id = %(programme_id)s
    AND (%(begins_at)s::timestamptz IS NULL OR activity.booked_at >= %(begins_at)s::timestamptz)
    AND (%(ends_at)s::timestamptz IS NULL OR activity.booked_at < %(ends_at)s::timestamptz)
    AND (%(stores)s::uuid [] IS NULL OR activity.store_id = any(%(stores)s::uuid []))
ORDER BY coupon.id
