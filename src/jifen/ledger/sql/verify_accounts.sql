-- Accounts against the sum of their postings, their number, and what the last posting left as
-- deficit, pending and held. Answers the first of these that differs.
-- Locks nothing; reads every posting.
WITH book AS (
    SELECT
        account_id,
        sum(amount) AS amount,
        count(*) AS postings
    FROM posting
    WHERE programme_id = %(programme_id)s
    GROUP BY account_id
),

latest AS (
    SELECT DISTINCT ON (account_id)
        account_id,
        deficit_after,
        pending_after,
        held_after
    FROM posting
    WHERE programme_id = %(programme_id)s
    ORDER BY account_id ASC, seq DESC
),

pair AS (
    SELECT
        account.id,
        account.available + account.pending + account.held - account.deficit AS net,
        account.seq,
        account.deficit,
        account.pending,
        account.held,
        coalesce(book.amount, 0) AS amount,
        coalesce(book.postings, 0) AS postings,
        coalesce(latest.deficit_after, 0) AS deficit_after,
        coalesce(latest.pending_after, 0) AS pending_after,
        coalesce(latest.held_after, 0) AS held_after
    FROM account
    LEFT JOIN book ON account.id = book.account_id
    LEFT JOIN latest ON account.id = latest.account_id
    WHERE account.programme_id = %(programme_id)s
)

SELECT
    id,
    CASE
        WHEN amount <> net THEN amount
        WHEN postings <> seq THEN postings
        WHEN deficit_after <> deficit THEN deficit_after
        WHEN pending_after <> pending THEN pending_after
        ELSE held_after
    END AS expected,
    CASE
        WHEN amount <> net THEN net
        WHEN postings <> seq THEN seq
        WHEN deficit_after <> deficit THEN deficit
        WHEN pending_after <> pending THEN pending
        ELSE held
    END AS found
FROM pair
WHERE
    amount <> net
    OR postings <> seq
    OR deficit_after <> deficit
    OR pending_after <> pending
    OR held_after <> held
ORDER BY id
LIMIT %(limit)s
