-- Members who get the gift of a run; those that are in it already stay as they are.
-- Locks the new rows. Index: primary key.
INSERT INTO gift_run_member (programme_id, run_id, member_id, outcome)
SELECT
    %(programme_id)s,
    %(run_id)s,
    chosen.member_id,
    ''
FROM unnest(%(members)s::uuid []) AS chosen (member_id)
ON CONFLICT (programme_id, run_id, member_id) DO NOTHING
