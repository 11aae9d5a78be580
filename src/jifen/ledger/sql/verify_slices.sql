-- Each hold's lots: captures came out of what it drew first, releases out of what it drew last,
-- and what is left of each lot is what the hold drew from it less what left it.
-- Locks nothing; reads the holds there ever were, with their captures and releases.
WITH gone AS (
    SELECT
        posting.hold_id,
        draw_down.lot_id,
        -sum(draw_down.amount) AS points,
        -coalesce(sum(draw_down.amount) FILTER (WHERE posting.kind = 'burn'), 0) AS captured
    FROM posting
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND posting.id = draw_down.posting_id
    WHERE
        posting.programme_id = %(programme_id)s
        AND posting.hold_id IS NOT NULL
        AND draw_down.amount < 0
    GROUP BY posting.hold_id, draw_down.lot_id
),

whole AS (
    SELECT
        hold_id,
        sum(points) AS points,
        sum(captured) AS captured
    FROM gone
    GROUP BY hold_id
),

line AS (
    SELECT
        posting.id AS hold_id,
        draw_down.lot_id,
        draw_down.amount,
        sum(draw_down.amount) OVER own AS upto,
        sum(draw_down.amount) OVER (PARTITION BY posting.id) AS total
    FROM posting
    INNER JOIN draw_down
        ON
            draw_down.programme_id = %(programme_id)s
            AND posting.id = draw_down.posting_id
    WHERE posting.programme_id = %(programme_id)s AND posting.kind = 'hold'
    WINDOW own AS (PARTITION BY posting.id ORDER BY draw_down.rank ASC)
),

lots AS (
    SELECT
        line.hold_id,
        line.lot_id,
        sum(line.amount) AS drawn,
        sum(
            greatest(
                least(
                    line.upto,
                    line.total - coalesce(whole.points, 0) + coalesce(whole.captured, 0)
                )
                - greatest(line.upto - line.amount, coalesce(whole.captured, 0)),
                0
            )
        ) AS left_over
    FROM line
    LEFT JOIN whole ON line.hold_id = whole.hold_id
    GROUP BY line.hold_id, line.lot_id
)

SELECT
    coalesce(lots.hold_id, gone.hold_id) AS id,
    coalesce(lots.left_over, 0) AS expected,
    coalesce(lots.drawn, 0) - coalesce(gone.points, 0) AS found
FROM lots
FULL JOIN gone ON lots.hold_id = gone.hold_id AND lots.lot_id = gone.lot_id
WHERE coalesce(lots.left_over, 0) <> coalesce(lots.drawn, 0) - coalesce(gone.points, 0)
ORDER BY 1
LIMIT %(limit)s
