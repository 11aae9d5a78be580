-- Add to the coupons used by day. Locks the rows it touches; whoever calls holds the programme's
-- row of report_progress. Index: primary key.
INSERT INTO report_coupons (programme_id, day, store, kind, coupons)
SELECT
    %(programme_id)s,
    t.day,
    t.store,
    t.kind,
    t.coupons
FROM
    unnest(
        %(days)s::DATE [], %(stores)s::TEXT [], %(kinds)s::TEXT [], %(coupons)s::BIGINT []
    ) AS t (day, store, kind, coupons)
ON CONFLICT (programme_id, day, store, kind) DO UPDATE
    SET coupons = report_coupons.coupons + excluded.coupons
