"""Setting up: a new programme, with its first store and owner, by whoever has this server's code.

All of it or nothing: one transaction makes the programme, its merchant, store and unit, its owner,
the record of it and the owner's session. Guesses of the code are counted as those of passwords are.
"""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import Final

from django.db import transaction

from jifen.common.errors import InvalidInput
from jifen.common.scope import scope
from jifen.programmes import acts, attempts, proving, services, staff
from jifen.programmes.rules import codes
from jifen.programmes.types import (
    NewOwner,
    NewProgramme,
    ProgrammeInfo,
    SetUpOff,
    SignedIn,
    WrongSetUpCode,
)

OPERATION: Final = "POST /api/v1/set-up"
"""What the record of the new programme begins with."""
FIRST: Final = "main"
"""The code of the first merchant and the first store."""
_EARLIEST: Final = date(1900, 1, 1)


def set_up(
    *,
    sent: str,
    kept: str | None,
    programme: NewProgramme,
    owner: NewOwner,
    address: str,
    at: datetime,
) -> SignedIn:
    """Make a programme and sign its owner in. ``kept`` is the code of this server, ``sent`` what
    somebody says it is.

    Raises ``SetUpOff``, ``TooManyAttempts`` or ``WrongSetUpCode`` before anything is looked at;
    then ``ProgrammeExists``, ``LoginTaken``, ``WeakPassword``, or ``InvalidInput`` for a zone or an
    opening day that will not do.
    """
    if kept is None:
        raise SetUpOff("this server has no set-up code")
    # No login has a space, so nobody waits for failures of another kind.
    attempt = attempts.begin(name=f"set up from {address}", address=address, at=at)
    if not codes.is_code(sent, kept):
        raise WrongSetUpCode("this is not the set-up code of this server")
    attempts.succeed(attempt)
    with transaction.atomic():
        made = _made(programme, at)
        with scope(made.id):
            services.add_merchant(code=FIRST, name=programme.name)
            services.add_store(code=FIRST, name=programme.store, merchant=FIRST)
            services.add_unit(code="points", kind="points", name_zh="积分", name_en="points")
            person = staff.add_staff(
                login=owner.login, name=owner.name, role="owner", password=owner.password, at=at
            )
            acts.done(
                staff_id=person.id,
                login=person.login,
                address=address,
                operation=OPERATION,
                subject={"programme": made.code},
                at=at,
                status=int(HTTPStatus.CREATED),
            )
            return proving.open_session(staff_id=person.id, at=at)


def _made(new: NewProgramme, at: datetime) -> ProgrammeInfo:
    today = at.astimezone(services.zone_of(new.time_zone)).date()
    opening_on = new.opening_on or today
    if not _EARLIEST <= opening_on <= today:
        raise InvalidInput(
            f"a programme opens between {_EARLIEST} and today", opening_on=str(opening_on)
        )
    return services.create_programme(
        code=new.code,
        name=new.name,
        time_zone=new.time_zone,
        currency=new.currency,
        opening_on=opening_on,
        at=at,
    )
