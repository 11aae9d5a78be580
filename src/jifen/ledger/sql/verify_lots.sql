-- Open lots rebuilt from the postings that opened them and all draw-downs. No lot was ever drawn
-- below nothing, and none holds more than it was opened with.
-- Locks nothing; reads every posting and draw-down.
WITH drawn AS (
    SELECT
        lot_id,
        sum(amount) AS amount
    FROM draw_down
    WHERE programme_id = %(programme_id)s
    GROUP BY lot_id
),

rebuilt AS (
    SELECT
        posting.id,
        posting.account_id,
        posting.seq,
        posting.expires_at,
        posting.amount,
        posting.amount - coalesce(drawn.amount, 0) AS remaining
    FROM posting
    LEFT JOIN drawn ON posting.id = drawn.lot_id
    WHERE posting.programme_id = %(programme_id)s AND posting.kind IN ('earn', 'adjust_up')
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
            OR rebuilt.expires_at IS DISTINCT FROM lot.expires_at
        )
    )
ORDER BY 1
LIMIT %(limit)s
