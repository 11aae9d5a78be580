-- How much of some lots expired and did not come back, and which lots came of them: opened for what
-- came back, or in the account of a survivor. (What comes home draws on its own posting too.)
-- Lots with which nothing of this happened are left out.
-- Locks nothing: the members are locked. Indexes: draw_down_lot; primary key of posting.
SELECT
    draw_down.lot_id,
    coalesce(
        sum(draw_down.amount)
        FILTER (
            WHERE
            posting.kind = 'expire'
            OR (posting.kind = 'undo_expiry' AND draw_down.amount < 0)
        ),
        0
    )::bigint AS expired,
    array_agg(posting.id ORDER BY posting.id ASC)
    FILTER (WHERE posting.kind <> 'expire' AND draw_down.amount > 0) AS became
FROM draw_down
INNER JOIN posting
    ON
        posting.programme_id = %(programme_id)s
        AND draw_down.posting_id = posting.id
WHERE
    draw_down.programme_id = %(programme_id)s
    AND draw_down.lot_id = any(%(lots)s::uuid [])
    AND posting.kind IN ('expire', 'transfer_in', 'undo_expiry')
    AND posting.id <> draw_down.lot_id
GROUP BY draw_down.lot_id
