"""The ledger: the heart. Accounts, transactions, postings, lots and draw-downs.

Promises:

* postings, transactions and draw-downs are only ever added; accounts and open lots are
  working tables that :func:`jifen.ledger.services.verify` rebuilds from them;
* every posting carries its account, its contra account and a signed amount, so each row
  balances by itself;
* an account never goes below zero: what a clawback cannot take becomes a stated deficit,
  which the next earn pays first;
* a debit that cannot be paid raises; nothing is clamped.
"""
