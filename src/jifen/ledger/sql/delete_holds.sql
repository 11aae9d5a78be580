-- End holds of which nothing is left; their history stays in postings and draw-downs.
DELETE FROM hold
WHERE programme_id = %(programme_id)s AND id = any(%(ids)s::uuid [])
