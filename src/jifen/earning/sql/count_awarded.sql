-- How many orders, refunds, claims and behaviours of a sample of the members there are between two
-- instants, at some stores or at all. Member by member: ``sample`` 1 is everybody.
-- Locks nothing. Index: activity_window (programme_id, occurred_at, member_id), which grows with
-- the period.
SELECT count(*)
FROM activity
WHERE
    activity.programme_id = %(programme_id)s
    AND activity.occurred_at >= %(begins_at)s
    AND activity.occurred_at <= %(ends_at)s
    AND activity.kind IN ('purchase', 'refund', 'claim', 'behaviour')
    AND activity.member_id IS NOT NULL
    AND (%(stores)s::uuid [] IS NULL OR activity.store_id = any(%(stores)s::uuid []))
    AND (
        %(sample)s = 1
        OR mod(
            ('x' || substr(md5(activity.member_id::text), 1, 8))::bit(32)::bigint, %(sample)s
        ) = 0
    )
