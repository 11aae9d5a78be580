-- Where lots come from, as the postings say that opened them.
-- Locks nothing: postings never change. Index: primary key of posting.
SELECT
    id,
    rule,
    store_id,
    merchant_id,
    expires_at,
    is_pending,
    ripens_at
FROM posting
WHERE programme_id = %(programme_id)s AND id = any(%(ids)s::uuid [])
