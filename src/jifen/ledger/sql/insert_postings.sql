-- Append postings. posting_order refuses a second posting with one number in an account.
INSERT INTO posting (
    programme_id,
    id,
    transaction_id,
    account_id,
    seq,
    kind,
    contra,
    amount,
    balance_after,
    deficit_after,
    rule,
    store_id,
    merchant_id,
    expires_at,
    is_pending,
    ripens_at,
    pending_after,
    held_after,
    hold_id
)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(ids)s::uuid [],
        %(transactions)s::uuid [],
        %(accounts)s::uuid [],
        %(seqs)s::int [],
        %(kinds)s::text [],
        %(contras)s::text [],
        %(amounts)s::bigint [],
        %(balances)s::bigint [],
        %(deficits)s::bigint [],
        %(rules)s::text [],
        %(stores)s::uuid [],
        %(merchants)s::uuid [],
        %(expires_ats)s::timestamptz [],
        %(are_pending)s::boolean [],
        %(ripens_ats)s::timestamptz [],
        %(pendings)s::bigint [],
        %(helds)s::bigint [],
        %(holds)s::uuid []
    ) AS t
