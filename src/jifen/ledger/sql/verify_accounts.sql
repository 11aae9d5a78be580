-- Accounts against the sum of their postings, their number and the last deficit.
-- Locks nothing; reads every posting.
WITH book AS (
    SELECT
        account_id,
        sum(amount) AS amount,
        count(*) AS postings,
        (array_agg(deficit_after ORDER BY seq DESC))[1] AS deficit
    FROM posting
    WHERE programme_id = %(programme_id)s
    GROUP BY account_id
)

SELECT
    account.id,
    coalesce(book.amount, 0) AS expected,
    account.available + account.pending + account.held - account.deficit AS found
FROM account
LEFT JOIN book ON account.id = book.account_id
WHERE
    account.programme_id = %(programme_id)s
    AND (
        coalesce(book.amount, 0)
        <> account.available + account.pending + account.held - account.deficit
        OR coalesce(book.postings, 0) <> account.seq
        OR coalesce(book.deficit, 0) <> account.deficit
    )
ORDER BY account.id
LIMIT %(limit)s
