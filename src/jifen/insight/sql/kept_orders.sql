-- Every order of which something is kept, with its member (a merged one is a part of the survivor),
-- its store, its local day and what is kept of its amount; of what happened before an instant.
-- Reads all of a programme's orders: for what is counted once a day. `queries` puts it before what
-- counts them. Locks nothing. Indexes: activity_window by programme, member_merged_into.
SELECT
    family.programme_id,
    coalesce(survivor.id, family.member_id) AS member_id,
    ordered.store_id,
    (ordered.occurred_at AT TIME ZONE %(zone)s)::date AS day,
    family.minor
FROM (
    SELECT
        act.programme_id,
        CASE WHEN act.kind = 'purchase' THEN act.id ELSE act.of_id END AS order_id,
        act.member_id,
        sum(coalesce((act.record::json ->> 'spend_minor')::bigint, 0))::bigint AS minor
    FROM activity AS act
    WHERE
        act.programme_id = %(programme_id)s
        AND act.kind IN ('purchase', 'refund', 'claim')
        AND act.member_id IS NOT NULL
        AND act.occurred_at < %(ends_at)s
    GROUP BY 1, 2, 3
    HAVING sum(coalesce((act.record::json ->> 'purchases_kept')::int, 0)) > 0
) AS family
INNER JOIN activity AS ordered
    ON ordered.programme_id = %(programme_id)s AND family.order_id = ordered.id
LEFT JOIN LATERAL (
    WITH RECURSIVE line AS (
        SELECT
            member.merged_into_id AS id,
            1 AS steps
        FROM member
        WHERE member.programme_id = %(programme_id)s AND member.id = family.member_id
        UNION ALL
        SELECT
            member.merged_into_id,
            line.steps + 1
        FROM line
        INNER JOIN member ON member.programme_id = %(programme_id)s AND line.id = member.id
        WHERE line.id IS NOT NULL
    )

    SELECT line.id
    FROM line
    WHERE line.id IS NOT NULL
    ORDER BY line.steps DESC
    LIMIT 1
) AS survivor ON TRUE
