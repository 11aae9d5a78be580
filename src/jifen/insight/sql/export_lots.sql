-- The open lots as they stand at a time, in the order they were opened; with stores, those that
-- were earned at one of them. What has ended by then is left out, as ledger/sql/lots.sql says.
-- Locks nothing. Index: the primary key of lot, all of the programme.
SELECT
    lot.id,
    account.member_id,
    unit.code AS unit,
    lot.remaining,
    opening.amount,
    ledger_transaction.occurred_at,
    lasts.ends_at,
    lot.is_pending AND coalesce(lot.ripens_at > %(at)s::timestamptz, TRUE) AS is_pending,
    CASE WHEN lot.is_pending THEN lot.ripens_at END AS ripens_at,
    opening.rule,
    coalesce(store.code, '') AS store,
    coalesce(merchant.code, '') AS merchant,
    opening.transaction_id
FROM lot
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND lot.account_id = account.id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
INNER JOIN posting AS opening
    ON
        opening.programme_id = %(programme_id)s
        AND lot.id = opening.id
INNER JOIN ledger_transaction
    ON
        ledger_transaction.programme_id = %(programme_id)s
        AND opening.transaction_id = ledger_transaction.id
LEFT JOIN store
    ON
        store.programme_id = %(programme_id)s
        AND opening.store_id = store.id
LEFT JOIN merchant
    ON
        merchant.programme_id = %(programme_id)s
        AND opening.merchant_id = merchant.id
LEFT JOIN lot_notice AS told
    ON
        told.programme_id = %(programme_id)s
        AND lot.account_id = told.account_id
        AND lot.expires_at = told.expires_at
LEFT JOIN lot_notice AS idle_told
    ON
        idle_told.programme_id = %(programme_id)s
        AND account.id = idle_told.account_id
        AND account.idle_at = idle_told.expires_at
LEFT JOIN LATERAL (
    SELECT
        least(
            CASE WHEN unit.guarded_from < lot.expires_at THEN told.until ELSE lot.expires_at END,
            CASE
                WHEN unit.guarded_from < account.idle_at THEN idle_told.until
                ELSE account.idle_at
            END
        ) AS ends_at
) AS lasts ON TRUE
WHERE
    lot.programme_id = %(programme_id)s
    AND coalesce(lasts.ends_at > %(at)s::timestamptz, TRUE)
    AND (%(stores)s::uuid [] IS NULL OR opening.store_id = any(%(stores)s::uuid []))
ORDER BY lot.id
