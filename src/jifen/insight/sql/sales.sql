-- Sales of some local days, at one store or at all. Locks nothing. Index: primary key, by day.
SELECT
    report_sales.day,
    report_sales.store,
    report_sales.orders,
    report_sales.paid_minor,
    report_sales.refunded_minor,
    report_sales.guest_orders,
    report_sales.guest_paid_minor,
    report_sales.guest_refunded_minor
FROM report_sales
WHERE
    report_sales.programme_id = %(programme_id)s
    AND report_sales.day >= %(since)s
    AND report_sales.day < %(until)s
    AND (%(store)s::text IS NULL OR report_sales.store = %(store)s)
