-- Which acts that count once have happened. Locks nothing. Index: activity_once.
SELECT once_key
FROM activity
WHERE programme_id = %(programme_id)s AND once_key = any(%(onces)s::text [])
