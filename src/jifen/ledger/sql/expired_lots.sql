-- What expired in a transaction, lot by lot, with where each lot came from.
-- Locks nothing: postings and draw-downs never change. Indexes: posting_transaction,
-- and primary keys.
SELECT
    account.member_id,
    unit.code,
    opening.rule,
    opening.store_id,
    opening.merchant_id,
    opening.expires_at,
    draw_down.amount,
    draw_down.lot_id
FROM posting
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND posting.account_id = account.id
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
INNER JOIN draw_down
    ON
        draw_down.programme_id = %(programme_id)s
        AND posting.id = draw_down.posting_id
INNER JOIN posting AS opening
    ON
        opening.programme_id = %(programme_id)s
        AND draw_down.lot_id = opening.id
WHERE
    posting.programme_id = %(programme_id)s
    AND posting.transaction_id = %(transaction_id)s
    AND posting.kind = 'expire'
ORDER BY account.member_id, unit.code, posting.seq, draw_down.rank
