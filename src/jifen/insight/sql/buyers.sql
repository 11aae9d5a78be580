-- How many members ordered, or claimed an order, between two instants, at one store or at all, and
-- how many of them twice or more; only orders of which something is kept today. A merged member is
-- a part of the survivor.
-- Locks nothing. Indexes: activity_window (programme_id, occurred_at, member_id), which grows with
-- the period; activity_of (programme_id, of_id, id) for the refunds of each; the primary key of
-- member.
-- LIMIT keeps the planner at one look into the index for each.
WITH RECURSIVE bought AS (
    SELECT
        activity.member_id,
        activity.id
    FROM activity
    LEFT JOIN LATERAL (
        SELECT sum((refund.record::json ->> 'purchases_kept')::int) AS change
        FROM activity AS refund
        WHERE
            refund.programme_id = %(programme_id)s
            AND refund.of_id
            = CASE WHEN activity.kind = 'claim' THEN activity.of_id ELSE activity.id END
            AND refund.kind = 'refund'
            AND refund.member_id IS NOT NULL
    ) AS refunded ON TRUE
    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.occurred_at >= %(begins_at)s
        AND activity.occurred_at < %(ends_at)s
        AND activity.kind IN ('purchase', 'claim')
        AND activity.member_id IS NOT NULL
        AND (%(store_id)s::uuid IS NULL OR activity.store_id = %(store_id)s)
        AND coalesce(refunded.change, 0) = 0
),

line AS (
    SELECT DISTINCT
        bought.member_id,
        bought.member_id AS survivor_id,
        0 AS steps
    FROM bought
    UNION ALL
    SELECT
        line.member_id,
        further.id,
        line.steps + 1
    FROM line
    INNER JOIN LATERAL (
        SELECT member.merged_into_id AS id
        FROM member
        WHERE member.programme_id = %(programme_id)s AND line.survivor_id = member.id
        ORDER BY member.id
        LIMIT 1
    ) AS further ON further.id IS NOT NULL
),

whose AS (
    SELECT DISTINCT ON (line.member_id)
        line.member_id,
        line.survivor_id
    FROM line
    ORDER BY line.member_id ASC, line.steps DESC
),

buyer AS (
    SELECT
        whose.survivor_id,
        count(*) AS orders
    FROM bought
    INNER JOIN whose ON bought.member_id = whose.member_id
    GROUP BY whose.survivor_id
)

SELECT
    count(*) AS buyers,
    count(*) FILTER (WHERE buyer.orders > 1) AS repeat_buyers
FROM buyer
