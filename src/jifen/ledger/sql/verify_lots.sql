-- Open lots rebuilt from the postings that opened them and all draw-downs. No lot was ever drawn
-- below nothing, and none holds more than it was opened with. A lot opened as pending is pending
-- until a ripening names it. Its date is the one it was opened with, or one that it got when points
-- came back to it: with days of grace, or from the survivor of a merge undone.
-- Locks nothing; reads every posting and draw-down.
WITH drawn AS (
    SELECT
        lot_id,
        sum(amount) AS amount
    FROM draw_down
    WHERE programme_id = %(programme_id)s
    GROUP BY lot_id
),

ripened AS (
    SELECT DISTINCT draw_down.lot_id
    FROM posting
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND posting.id = draw_down.posting_id
    WHERE posting.programme_id = %(programme_id)s AND posting.kind = 'ripen'
),

returned AS (
    SELECT
        draw_down.lot_id,
        posting.expires_at
    FROM posting
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND posting.id = draw_down.posting_id
    WHERE
        posting.programme_id = %(programme_id)s
        AND posting.kind IN ('give_back', 'transfer_in')
        AND posting.expires_at IS NOT NULL
    GROUP BY draw_down.lot_id, posting.id, posting.expires_at
    HAVING sum(draw_down.amount) < 0
),

rebuilt AS (
    SELECT
        posting.id,
        posting.account_id,
        posting.seq,
        posting.expires_at,
        posting.ripens_at,
        posting.amount,
        posting.is_pending AND ripened.lot_id IS NULL AS is_pending,
        posting.amount - coalesce(drawn.amount, 0) AS remaining
    FROM posting
    LEFT JOIN drawn ON posting.id = drawn.lot_id
    LEFT JOIN ripened ON posting.id = ripened.lot_id
    WHERE
        posting.programme_id = %(programme_id)s
        AND posting.kind IN ('earn', 'adjust_up', 'transfer_in', 'undo_expiry', 'top_up')
)

SELECT
    coalesce(rebuilt.id, lot.id) AS id,
    coalesce(rebuilt.remaining, 0) AS expected,
    coalesce(lot.remaining, 0) AS found
FROM rebuilt
FULL JOIN (
    SELECT
        id,
        account_id,
        seq,
        expires_at,
        is_pending,
        ripens_at,
        remaining
    FROM lot
    WHERE programme_id = %(programme_id)s
) AS lot ON rebuilt.id = lot.id
WHERE
    coalesce(rebuilt.remaining, 0) <> coalesce(lot.remaining, 0)
    OR rebuilt.remaining < 0
    OR rebuilt.remaining > rebuilt.amount
    OR (
        lot.id IS NOT NULL
        AND (
            rebuilt.account_id IS DISTINCT FROM lot.account_id
            OR rebuilt.seq IS DISTINCT FROM lot.seq
            OR (
                rebuilt.expires_at IS DISTINCT FROM lot.expires_at
                AND NOT EXISTS (
                    SELECT 1
                    FROM returned
                    WHERE returned.lot_id = lot.id AND returned.expires_at = lot.expires_at
                )
            )
            OR rebuilt.is_pending IS DISTINCT FROM lot.is_pending
            OR (lot.is_pending AND rebuilt.ripens_at IS DISTINCT FROM lot.ripens_at)
        )
    )
ORDER BY 1
LIMIT %(limit)s
