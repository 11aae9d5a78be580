-- The next orders, refunds, claims and behaviours of a sample of the members between two instants,
-- in the order in which they happened, each with the order that it is or is about. A behaviour that
-- was reversed since is left out.
-- Locks nothing. Indexes: activity_window (programme_id, occurred_at, member_id), which grows with
-- the period; the primary key and activity_of (programme_id, of_id, id).
SELECT
    act.id,
    act.kind,
    act.member_id,
    act.store_id,
    act.of_id,
    act.rule_set_version,
    act.occurred_at,
    CASE WHEN act.kind = 'purchase' THEN act.body ELSE bought.body END AS body,
    act.record
FROM activity AS act
LEFT JOIN activity AS bought
    ON
        bought.programme_id = %(programme_id)s
        AND act.of_id = bought.id
        AND act.kind IN ('refund', 'claim')
WHERE
    act.programme_id = %(programme_id)s
    AND act.occurred_at >= %(begins_at)s
    AND act.occurred_at <= %(ends_at)s
    AND (act.occurred_at, act.id) > (%(after_at)s, %(after)s)
    AND act.kind IN ('purchase', 'refund', 'claim', 'behaviour')
    AND act.member_id IS NOT NULL
    AND (%(stores)s::uuid [] IS NULL OR act.store_id = any(%(stores)s::uuid []))
    AND (
        %(sample)s = 1
        OR mod(
            ('x' || substr(md5(act.member_id::text), 1, 8))::bit(32)::bigint, %(sample)s
        ) = 0
    )
    AND NOT (
        act.kind = 'behaviour'
        AND EXISTS (
            SELECT 1
            FROM activity AS undone
            WHERE
                undone.programme_id = %(programme_id)s
                AND undone.of_id = act.id
                AND undone.kind = 'reversal'
        )
    )
ORDER BY act.occurred_at, act.id
LIMIT %(size)s
