-- The postings that were booked between two instants, in the order of booking; with stores, those
-- of activities that were booked at one of them. What ends by a run is of no store.
-- Locks nothing. Index: the primary key, all of the programme.
SELECT
    posting.id,
    ledger_transaction.booked_at,
    ledger_transaction.occurred_at,
    posting.transaction_id,
    ledger_transaction.kind AS act,
    account.member_id,
    unit.code AS unit,
    posting.kind,
    posting.contra,
    posting.amount,
    posting.balance_after,
    posting.pending_after,
    posting.held_after,
    posting.deficit_after,
    posting.rule,
    coalesce(store.code, '') AS store,
    posting.expires_at,
    ledger_transaction.actor,
    ledger_transaction.reason
FROM posting
INNER JOIN ledger_transaction
    ON
        ledger_transaction.programme_id = %(programme_id)s
        AND posting.transaction_id = ledger_transaction.id
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND posting.account_id = account.id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
LEFT JOIN activity
    ON
        activity.programme_id = %(programme_id)s
        AND posting.transaction_id = activity.id
LEFT JOIN store
    ON
        store.programme_id = %(programme_id)s
        AND activity.store_id = store.id
WHERE
    posting.programme_id = %(programme_id)s
    AND ledger_transaction.booked_at >= coalesce(%(begins_at)s::timestamptz, '-infinity')
    AND ledger_transaction.booked_at < coalesce(%(ends_at)s::timestamptz, 'infinity')
    AND (%(stores)s::uuid [] IS NULL OR activity.store_id = any(%(stores)s::uuid []))
ORDER BY posting.id
