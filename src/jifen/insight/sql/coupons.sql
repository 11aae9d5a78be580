-- How many coupons were used on some local days, at one store or at each.
-- Locks nothing. Index: primary key, by day.
SELECT
    report_coupons.day,
    report_coupons.store,
    report_coupons.kind,
    report_coupons.coupons
FROM report_coupons
WHERE
    report_coupons.programme_id = %(programme_id)s
    AND report_coupons.day >= %(since)s
    AND report_coupons.day < %(until)s
    AND (%(store)s::text IS NULL OR report_coupons.store = %(store)s)
