-- The postings of some transactions, in order. Locks nothing. Index: posting_transaction.
SELECT
    posting.id,
    posting.transaction_id,
    unit.code,
    posting.seq,
    posting.kind,
    posting.contra,
    posting.amount,
    posting.balance_after,
    posting.rule,
    posting.expires_at,
    ledger_transaction.occurred_at,
    ledger_transaction.booked_at,
    ledger_transaction.reason,
    ledger_transaction.actor
FROM posting
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND posting.account_id = account.id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
INNER JOIN ledger_transaction
    ON
        ledger_transaction.programme_id = %(programme_id)s
        AND posting.transaction_id = ledger_transaction.id
WHERE
    posting.programme_id = %(programme_id)s
    AND posting.transaction_id = any(%(transactions)s::uuid [])
ORDER BY posting.transaction_id, posting.seq
