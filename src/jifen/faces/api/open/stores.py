"""The programme's stores, and the merchants that run them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, cast

from dmr import Path, modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct, to_builtins

from jifen.common import clock
from jifen.earning.errors import WrongStore
from jifen.earning.types import Code, Name
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.callers import caller_of
from jifen.faces.api.serving import Request
from jifen.programmes import selectors as programmes
from jifen.programmes import stores
from jifen.programmes.types import UnknownStore

# ``$`` alone would let a line break pass at the end, and this code is for good.
NewCode = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=r"^[A-Za-z0-9_.:-]+$(?!\n)",
        description="For good. Letters, digits and `_.:-`.",
    ),
]


class NewStore(Struct, frozen=True, forbid_unknown_fields=True):
    """A store to open. Without a ``merchant`` the first one made runs it."""

    code: NewCode
    name: Name
    merchant: Code | None = None


class StoreChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """What to call it. Its code stays."""

    name: Name


class StorePath(Struct, frozen=True):
    """The store's code."""

    code: Code


class NewMerchant(Struct, frozen=True, forbid_unknown_fields=True):
    """A merchant that takes part from now on."""

    code: NewCode
    name: Name


class AllStores(Struct, frozen=True):
    """Every store, the first one made first: what names none is booked there."""

    stores: list[answers.Store]


class AllMerchants(Struct, frozen=True):
    """Every merchant, the first one made first: it runs a store that names none."""

    merchants: list[answers.Merchant]


class StoreList(ApiController):
    """The stores."""

    tags = ("programme",)

    @modify(operation_id="listStores")
    def get(self) -> AllStores:
        """List the stores, in the order they were made."""
        return AllStores(every_store())

    @modify(status_code=HTTPStatus.CREATED, operation_id="addStore")
    def post(self, parsed_body: BodyMsgspec[NewStore]) -> answers.Store:
        """Open a store; orders may name it at once.

        Only by who works in every store.
        """
        check_everywhere(self)
        stores.open_store(
            code=parsed_body.code, name=parsed_body.name, merchant=parsed_body.merchant
        )
        made = _one(parsed_body.code)
        tell(self, None, made)
        return made


class OneStore(ApiController):
    """A store."""

    tags = ("programme",)

    @modify(operation_id="changeStore")
    def patch(
        self, parsed_path: Path[StorePath], parsed_body: BodyMsgspec[StoreChanges]
    ) -> answers.Store:
        """Call a store otherwise.

        Who works in some stores only names no other.
        """
        caller_of(client=self.client, at=clock.now()).check_store(parsed_path.code)
        before = _one(parsed_path.code)
        stores.rename_store(code=parsed_path.code, name=parsed_body.name)
        after = _one(parsed_path.code)
        tell(self, before, after)
        return after


class MerchantList(ApiController):
    """The merchants."""

    tags = ("programme",)

    @modify(operation_id="listMerchants")
    def get(self) -> AllMerchants:
        """List the merchants, in the order they were made."""
        known = programmes.merchant_names()
        return AllMerchants([answers.Merchant(code, name) for code, name in known.items()])

    @modify(status_code=HTTPStatus.CREATED, operation_id="addMerchant")
    def post(self, parsed_body: BodyMsgspec[NewMerchant]) -> answers.Merchant:
        """Add a merchant, to run stores.

        Only by who works in every store.
        """
        check_everywhere(self)
        stores.admit_merchant(code=parsed_body.code, name=parsed_body.name)
        made = answers.Merchant(parsed_body.code, parsed_body.name)
        tell(self, None, made)
        return made


def every_store() -> list[answers.Store]:
    """The programme's stores, the first one made first."""
    # Stores before merchants: then the merchant of each is there, whatever is added meanwhile.
    found = programmes.stores().values()
    codes = {merchant_id: code for code, merchant_id in programmes.merchants().items()}
    return [answers.Store(each.code, each.name, codes[each.merchant_id]) for each in found]


def _one(code: str) -> answers.Store:
    for store in every_store():
        if store.code == code:
            return store
    raise UnknownStore(f"no store has the code {code!r}", store=code)


def check_everywhere(controller: ApiController) -> None:
    """Raise ``WrongStore`` to who works in some stores only: a further one is none of theirs."""
    bound = controller.client.stores
    if bound is not None:
        raise WrongStore("this client works in its own stores only", stores=list(bound))


def tell(controller: ApiController, before: Struct | None, after: Struct) -> None:
    """For the record of the staff."""
    cast("Request", controller.request).changed = (
        to_builtins(before) if before else None,
        to_builtins(after),
    )
