-- Top-ups or uses of passes of some members at some stores since an instant, the latest first,
-- before a place in the list: an instant and an id.
-- Locks nothing. Index: activity_member (programme_id, member_id, id), all of each member's.
SELECT activity.id
FROM activity
WHERE
    activity.programme_id = %(programme_id)s
    AND activity.member_id = any(%(members)s::uuid [])
    AND activity.kind = %(kind)s
    AND activity.store_id = any(%(stores)s::uuid [])
    AND activity.occurred_at >= %(begins_at)s::timestamptz
    AND (activity.occurred_at, activity.id) < (%(before_at)s::timestamptz, %(before)s::uuid)
ORDER BY activity.occurred_at DESC, activity.id DESC
LIMIT %(limit)s::int -- noqa: AM09
