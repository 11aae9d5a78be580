-- What became of the gift for some members of a run; what is known already stays.
-- Locks these rows; whoever calls holds the run's own row, so two workers cannot wait for each
-- other crosswise.
-- Index: primary key.
UPDATE gift_run_member
SET outcome = told.outcome
FROM unnest(%(members)s::uuid [], %(outcomes)s::text []) AS told (member_id, outcome)
WHERE
    gift_run_member.programme_id = %(programme_id)s
    AND gift_run_member.run_id = %(run_id)s
    AND gift_run_member.member_id = told.member_id
    AND gift_run_member.outcome = ''
RETURNING gift_run_member.outcome
