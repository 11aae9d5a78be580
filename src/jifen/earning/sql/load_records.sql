-- Records of activities by id. Locks nothing. Index: primary key.
SELECT
    id,
    record
FROM activity
WHERE programme_id = %(programme_id)s AND id = any(%(ids)s::uuid [])
