-- Expiries undone: a transaction gives an account back no more than what expired in the
-- transactions that it and its like reverse. Locks nothing; reads the expiries undone.
WITH undone AS (
    SELECT
        ledger_transaction.reverses_id,
        posting.account_id,
        sum(posting.amount) AS amount,
        (array_agg(ledger_transaction.id ORDER BY ledger_transaction.id))[1] AS id
    FROM posting
    INNER JOIN ledger_transaction
        ON
            ledger_transaction.programme_id = %(programme_id)s
            AND posting.transaction_id = ledger_transaction.id
    WHERE posting.programme_id = %(programme_id)s AND posting.kind = 'undo_expiry'
    GROUP BY ledger_transaction.reverses_id, posting.account_id
)

SELECT
    undone.id,
    coalesce(expired.amount, 0) AS expected,
    undone.amount AS found
FROM undone
LEFT JOIN LATERAL (
    SELECT -sum(posting.amount) AS amount
    FROM posting
    WHERE
        posting.programme_id = %(programme_id)s
        AND posting.transaction_id = undone.reverses_id
        AND posting.account_id = undone.account_id
        AND posting.kind = 'expire'
) AS expired ON TRUE
WHERE undone.amount > coalesce(expired.amount, 0)
ORDER BY undone.id
LIMIT %(limit)s
