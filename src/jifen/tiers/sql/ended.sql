-- Members whose tier in force is over at a time and was not booked yet, the longest over first.
-- Locks nothing: whoever books it locks the member and looks again.
-- Index: standing_ends (programme_id, tier_until, id).
SELECT
    id,
    tier_until
FROM standing
WHERE programme_id = %(programme_id)s AND tier_until <= %(at)s
ORDER BY tier_until, id
LIMIT %(limit)s
