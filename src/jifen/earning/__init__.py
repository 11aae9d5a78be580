"""Earning: from activities, by rules, to awards; and back again by refunds.

One way through the house (:func:`jifen.earning.services.book`): lock the members, load their
states, decide in pure functions, write in a few set-based statements. Preview, grant, refund
and what-if call the same :meth:`Policy.evaluate`, bound to the rule set version that the
activity recorded.
"""
