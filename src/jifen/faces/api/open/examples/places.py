"""Examples of the bodies about stores, merchants and units, by operation."""

from __future__ import annotations

from typing import Final

from jifen.faces.api.open.examples.shared import Json

_MAIN: Final[Json] = {"code": "main", "name": "总店", "merchant": "main"}
_HARBOUR: Final[Json] = {"code": "harbour", "name": "滨江店", "merchant": "main"}
_BAKERY: Final[Json] = {"code": "bakery", "name": "麦田烘焙"}
_NAMES: Final[Json] = {"name_zh": "储值", "name_en": "stored value"}
_MONEY: Final[Json] = {"code": "money", "kind": "stored", **_NAMES}
_UNIT: Final[Json] = {"id": "0197f3a0-7c00-7000-8000-0000000000d2", **_MONEY}

REQUESTS: Final[dict[str, Json]] = {
    "addStore": _HARBOUR,
    "changeStore": {"name": "滨江店"},
    "addMerchant": _BAKERY,
    "addUnit": _MONEY,
    "changeUnit": _NAMES,
}
ANSWERS: Final[dict[str, Json]] = {
    "listStores": {"stores": [_MAIN, _HARBOUR]},
    "addStore": _HARBOUR,
    "changeStore": _HARBOUR,
    "listUnits": {"units": [_UNIT]},
    "addUnit": _UNIT,
    "changeUnit": _UNIT,
    "listMerchants": {"merchants": [{"code": "main", "name": "山茶会员"}, _BAKERY]},
    "addMerchant": _BAKERY,
}
