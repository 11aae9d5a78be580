"""What-ifs: somebody asks what a draft would have given, a job finds it out, everybody may read it.

A run has the draft as it was when it was asked for. It is one piece of work of at most a minute or
so that writes down how far it is; one whose worker was killed begins again.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from jifen.common.errors import JifenError
from jifen.earning import selectors as earning
from jifen.earning.selectors import WhatIf
from jifen.insight.models import WhatIfRun
from jifen.insight.types import WhatIfInfo
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Stores

CLAIM: Final = timedelta(minutes=2)
"""How long a worker has a run to itself after each page."""
KEPT: Final = timedelta(days=30)
"""How long a run is kept of a draft that may be gone."""
_RESULTS: Final = msgspec.json.Decoder(WhatIf)
log = logging.getLogger(__name__)


def start(*, draft: str, stores: Stores, by: str, at: datetime) -> WhatIfInfo:
    """Ask what this draft would have given at these stores, in the place of what was asked before;
    while the same is being found out, that is answered.

    Raises ``unknown_draft``, ``no_rule_set``, or ``invalid_rule_set`` for one that could not be
    published.
    """
    document = programmes.draft(draft).document
    earning.check_publishable(document)
    programmes.version_at(at)  # there has to be something to compare it with
    reach, digest = _reach(stores), digest_of(document)
    of_draft = WhatIfRun.objects.filter(draft=draft, reach=reach)
    if not of_draft.filter(digest=digest, status="running").exists():
        WhatIfRun.objects.filter(started_at__lt=at - KEPT).delete()
        try:
            with transaction.atomic():
                of_draft.delete()
                WhatIfRun.objects.create(
                    draft=draft,
                    reach=reach,
                    document=document,
                    digest=digest,
                    started_at=at,
                    started_by=by,
                )
        except IntegrityError:
            log.info("a what-if of %s was started twice at this moment", draft)
    return _info(of_draft.get(), digest, at)


def what_if(*, draft: str, stores: Stores, at: datetime) -> WhatIfInfo | None:
    """What was last asked of this draft for these stores, if anything was. Raises
    ``unknown_draft``."""
    now = digest_of(programmes.draft(draft).document)
    row = WhatIfRun.objects.filter(draft=draft, reach=_reach(stores)).first()
    return _info(row, now, at) if row is not None else None


def go_on(*, at: datetime) -> bool:
    """Find out the next what-if that nobody is at; answers whether there was one."""
    for run_id in WhatIfRun.objects.filter(status="running").order_by("id").values_list("id"):
        row = _claimed(run_id[0], at)
        if row is not None:
            _work(row, at)
            return True
    return False


def digest_of(document: Mapping[str, Any]) -> str:
    """The same for the same document, however its keys are ordered."""
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()


def _reach(stores: Stores) -> str:
    return "" if stores is None else ",".join(sorted(stores))


def _info(row: WhatIfRun, now: str, at: datetime) -> WhatIfInfo:
    """A run, for a draft whose digest is ``now``, at ``at``."""
    result = _RESULTS.decode(row.result) if row.result else None
    in_force = result is None or result.version == programmes.version_at(at)
    return WhatIfInfo(
        draft=row.draft,
        digest=row.digest,
        is_current=row.digest == now and in_force,
        status=cast("Any", row.status),
        fault=row.fault,
        done=row.done,
        total=row.total,
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
        result=result,
    )


def _claimed(run_id: UUID, at: datetime) -> WhatIfRun | None:
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    if not _open(run_id).filter(free).update(claimed_until=at + CLAIM):
        return None
    return cast("WhatIfRun", WhatIfRun.objects.get(id=run_id))


def _open(run_id: UUID) -> Any:
    return WhatIfRun.objects.filter(id=run_id, status="running")


def _work(row: WhatIfRun, at: datetime) -> None:
    """Find it out, unless somebody asks anew meanwhile."""
    began = time.monotonic()

    def progress(done: int, total: int) -> bool:
        claim = at + timedelta(seconds=time.monotonic() - began) + CLAIM
        mine = _open(row.id).update(done=done, total=total, claimed_until=claim)
        return bool(mine)

    try:
        found = earning.what_if(
            document=row.document,
            stores=tuple(row.reach.split(",")) if row.reach else None,
            at=at,
            progress=progress,
        )
    except (OperationalError, InterfaceError):
        # The database was not there for a moment; a later turn begins again.
        raise
    except JifenError as error:
        _end(row.id, at, status="failed", fault=error.code)
    except Exception:
        _end(row.id, at, status="failed", fault="internal_error")
        raise
    else:
        if found is not None:
            _end(row.id, at, status="done", result=msgspec.json.encode(found).decode())


def _end(run_id: UUID, at: datetime, **values: str) -> None:
    _open(run_id).update(done=F("total"), ended_at=at, claimed_until=None, **values)
