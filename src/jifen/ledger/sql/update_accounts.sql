-- Write accounts' state after this batch, each only if nobody posted since it was read.
-- Locks: the account rows; their members are locked before. Index: primary key.
UPDATE account
SET
    available = t.available,
    pending = t.pending,
    held = t.held,
    deficit = t.deficit,
    seq = t.seq,
    idle_at = t.idle_at
FROM
    unnest(
        %(ids)s::uuid [],
        %(availables)s::bigint [],
        %(pendings)s::bigint [],
        %(helds)s::bigint [],
        %(deficits)s::bigint [],
        %(seqs)s::int [],
        %(idle_ats)s::timestamptz [],
        %(seqs_before)s::int []
    ) AS t (id, available, pending, held, deficit, seq, idle_at, seq_before)
WHERE
    account.programme_id = %(programme_id)s
    AND account.id = t.id
    AND account.seq = t.seq_before
