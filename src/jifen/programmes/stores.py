"""Stores and merchants: opening further ones, and what stores are called.

A code is for good: orders, files and rules name it. A name is what people read, and may change.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction

from jifen.common.ids import new_id
from jifen.programmes import selectors
from jifen.programmes.models import Merchant, Store
from jifen.programmes.types import (
    MerchantExists,
    StoreExists,
    StoreInfo,
    UnknownMerchant,
    UnknownStore,
)


def open_store(*, code: str, name: str, merchant: str | None = None) -> StoreInfo:
    """Open a store, run by the merchant with that code, or by the first one made.

    Raises :class:`StoreExists` or :class:`UnknownMerchant`.
    """
    known = selectors.merchants()
    chosen = merchant if merchant is not None else next(iter(known), "")
    if chosen not in known:
        raise UnknownMerchant(f"no merchant has the code {chosen!r}", merchant=chosen)
    row = Store(id=new_id(), code=code, name=name, merchant_id=known[chosen])
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise StoreExists(f"a store {code!r} is there already", store=code) from error
    return StoreInfo(row.id, code, name, row.merchant_id)


def rename_store(*, code: str, name: str) -> StoreInfo:
    """Call a store otherwise from now on. Raises :class:`UnknownStore`."""
    if not Store.objects.filter(code=code).update(name=name):
        raise UnknownStore(f"no store has the code {code!r}", store=code)
    return selectors.stores()[code]


def admit_merchant(*, code: str, name: str) -> None:
    """Let one more merchant take part. Raises :class:`MerchantExists`."""
    row = Merchant(id=new_id(), code=code, name=name)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise MerchantExists(f"a merchant {code!r} is there already", merchant=code) from error
