-- What happened between two instants, in the order of booking; with stores, what was booked at one
-- of them. What was paid for an order is below zero where a refund took it back.
-- Locks nothing. Index: the primary key, all of the programme.
SELECT
    activity.id,
    activity.kind,
    activity.occurred_at,
    activity.booked_at,
    store.code AS store,
    activity.reference,
    activity.member_id,
    activity.of_id,
    (activity.record::json ->> 'spend_minor')::bigint AS spend_minor,
    activity.record::json ->> 'points' AS points,
    activity.record::json ->> 'tier' AS tier,
    activity.rule_set_version,
    activity.body::json ->> 'actor' AS actor,
    activity.body::json ->> 'reason' AS reason
FROM activity
INNER JOIN store
    ON
        store.programme_id = %(programme_id)s
        AND activity.store_id = store.id
WHERE
    activity.programme_id = %(programme_id)s
    AND activity.occurred_at >= coalesce(%(begins_at)s::timestamptz, '-infinity')
    AND activity.occurred_at < coalesce(%(ends_at)s::timestamptz, 'infinity')
    AND (%(stores)s::uuid [] IS NULL OR activity.store_id = any(%(stores)s::uuid []))
ORDER BY activity.id
