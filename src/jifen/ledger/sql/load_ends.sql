-- How much of some lots expired and did not come back, and which lots were opened for what did.
-- Lots of which nothing expired are left out.
-- Locks nothing: the members are locked. Indexes: draw_down_lot; primary key of posting.
SELECT
    draw_down.lot_id,
    sum(draw_down.amount)::bigint AS expired,
    array_agg(posting.id ORDER BY posting.seq ASC)
    FILTER (WHERE posting.kind = 'undo_expiry') AS revived
FROM draw_down
INNER JOIN posting
    ON
        posting.programme_id = %(programme_id)s
        AND draw_down.posting_id = posting.id
WHERE
    draw_down.programme_id = %(programme_id)s
    AND draw_down.lot_id = any(%(lots)s::uuid [])
    AND (
        posting.kind = 'expire'
        OR (posting.kind = 'undo_expiry' AND draw_down.amount < 0)
    )
GROUP BY draw_down.lot_id
