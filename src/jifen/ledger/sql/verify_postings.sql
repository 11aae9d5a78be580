-- Every posting's running balance and number, account by account; answers the first wrong row.
-- Locks nothing; reads every posting. Index: posting_order.
WITH run AS (
    SELECT
        id,
        seq,
        balance_after,
        row_number() OVER own AS expected_seq,
        sum(amount) OVER own AS expected_balance
    FROM posting
    WHERE programme_id = %(programme_id)s
    WINDOW own AS (PARTITION BY account_id ORDER BY seq ASC)
)

SELECT
    id,
    expected_balance,
    balance_after
FROM run
WHERE expected_balance <> balance_after OR expected_seq <> seq
ORDER BY id
LIMIT %(limit)s
