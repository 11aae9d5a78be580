"""Members seen across the rooms: who is in a segment, who gets a gift to many, who is one person.

Promises:

* merging two members loses nothing and makes nothing; undone in time, each has what it had;
* who leaves is not found any more, who is forgotten leaves no personal datum behind, and the books
  stay whole and explained;
* a segment is one question to the database, asked inside its programme only;
* a gift to many is given once to each of those whom it was for when it was started.
"""
