-- A use that is held is held by a checkout of the member that says so and until when it says, and
-- that was neither captured nor released; and a member's row counts what is held. A checkout that
-- still stands has its uses, until its time is over and the member does something else. Locks
-- nothing; reads the uses, and the checkouts that hold some. Indexes activity_of and
-- activity_member for what came after.
WITH said AS MATERIALIZED (
    SELECT
        activity.id AS holder_id,
        activity.member_id,
        told ->> 'benefit' AS benefit,
        told ->> 'period' AS period,
        (activity.record::jsonb -> 'held_order' ->> 'expires_at')::timestamptz AS until
    FROM activity
    CROSS JOIN jsonb_array_elements(activity.record::jsonb -> 'held_order' -> 'uses') AS told
    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.kind = 'checkout'
        AND activity.record LIKE '%%"uses":[%%'
        AND told ->> 'period' <> ''
        AND NOT EXISTS (
            SELECT 1 FROM activity AS act
            WHERE act.programme_id = %(programme_id)s AND act.of_id = activity.id
        )
),

kept AS MATERIALIZED (
    SELECT
        usage.member_id,
        usage.benefit,
        usage.period,
        (holder ->> 0)::uuid AS holder_id,
        (holder ->> 1)::timestamptz AS until
    FROM benefit_usage AS usage
    CROSS JOIN jsonb_array_elements(nullif(usage.holders, '')::jsonb) AS holder
    WHERE usage.programme_id = %(programme_id)s
)

SELECT
    concat_ws(' ', kept.member_id, kept.benefit, kept.period) AS id,
    0 AS expected,
    1 AS found
FROM kept
LEFT JOIN said
    ON
        kept.holder_id = said.holder_id
        AND kept.member_id = said.member_id
        AND kept.benefit = said.benefit
        AND kept.period = said.period
        AND kept.until = said.until
WHERE said.holder_id IS NULL
UNION ALL
SELECT
    concat_ws(' ', said.member_id, said.benefit, said.period) AS id,
    1 AS expected,
    0 AS found
FROM said
WHERE
    NOT EXISTS (
        SELECT 1 FROM kept
        WHERE
            kept.holder_id = said.holder_id
            AND kept.benefit = said.benefit
            AND kept.period = said.period
    )
    AND NOT EXISTS (
        SELECT 1 FROM activity AS act
        WHERE
            act.programme_id = %(programme_id)s
            AND act.member_id = said.member_id
            AND act.booked_at >= said.until
    )
UNION ALL
SELECT
    concat_ws(' ', usage.member_id, usage.benefit, usage.period) AS id,
    jsonb_array_length(coalesce(nullif(usage.holders, ''), '[]')::jsonb) AS expected,
    usage.held AS found
FROM benefit_usage AS usage
WHERE
    usage.programme_id = %(programme_id)s
    AND jsonb_array_length(coalesce(nullif(usage.holders, ''), '[]')::jsonb) <> usage.held
ORDER BY id
LIMIT %(limit)s
