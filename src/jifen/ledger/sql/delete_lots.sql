-- Close lots that are used up; their history stays in postings and draw-downs.
DELETE FROM lot
WHERE programme_id = %(programme_id)s AND id = any(%(ids)s::uuid [])
