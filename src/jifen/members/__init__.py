"""Members: people enrolled in a programme, each found by any of their identities.

Promises that an identity belongs to one member, also when two tills enrol the same phone at
the same moment: the database's unique key decides, and both get the same member.
"""
