"""What runs by itself: jobs on the schedule of the database's own queue.

A job only wakes work that the tables already say is due, so a lost job loses nothing.
"""
