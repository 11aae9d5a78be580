-- Load the open holds of accounts, each with the lots that it drew, in the order it drew them.
-- A lot's date is that of its opening, or the latest that points given back to it had by grace.
-- Locks nothing: the members are locked, or it is a snapshot.
-- Indexes: hold_account; draw_down_lot; primary keys.
SELECT
    hold.account_id,
    hold.id,
    hold.seq,
    hold.captured,
    hold.remaining,
    hold.expires_at,
    draw_down.lot_id,
    opening.seq AS lot_seq,
    coalesce(grace.until, opening.expires_at) AS lot_expires_at,
    draw_down.amount
FROM hold
INNER JOIN draw_down
    ON
        draw_down.programme_id = %(programme_id)s
        AND hold.id = draw_down.posting_id
INNER JOIN posting AS opening
    ON
        opening.programme_id = %(programme_id)s
        AND draw_down.lot_id = opening.id
LEFT JOIN LATERAL (
    SELECT max(posting.expires_at) AS until
    FROM draw_down AS back
    INNER JOIN posting
        ON
            posting.programme_id = %(programme_id)s
            AND back.posting_id = posting.id
    WHERE
        back.programme_id = %(programme_id)s
        AND back.lot_id = opening.id
        AND posting.kind = 'give_back'
) AS grace ON TRUE
WHERE
    hold.programme_id = %(programme_id)s
    AND hold.account_id = any(%(accounts)s::uuid [])
ORDER BY hold.seq, hold.id, draw_down.rank
