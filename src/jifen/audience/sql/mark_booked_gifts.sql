-- Members of a run whose gift is in the books although nobody came to write that down.
-- Locks these rows; whoever calls holds the run's own row.
-- Indexes: primary key, activity_key_once (programme_id, client_id, key).
UPDATE gift_run_member
SET outcome = 'given'
FROM unnest(%(members)s::uuid [], %(keys)s::text []) AS waiting (member_id, key)
INNER JOIN activity
    ON
        activity.programme_id = %(programme_id)s
        AND activity.client_id = %(client_id)s
        AND waiting.key = activity.key
WHERE
    gift_run_member.programme_id = %(programme_id)s
    AND gift_run_member.run_id = %(run_id)s
    AND gift_run_member.member_id = waiting.member_id
    AND gift_run_member.outcome = ''
RETURNING gift_run_member.outcome
