-- Open holds.
INSERT INTO hold (programme_id, account_id, id, seq, captured, remaining, expires_at)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(accounts)s::uuid [],
        %(ids)s::uuid [],
        %(seqs)s::int [],
        %(captureds)s::bigint [],
        %(remainings)s::bigint [],
        %(expires_ats)s::timestamptz []
    ) AS t
