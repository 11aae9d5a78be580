"""``jifen backup`` and ``jifen restore``: everything in one file, taken while a shop goes on.

Promises:

* a backup is what the database held at one instant, each order whole, and nobody waits for it;
* the file has its name only once it is complete and on the disk, and only its owner may read it;
* a restore happens in one transaction, into a database that holds no programme, or not at all;
  what it loaded is counted against the backup before it commits;
* until the rights are given, after the commit, the application may read nothing of it.

Why PostgreSQL's own logical dump, see decision 0012.
"""
