"""Reports: what a programme gave, took and sold, and how its members behave. Reads only.

Promises:

* the figures of every report come from here, by the local day on which something happened, and a
  test compares them with statements that somebody else wrote;
* what is asked by period is right at once, with no job having run: sums by day are kept of what is
  settled, and what was booked since is added up when somebody asks;
* what needs a look at every member is counted once a local day, and says of which;
* a report reads sums, or what happened in its period, through an index: no more with a million
  members than with a hundred.
"""
