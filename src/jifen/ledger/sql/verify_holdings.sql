-- Accounts against their open lots: what is not owed is in lots. Locks nothing.
WITH held AS (
    SELECT
        account_id,
        sum(remaining) AS remaining
    FROM lot
    WHERE programme_id = %(programme_id)s
    GROUP BY account_id
)

SELECT
    account.id,
    coalesce(held.remaining, 0) AS expected,
    account.available + account.pending + account.held AS found
FROM account
LEFT JOIN held ON account.id = held.account_id
WHERE
    account.programme_id = %(programme_id)s
    AND coalesce(held.remaining, 0) <> account.available + account.pending + account.held
ORDER BY account.id
LIMIT %(limit)s
