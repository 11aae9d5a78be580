-- The id before which a slice ends that begins at one id: so many postings or activities on, or
-- nothing where fewer are left before another id.
-- Locks nothing. Indexes: primary keys.
SELECT edge.id
FROM (
    (
        SELECT posting.id
        FROM posting
        WHERE
            posting.programme_id = %(programme_id)s
            AND posting.id >= %(begins)s::uuid
            AND posting.id < %(ends)s::uuid
        ORDER BY posting.id
        LIMIT 1 OFFSET %(size)s
    )
    UNION ALL
    (
        SELECT activity.id
        FROM activity
        WHERE
            activity.programme_id = %(programme_id)s
            AND activity.id >= %(begins)s::uuid
            AND activity.id < %(ends)s::uuid
        ORDER BY activity.id
        LIMIT 1 OFFSET %(size)s
    )
) AS edge
ORDER BY edge.id
LIMIT 1
