-- How many members whose first kept order was in one month ordered in another, at each store and,
-- with an empty one, in all; for first months from one on. Locks nothing.
WITH bought AS (
    SELECT DISTINCT
        kept_order.member_id,
        coalesce(place.code, '') AS store,
        date_trunc('month', kept_order.day)::date AS month
    FROM kept_order
    LEFT JOIN store
        ON store.programme_id = %(programme_id)s AND kept_order.store_id = store.id
    INNER JOIN LATERAL (
        SELECT store.code
        UNION ALL
        SELECT '' AS code
    ) AS place ON TRUE
    WHERE kept_order.programme_id = %(programme_id)s
),

placed AS (
    SELECT
        bought.store,
        bought.month,
        min(bought.month) OVER (
            PARTITION BY bought.store, bought.member_id
        ) AS first_month
    FROM bought
)

SELECT
    placed.store,
    placed.first_month,
    placed.month,
    count(*) AS members
FROM placed
WHERE placed.first_month >= %(since)s
GROUP BY placed.store, placed.first_month, placed.month
