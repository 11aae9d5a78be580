-- What each posting changed in pending: what it opened as pending, less what it drew from lots
-- that nobody had ripened before it. A ripening draws a lot's points out of pending, and gives
-- them back as available.
-- Locks nothing; reads every posting, and the draw-downs of lots that were opened as pending.
WITH ripened AS (
    SELECT
        draw_down.lot_id,
        min(posting.seq) AS seq
    FROM posting
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND posting.id = draw_down.posting_id
    WHERE posting.programme_id = %(programme_id)s AND posting.kind = 'ripen'
    GROUP BY draw_down.lot_id
),

moved AS (
    SELECT
        draw_down.posting_id,
        sum(draw_down.amount) AS amount
    FROM posting AS opening
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND opening.id = draw_down.lot_id
    INNER JOIN posting
        ON
            posting.programme_id = %(programme_id)s
            AND draw_down.posting_id = posting.id
    LEFT JOIN ripened ON opening.id = ripened.lot_id
    WHERE
        opening.programme_id = %(programme_id)s
        AND opening.is_pending
        AND (ripened.seq IS NULL OR posting.seq <= ripened.seq)
        AND NOT (posting.kind = 'ripen' AND draw_down.amount < 0)
    GROUP BY draw_down.posting_id
),

step AS (
    SELECT
        posting.id,
        CASE WHEN posting.is_pending THEN posting.amount ELSE 0 END
        - coalesce(moved.amount, 0) AS expected,
        posting.pending_after
        - lag(posting.pending_after, 1, 0::bigint)
            OVER (PARTITION BY posting.account_id ORDER BY posting.seq ASC) AS found
    FROM posting
    LEFT JOIN moved ON posting.id = moved.posting_id
    WHERE posting.programme_id = %(programme_id)s
)

SELECT
    id,
    expected,
    found
FROM step
WHERE expected <> found
ORDER BY id
LIMIT %(limit)s
