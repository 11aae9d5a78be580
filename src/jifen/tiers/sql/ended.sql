-- Members whose tier in force is over at a time and was not booked yet, the longest over first.
-- Only of members for whom it can be booked: one who is frozen has its turn once that is over, and
-- those who have left or were merged must not stand before everybody else for ever.
-- Locks nothing: whoever books it locks the member and looks again.
-- Indexes: standing_ends (programme_id, tier_until, id), then the primary key of member.
SELECT
    standing.id,
    standing.tier_until
FROM standing
INNER JOIN member ON member.programme_id = %(programme_id)s AND standing.id = member.id
WHERE
    standing.programme_id = %(programme_id)s
    AND standing.tier_until <= %(at)s
    AND member.status = 'active'
ORDER BY standing.tier_until, standing.id
LIMIT %(limit)s
