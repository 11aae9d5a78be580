-- How many members who take part are in each cell of the map of recency and frequency, and what is
-- kept of what they paid, at each store and, with an empty one, in all: by orders from one local
-- day on until before another. Locks nothing. Index: primary key of member.
WITH buyer AS (
    SELECT
        place.code AS store,
        kept_order.member_id,
        max(kept_order.day) AS last_day,
        count(*) AS orders,
        sum(kept_order.minor) AS minor
    FROM kept_order
    LEFT JOIN store
        ON store.programme_id = %(programme_id)s AND kept_order.store_id = store.id
    INNER JOIN LATERAL (
        SELECT store.code
        UNION ALL
        SELECT '' AS code
    ) AS place ON TRUE
    WHERE
        kept_order.programme_id = %(programme_id)s
        AND kept_order.day >= %(since)s
        AND kept_order.day < %(until)s
    GROUP BY 1, 2
)

SELECT
    buyer.store,
    width_bucket(%(until)s::date - 1 - buyer.last_day, %(recency_days)s::int []) AS recency,
    width_bucket(buyer.orders, %(orders_from)s::bigint []) - 1 AS frequency,
    count(*) AS members,
    sum(buyer.minor)::bigint AS paid_minor
FROM buyer
INNER JOIN member
    ON member.programme_id = %(programme_id)s AND buyer.member_id = member.id
WHERE member.status IN ('active', 'frozen')
GROUP BY 1, 2, 3
