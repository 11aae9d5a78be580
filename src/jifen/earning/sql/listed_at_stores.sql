-- Top-ups or uses of passes at some stores since an instant, the latest first, before a place in
-- the list: an instant and an id.
-- Locks nothing. Index: activity_listed (programme_id, kind, store_id, occurred_at, id), backwards,
-- so many of each store.
SELECT found.id
FROM unnest(%(stores)s::uuid []) AS wanted (store_id)
CROSS JOIN
    LATERAL (
        SELECT
            activity.id,
            activity.occurred_at
        FROM activity
        WHERE
            activity.programme_id = %(programme_id)s
            AND activity.kind = %(kind)s
            AND activity.kind IN ('top_up', 'pass_use')
            AND activity.store_id = wanted.store_id
            AND activity.occurred_at >= %(begins_at)s::timestamptz
            AND (activity.occurred_at, activity.id) < (%(before_at)s::timestamptz, %(before)s::uuid)
        ORDER BY activity.occurred_at DESC, activity.id DESC
        LIMIT %(limit)s::int -- noqa: AM09
    ) AS found
ORDER BY found.occurred_at DESC, found.id DESC
LIMIT %(limit)s::int -- noqa: AM09
