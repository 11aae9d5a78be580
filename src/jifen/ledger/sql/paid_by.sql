-- Whose points paid for what a transaction burned: for each lot it took from, the stretch of that
-- lot, and either what a conversion burned to buy the lot, by the merchant it came from, or the lot
-- itself. (An order that is paid with points burns and earns too, but does not buy what it earns.)
-- Locks nothing. Indexes: posting_transaction, draw_down_lot, primary keys.
WITH burned AS (
    SELECT
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
    GROUP BY posting.id, posting.seq, draw_down.lot_id
),

stretch AS (
    SELECT
        burned.lot_id,
        burned.taken,
        burned.returned + (
            SELECT coalesce(sum(draw_down.amount), 0)
            FROM draw_down
            INNER JOIN posting AS earlier
                ON
                    earlier.programme_id = %(programme_id)s
                    AND draw_down.posting_id = earlier.id
            WHERE
                draw_down.programme_id = %(programme_id)s
                AND draw_down.lot_id = burned.lot_id
                AND earlier.seq < burned.seq
        ) AS start_at
    FROM burned
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
    FROM ledger_transaction AS deal
    INNER JOIN posting AS paying
        ON
            paying.programme_id = %(programme_id)s
            AND deal.id = paying.transaction_id
            AND paying.kind = 'burn'
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
        deal.programme_id = %(programme_id)s
        AND deal.id = lot.transaction_id
        AND deal.kind = 'conversion'
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
