"""The outbox: events written with the transaction that made them, delivered later.

Promises:

* an event is there if and only if its transaction committed; queue jobs only wake its readers, so
  a lost job loses nothing;
* each event reaches each of its readers at least once, and has one record of it a reader;
* events of one key (a member) reach a reader in their order, however many workers there are;
* what fails is tried again, later each time, and given up in the end: nothing blocks for ever.
"""
