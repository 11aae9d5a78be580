-- How many members of some runs have which outcome; an empty one is still to come.
-- Locks nothing. Index: primary key.
SELECT
    run_id,
    outcome,
    count(*) AS members
FROM gift_run_member
WHERE programme_id = %(programme_id)s AND run_id = any(%(runs)s::uuid [])
GROUP BY run_id, outcome
ORDER BY run_id, outcome
