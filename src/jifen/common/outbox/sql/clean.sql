-- Delete events that were done with before a time, with what became of them; the oldest first.
-- Locks: these rows, which nobody else touches. Index: outbox_delivery_done; primary keys.
WITH old AS (
    SELECT outbox_delivery.event_id
    FROM outbox_delivery
    WHERE
        outbox_delivery.programme_id = %(programme_id)s
        AND outbox_delivery.done_at < %(before)s
        AND NOT EXISTS (
            SELECT 1
            FROM outbox_delivery AS other
            WHERE
                other.programme_id = %(programme_id)s
                AND other.event_id = outbox_delivery.event_id
                AND (other.done_at IS NULL OR other.done_at >= %(before)s)
        )
    ORDER BY outbox_delivery.done_at
    LIMIT %(limit)s
),

parted AS (
    DELETE FROM outbox_delivery
    USING old
    WHERE
        outbox_delivery.programme_id = %(programme_id)s
        AND outbox_delivery.event_id = old.event_id
    RETURNING outbox_delivery.event_id
)

DELETE FROM outbox
USING (
    SELECT DISTINCT parted.event_id
    FROM parted
) AS gone
WHERE
    outbox.programme_id = %(programme_id)s
    AND outbox.id = gone.event_id
RETURNING outbox.id
