-- Transfers: in every transaction, what left the lots of one origin and date of a unit arrived in
-- lots of the same origin and date (which days of grace may have moved before). So nothing is lost
-- or made on the way, and no date moves.
-- Locks nothing; reads the transfers and the lots that they took from.
WITH graced AS (
    SELECT
        draw_down.lot_id,
        posting.seq,
        posting.expires_at
    FROM posting
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND posting.id = draw_down.posting_id
    WHERE
        posting.programme_id = %(programme_id)s
        AND posting.kind = 'give_back'
        AND posting.expires_at IS NOT NULL
),

crossing AS (
    SELECT
        posting.transaction_id,
        account.unit_id,
        opening.rule,
        opening.store_id,
        opening.merchant_id,
        coalesce(grace.until, opening.expires_at) AS expires_at,
        draw_down.amount AS sent,
        0::bigint AS arrived
    FROM posting
    INNER JOIN account
        ON
            account.programme_id = %(programme_id)s
            AND posting.account_id = account.id
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND posting.id = draw_down.posting_id
    INNER JOIN posting AS opening
        ON
            opening.programme_id = %(programme_id)s
            AND draw_down.lot_id = opening.id
    LEFT JOIN LATERAL (
        SELECT max(graced.expires_at) AS until
        FROM graced
        WHERE graced.lot_id = opening.id AND graced.seq < posting.seq
    ) AS grace ON TRUE
    WHERE posting.programme_id = %(programme_id)s AND posting.kind = 'transfer_out'
    UNION ALL
    SELECT
        posting.transaction_id,
        account.unit_id,
        posting.rule,
        posting.store_id,
        posting.merchant_id,
        posting.expires_at,
        0::bigint AS sent,
        posting.amount AS arrived
    FROM posting
    INNER JOIN account
        ON
            account.programme_id = %(programme_id)s
            AND posting.account_id = account.id
    WHERE posting.programme_id = %(programme_id)s AND posting.kind = 'transfer_in'
)

SELECT
    transaction_id,
    sum(sent) AS expected,
    sum(arrived) AS found
FROM crossing
GROUP BY transaction_id, unit_id, rule, store_id, merchant_id, expires_at
HAVING sum(sent) <> sum(arrived)
ORDER BY transaction_id
LIMIT %(limit)s
