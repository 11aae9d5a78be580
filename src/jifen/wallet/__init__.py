"""The wallet: what a basket costs a member, coupons, and how each means of payment is undone.

Promises:

* one pure function prices a basket (:func:`jifen.wallet.rules.checkout.price`): every step and
  every amount in between is kept, no line costs less than nothing, and the sums are exact;
* a coupon is used once, whoever asks at the same moment: its row changes only from the state in
  which it was read;
* a refund in any parts gives back of each means of payment what one refund of their union does,
  to the minor unit (:mod:`jifen.wallet.rules.undoing`).

Stored value and passes are units of the ledger; the room holds no balance of its own.
"""
