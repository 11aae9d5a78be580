-- A page of the open lots of one account as they stand at a time, the first to end first, those
-- that do not end last: what is left of each, and the posting that opened it. Lots whose time has
-- come are left out. Where nothing ends without a notice, a lot ends at what was told (ends_at), if
-- anything was; so does an account that was not used (over_at), in which nothing is left then.
-- Locks nothing. Indexes: account_once; lot_account; primary keys. Sorts one account's open lots.
SELECT
    lot.id,
    opening.transaction_id,
    lot.remaining,
    opening.amount,
    opening.rule,
    coalesce(store.code, '') AS store,
    lot.is_pending AND coalesce(lot.ripens_at > %(at)s, TRUE) AS is_pending,
    CASE WHEN lot.is_pending THEN lot.ripens_at END AS ripens_at,
    lot.expires_at,
    lasts.ends_at,
    ledger_transaction.occurred_at
FROM account
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
INNER JOIN lot
    ON
        lot.programme_id = %(programme_id)s
        AND account.id = lot.account_id
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
    account.programme_id = %(programme_id)s
    AND account.member_id = %(member_id)s
    AND unit.code = %(unit)s
    AND coalesce(lasts.ends_at > %(at)s, TRUE)
ORDER BY lot.expires_at ASC NULLS LAST, lot.seq ASC
LIMIT %(limit)s OFFSET %(skip)s
