"""Files that leave: members, activities, postings, open lots and coupons, as tables.

Somebody asks (:mod:`runs`), the worker reads one snapshot page by page (:mod:`tables`), writes it
as CSV or XLSX (:mod:`writing`) and keeps the file in the database for some days (:mod:`working`).
Who may not read what is in a file may not have it, whoever asked for it.
"""
