-- Open accounts with their state after this batch.
-- Locks: nothing beyond the new rows; account_once refuses a second account of one unit.
INSERT INTO account (
    programme_id, id, member_id, unit_id, available, pending, held, deficit, seq, idle_at
)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(ids)s::uuid [],
        %(members)s::uuid [],
        %(units)s::uuid [],
        %(availables)s::bigint [],
        %(pendings)s::bigint [],
        %(helds)s::bigint [],
        %(deficits)s::bigint [],
        %(seqs)s::int [],
        %(idle_ats)s::timestamptz []
    ) AS t
