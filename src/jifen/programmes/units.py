"""Units: what else a programme counts, and what each is called.

A code and a kind are for good: postings are in them. Names are what people read, and may change.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction

from jifen.common.ids import new_id
from jifen.programmes.models import Unit
from jifen.programmes.types import UnitExists, UnitInfo, UnitKind, UnknownUnit


def open_unit(*, code: str, kind: UnitKind, name_zh: str, name_en: str) -> UnitInfo:
    """Count one thing more. Members have an account of it from their first posting on.

    Raises :class:`UnitExists`.
    """
    row = Unit(id=new_id(), code=code, kind=kind, name_zh=name_zh, name_en=name_en)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise UnitExists(f"a unit {code!r} is there already", unit=code) from error
    return UnitInfo(row.id, code, kind, name_zh, name_en)


def rename_unit(*, code: str, name_zh: str, name_en: str) -> None:
    """Call a unit otherwise from now on. Raises ``UnknownUnit``."""
    if not Unit.objects.filter(code=code).update(name_zh=name_zh, name_en=name_en):
        raise UnknownUnit(f"no unit has the code {code!r}", unit=code)
