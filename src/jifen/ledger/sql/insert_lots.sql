-- Open lots, also those that were closed and got points back.
INSERT INTO lot (
    programme_id, account_id, id, seq, remaining, expires_at, is_pending, ripens_at
)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(accounts)s::uuid [],
        %(ids)s::uuid [],
        %(seqs)s::int [],
        %(remainings)s::bigint [],
        %(expires_ats)s::timestamptz [],
        %(are_pending)s::boolean [],
        %(ripens_ats)s::timestamptz []
    ) AS t
