-- Each posting against its own draw-downs: the amount is what it opened, less what it drew,
-- less the change of the deficit, plus the change of what is held.
-- Locks nothing; reads every posting and draw-down.
WITH drawn AS (
    SELECT
        posting_id,
        sum(amount) AS amount
    FROM draw_down
    WHERE programme_id = %(programme_id)s
    GROUP BY posting_id
),

step AS (
    SELECT
        posting.id,
        posting.amount,
        CASE
            WHEN posting.kind IN ('earn', 'adjust_up', 'transfer_in', 'undo_expiry', 'top_up')
                THEN posting.amount
            ELSE 0
        END
        - coalesce(drawn.amount, 0)
        - posting.deficit_after
        + lag(posting.deficit_after, 1, 0::bigint) OVER own
        + posting.held_after
        - lag(posting.held_after, 1, 0::bigint) OVER own AS expected
    FROM posting
    LEFT JOIN drawn ON posting.id = drawn.posting_id
    WHERE posting.programme_id = %(programme_id)s
    WINDOW own AS (PARTITION BY posting.account_id ORDER BY posting.seq ASC)
)

SELECT
    id,
    expected,
    amount
FROM step
WHERE amount <> expected
ORDER BY id
LIMIT %(limit)s
