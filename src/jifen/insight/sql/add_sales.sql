-- Add to the sums of sales by day. Locks the rows it touches; whoever calls holds the programme's
-- row of report_progress. Index: primary key.
INSERT INTO report_sales (
    programme_id,
    day,
    store,
    orders,
    paid_minor,
    refunded_minor,
    guest_orders,
    guest_paid_minor,
    guest_refunded_minor
)
SELECT
    %(programme_id)s,
    t.day,
    t.store,
    t.orders,
    t.paid_minor,
    t.refunded_minor,
    t.guest_orders,
    t.guest_paid_minor,
    t.guest_refunded_minor
FROM
    unnest(
        %(days)s::DATE [],
        %(stores)s::TEXT [],
        %(orders)s::INT [],
        %(paids)s::BIGINT [],
        %(refundeds)s::BIGINT [],
        %(guest_orders)s::INT [],
        %(guest_paids)s::BIGINT [],
        %(guest_refundeds)s::BIGINT []
    ) AS t (
        day,
        store,
        orders,
        paid_minor,
        refunded_minor,
        guest_orders,
        guest_paid_minor,
        guest_refunded_minor
    )
ON CONFLICT (programme_id, day, store) DO UPDATE
    SET
        orders = report_sales.orders + excluded.orders,
        paid_minor = report_sales.paid_minor + excluded.paid_minor,
        refunded_minor = report_sales.refunded_minor + excluded.refunded_minor,
        guest_orders = report_sales.guest_orders + excluded.guest_orders,
        guest_paid_minor = report_sales.guest_paid_minor + excluded.guest_paid_minor,
        guest_refunded_minor = report_sales.guest_refunded_minor + excluded.guest_refunded_minor
