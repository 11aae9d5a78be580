-- Transfers: in every transaction, what left the lots of one origin and date of a unit arrived in
-- lots of the same origin and date (which may have moved before, when points came back to the lot).
-- What a merge undone gave back to a lot is of that lot's origin. So nothing is lost or made on the
-- way, and no date moves.
-- Locks nothing; reads the transfers, the lots that they took from, and what came back to these.
-- Index: draw_down_lot.
WITH home AS (
    SELECT
        posting.id AS posting_id,
        draw_down.lot_id,
        -sum(draw_down.amount) AS points
    FROM posting
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND posting.id = draw_down.posting_id
    WHERE posting.programme_id = %(programme_id)s AND posting.kind = 'transfer_in'
    GROUP BY posting.id, draw_down.lot_id
    HAVING sum(draw_down.amount) < 0
),

crossing AS (
    SELECT
        posting.transaction_id,
        account.unit_id,
        opening.rule,
        opening.store_id,
        opening.merchant_id,
        coalesce(later.until, opening.expires_at) AS expires_at,
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
        SELECT back.expires_at AS until
        FROM draw_down AS returned
        INNER JOIN posting AS back
            ON
                back.programme_id = %(programme_id)s
                AND returned.posting_id = back.id
        WHERE
            returned.programme_id = %(programme_id)s
            AND returned.lot_id = opening.id
            AND back.kind IN ('give_back', 'transfer_in')
            AND back.expires_at IS NOT NULL
            AND back.seq < posting.seq
        GROUP BY back.id, back.expires_at
        HAVING sum(returned.amount) < 0
        ORDER BY back.expires_at DESC
        LIMIT 1
    ) AS later ON TRUE
    WHERE posting.programme_id = %(programme_id)s AND posting.kind = 'transfer_out'
    UNION ALL
    SELECT
        posting.transaction_id,
        account.unit_id,
        opening.rule,
        opening.store_id,
        opening.merchant_id,
        posting.expires_at,
        0::bigint AS sent,
        CASE
            WHEN opening.id = posting.id THEN posting.amount - coalesce(home.points, 0)
            ELSE home.points
        END AS arrived
    FROM posting
    INNER JOIN account
        ON
            account.programme_id = %(programme_id)s
            AND posting.account_id = account.id
    LEFT JOIN home ON posting.id = home.posting_id
    INNER JOIN posting AS opening
        ON
            opening.programme_id = %(programme_id)s
            AND opening.id = any(ARRAY[posting.id, home.lot_id])
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
