"""Examples of the bodies about stores and merchants, by operation."""

from __future__ import annotations

from typing import Final

from jifen.faces.api.open.examples.shared import Json

_MAIN: Final[Json] = {"code": "main", "name": "总店", "merchant": "main"}
_HARBOUR: Final[Json] = {"code": "harbour", "name": "滨江店", "merchant": "main"}
_BAKERY: Final[Json] = {"code": "bakery", "name": "麦田烘焙"}

REQUESTS: Final[dict[str, Json]] = {
    "addStore": _HARBOUR,
    "changeStore": {"name": "滨江店"},
    "addMerchant": _BAKERY,
}
ANSWERS: Final[dict[str, Json]] = {
    "listStores": {"stores": [_MAIN, _HARBOUR]},
    "addStore": _HARBOUR,
    "changeStore": _HARBOUR,
    "listMerchants": {"merchants": [{"code": "main", "name": "山茶会员"}, _BAKERY]},
    "addMerchant": _BAKERY,
}
