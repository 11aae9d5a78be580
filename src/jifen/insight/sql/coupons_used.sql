-- How many coupons the orders from one id up to another used, less those that refunds made good
-- again, by local day, store and kind of coupon; each on the day and at the store of its own act.
-- Locks nothing. Indexes: primary keys of activity and store. Looking for a word is much cheaper
-- than reading the JSON of an order, and few have any.
SELECT
    (act.occurred_at AT TIME ZONE %(zone)s)::date AS day,
    store.code AS store,
    told.kind,
    sum(told.coupons)::bigint AS coupons
FROM activity AS act
INNER JOIN store ON store.programme_id = %(programme_id)s AND act.store_id = store.id
CROSS JOIN
    LATERAL (
        SELECT
            used.coupon ->> 'kind' AS kind,
            1 AS coupons
        FROM json_array_elements(act.record::json -> 'used_coupons') AS used (coupon)
        WHERE act.kind = 'purchase'
        UNION ALL
        SELECT
            said.notice -> 'fields' ->> 'coupon' AS kind,
            -1 AS coupons
        FROM json_array_elements(act.record::json -> 'award' -> 'refusals') AS said (notice)
        WHERE act.kind = 'refund' AND said.notice ->> 'code' = 'coupon_given_back'
    ) AS told
WHERE
    act.programme_id = %(programme_id)s
    AND act.id >= %(begins)s::uuid
    AND act.id < %(ends)s::uuid
    AND (
        (act.kind = 'purchase' AND strpos(act.record, '"used_coupons"') > 0)
        OR (act.kind = 'refund' AND strpos(act.record, '"coupon_given_back"') > 0)
    )
GROUP BY 1, 2, 3
HAVING sum(told.coupons) <> 0
