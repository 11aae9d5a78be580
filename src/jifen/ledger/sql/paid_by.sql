-- Whose points paid for what a transaction burned: for each lot it took from, the stretch of that
-- lot, and either what was burned to buy the lot, by the merchant it came from, or the lot itself.
-- Locks nothing. Indexes: posting_transaction, draw_down_order, draw_down_lot, primary keys.
WITH burned AS (
    SELECT
        posting.id,
        posting.account_id,
        posting.seq,
        draw_down.lot_id,
        sum(draw_down.amount) FILTER (WHERE draw_down.amount > 0) AS taken,
        coalesce(sum(draw_down.amount) FILTER (WHERE draw_down.amount < 0), 0) AS returned
    FROM posting
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND posting.id = draw_down.posting_id
    WHERE
        posting.programme_id = %(programme_id)s
        AND posting.transaction_id = %(transaction_id)s::uuid
        AND posting.kind = 'burn'
    GROUP BY posting.id, posting.account_id, posting.seq, draw_down.lot_id
),

stretch AS (
    SELECT
        burned.lot_id,
        burned.taken,
        burned.returned + coalesce(sum(draw_down.amount), 0) AS start_at
    FROM burned
    LEFT JOIN posting AS earlier
        ON
            earlier.programme_id = %(programme_id)s
            AND burned.account_id = earlier.account_id
            AND burned.seq > earlier.seq
    LEFT JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND earlier.id = draw_down.posting_id
            AND burned.lot_id = draw_down.lot_id
    GROUP BY burned.lot_id, burned.taken, burned.returned
)

SELECT
    stretch.lot_id,
    lot.amount,
    stretch.start_at::bigint,
    stretch.taken::bigint,
    coalesce(merchant.code, '') AS merchant,
    unit.code AS unit,
    coalesce(bought.points, lot.amount)::bigint AS points
FROM stretch
INNER JOIN posting AS lot
    ON
        lot.programme_id = %(programme_id)s
        AND stretch.lot_id = lot.id
LEFT JOIN LATERAL (
    SELECT
        source.merchant_id,
        source.account_id,
        sum(draw_down.amount) AS points
    FROM posting AS paying
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND paying.id = draw_down.posting_id
            AND draw_down.amount > 0
    INNER JOIN posting AS source
        ON
            source.programme_id = %(programme_id)s
            AND draw_down.lot_id = source.id
    WHERE
        paying.programme_id = %(programme_id)s
        AND paying.transaction_id = lot.transaction_id
        AND paying.kind = 'burn'
    GROUP BY source.merchant_id, source.account_id
) AS bought ON TRUE
LEFT JOIN merchant
    ON
        merchant.programme_id = %(programme_id)s
        AND merchant.id
        = CASE WHEN bought.points IS NULL THEN lot.merchant_id ELSE bought.merchant_id END
INNER JOIN account
    ON
        account.programme_id = %(programme_id)s
        AND account.id = coalesce(bought.account_id, lot.account_id)
INNER JOIN unit
    ON
        unit.programme_id = %(programme_id)s
        AND account.unit_id = unit.id
ORDER BY unit, merchant, lot_id
