-- What the orders from one id up to another came to, by local day and store: orders and what was
-- paid for them on the day of the order, what was refunded on the day of the refund. A claim moves
-- the order, as far as it is kept, from guests to members, on the day of the order.
-- Locks nothing. Indexes: primary keys of activity and store.
SELECT
    (coalesce(claimed.occurred_at, act.occurred_at) AT TIME ZONE %(zone)s)::date AS day,
    store.code AS store,
    count(*) FILTER (WHERE act.kind <> 'refund' AND act.member_id IS NOT NULL) AS orders,
    coalesce(
        sum(told.minor) FILTER (WHERE act.kind <> 'refund' AND act.member_id IS NOT NULL), 0
    )::bigint AS paid_minor,
    coalesce(
        -sum(told.minor) FILTER (WHERE act.kind = 'refund' AND act.member_id IS NOT NULL), 0
    )::bigint AS refunded_minor,
    count(*) FILTER (WHERE act.kind = 'purchase' AND act.member_id IS NULL)
    - count(*) FILTER (WHERE act.kind = 'claim') AS guest_orders,
    coalesce(
        sum(
            CASE WHEN act.kind = 'claim' THEN -told.minor ELSE told.minor END
        ) FILTER (WHERE act.kind = 'claim' OR (act.kind = 'purchase' AND act.member_id IS NULL)), 0
    )::bigint AS guest_paid_minor,
    coalesce(
        -sum(told.minor) FILTER (WHERE act.kind = 'refund' AND act.member_id IS NULL), 0
    )::bigint AS guest_refunded_minor
FROM activity AS act
LEFT JOIN activity AS claimed
    ON
        act.kind = 'claim'
        AND claimed.programme_id = %(programme_id)s
        AND act.of_id = claimed.id
INNER JOIN store
    ON
        store.programme_id = %(programme_id)s
        AND coalesce(claimed.store_id, act.store_id) = store.id
INNER JOIN LATERAL (
    SELECT coalesce((act.record::json ->> 'spend_minor')::bigint, 0) AS minor
) AS told ON TRUE
WHERE
    act.programme_id = %(programme_id)s
    AND act.id >= %(begins)s::uuid
    AND act.id < %(ends)s::uuid
    AND act.kind IN ('purchase', 'refund', 'claim')
GROUP BY 1, 2
