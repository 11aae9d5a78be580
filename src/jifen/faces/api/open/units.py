"""The programme's units: point types, growth, stored money and passes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from dmr import Path, modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.earning.types import Code
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.stores import NewCode, check_everywhere, tell
from jifen.programmes import selectors as programmes
from jifen.programmes import units
from jifen.programmes.types import UnitInfo, UnitKind, UnknownUnit

UnitName = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00]*\S[^\x00]*$")]


class NewUnit(Struct, frozen=True, forbid_unknown_fields=True):
    """What else is counted. Of kind ``points`` it is spent and may end, of ``growth`` it counts for
    tiers, ``stored`` is money topped up and ``bonus`` what is added to it, a ``pass`` counts
    services."""

    code: NewCode
    kind: UnitKind
    name_zh: UnitName
    name_en: UnitName


class UnitChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """What to call it. Its code and kind stay."""

    name_zh: UnitName
    name_en: UnitName


class UnitPath(Struct, frozen=True):
    """The unit's code."""

    code: Code


class UnitList(ApiController):
    """The units."""

    tags = ("programme",)

    @modify(operation_id="listUnits")
    def get(self) -> answers.Units:
        """List the units, in the order they were made."""
        return answers.Units(list(programmes.units().values()))

    @modify(status_code=HTTPStatus.CREATED, operation_id="addUnit")
    def post(self, parsed_body: BodyMsgspec[NewUnit]) -> UnitInfo:
        """Count one thing more; rules may name it at once.

        Only by who works in every store.
        """
        check_everywhere(self)
        asked = parsed_body
        made = units.open_unit(
            code=asked.code, kind=asked.kind, name_zh=asked.name_zh, name_en=asked.name_en
        )
        tell(self, None, made)
        return made


class OneUnit(ApiController):
    """A unit."""

    tags = ("programme",)

    @modify(operation_id="changeUnit")
    def patch(self, parsed_path: Path[UnitPath], parsed_body: BodyMsgspec[UnitChanges]) -> UnitInfo:
        """Call a unit otherwise.

        Only by who works in every store.
        """
        check_everywhere(self)
        before = _one(parsed_path.code)
        units.rename_unit(
            code=before.code, name_zh=parsed_body.name_zh, name_en=parsed_body.name_en
        )
        after = _one(before.code)
        tell(self, before, after)
        return after


def _one(code: str) -> UnitInfo:
    known = programmes.units()
    if code not in known:
        raise UnknownUnit(f"no unit has the code {code!r}", unit=code)
    return known[code]
