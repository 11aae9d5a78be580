-- Append draw-downs.
INSERT INTO draw_down (programme_id, posting_id, lot_id, rank, amount)
SELECT
    %(programme_id)s,
    t.*
FROM
    unnest(
        %(postings)s::uuid [],
        %(lots)s::uuid [],
        %(ranks)s::int [],
        %(amounts)s::bigint []
    ) AS t
