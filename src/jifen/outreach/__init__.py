"""Outreach: what members are told before their points end, and the runs that end them.

Promises:

* a member gets one notice for each unit, last day and day of the schedule, however often and by
  however many it is planned; what became of it is on record;
* where the programme requires a notice, nothing ends without one: not for a read, not for an act,
  not by a run; a run names the members whom nobody told;
* runs are capped, say beforehand what they would take, and killed at any moment go on where they
  were;
* no name, phone or address is kept here, nor in an event or a log: they are looked up when a
  notice is sent.
"""
