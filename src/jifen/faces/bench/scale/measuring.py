"""A process: how long one act takes, over and over, on members drawn uniformly.

Every act is the call that a face makes: an order alone and a hundred together, a member found by
phone, balances, a page of a statement. Measured is from the call to the answer, which for orders
includes the commit on the disk. The console's list of members is the whole request, inside of this
process: as it opens, a page somewhere in it, and by each of its filters.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import Any, Final
from uuid import uuid4

import msgspec
from msgspec import Struct

from jifen.common import clock
from jifen.common.process import settle
from jifen.common.scope import scope
from jifen.earning.types import Activity, Booked, Caller
from jifen.faces.bench.orders import orders
from jifen.faces.bench.place import CODE
from jifen.faces.bench.scale.names import phone
from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.startup import open_database

BATCH: Final = 100
PAGE: Final = 50
_LIST: Final = f"/api/v1/members?unit=points&limit={PAGE}"
LISTS: Final = {
    "list": _LIST,
    "list_tag": f"{_LIST}&tag=regular",
    "list_segment": f"{_LIST}&segment=lately",
    "list_nobody": f"{_LIST}&segment=nobody",
    "list_tier": f"{_LIST}&tier=gold",
    "list_status": f"{_LIST}&status=frozen",
}
"""Pages of the list, by the name of the act."""
ACTS: Final = ("post", "post_batch", "find", "balance", "statement", *LISTS, "list_page")
# The driver prepares a statement at its fifth use, and the server plans it for good at the tenth.
_WARM_UP: Final = 20
_WARM_UP_BATCHES: Final = 12
_MICRO: Final = 1_000
_DECODER: Final[msgspec.json.Decoder[Activity]] = msgspec.json.Decoder(Activity)


class Options(Struct, frozen=True):
    """Take ``samples`` of each act (a tenth of them of batches) among so many members.

    ``run`` makes the orders new; the same seed draws the same members.
    """

    members: int
    samples: int
    run: str
    seed: int


def measure(options: Options) -> dict[str, list[int]]:
    """Microseconds of each sample, by act. What warms up, and is planned anew, is left out."""
    from jifen.earning import services as earning
    from jifen.faces.api import cursors
    from jifen.ledger import selectors as ledger
    from jifen.members import selectors as members
    from jifen.members.types import IdentityValue
    from jifen.programmes import selectors as programmes
    from jifen.programmes import services as programme_services

    draw = random.Random(options.seed)
    with scope(programmes.programme_by_code(CODE).id):
        client = programme_services.internal_client(name="scale", at=clock.now())
        caller = Caller(client.client_id, client.name)
        made = _orders(options)

        def find(number: int) -> Any:
            [found] = members.find([IdentityValue("phone", f"+86{phone(number)}")]).values()
            return found

        def post(batch: list[Activity]) -> None:
            for outcome in earning.book(activities=batch, caller=caller, at=clock.now()):
                if not isinstance(outcome, Booked) or outcome.replayed:
                    raise CommandError(f"an order was not booked: {outcome}")

        ask = _asker()

        # The acts take turns, so that all of them meet the same minutes.
        found: dict[str, list[int]] = {name: [] for name in ACTS}
        for turn in range(_WARM_UP + options.samples):
            member_id = _timed(found["find"], partial(find, draw.randrange(options.members)))
            read = partial(ledger.balances, member_id=member_id, at=clock.now())
            _timed(found["balance"], read)
            page = partial(ledger.statement, unit="points", before=None, limit=PAGE)
            _timed(found["statement"], partial(page, member_id=member_id))
            for name, address in LISTS.items():
                _timed(found[name], partial(ask, address))
            deep = f"{_LIST}&cursor={cursors.after_id(member_id)}"
            _timed(found["list_page"], partial(ask, deep))
            _timed(found["post"], partial(post, list(islice(made, 1))))
            if turn < _WARM_UP_BATCHES or turn % 10 == 0:
                _timed(found["post_batch"], partial(post, list(islice(made, BATCH))))
    warm = {**dict.fromkeys(ACTS, _WARM_UP), "post_batch": _WARM_UP_BATCHES}
    return {name: taken[warm[name] :] for name, taken in found.items()}


def _timed(taken: list[int], call: Callable[[], Any]) -> Any:
    began = time.perf_counter_ns()
    answer = call()
    taken.append((time.perf_counter_ns() - began) // _MICRO)
    return answer


def _asker() -> Callable[[str], None]:
    """Asks for an address as a machine with a key of its own does."""
    from django.test import Client

    from jifen.programmes import services as programme_services

    rights = frozenset({"members.read", "balances.read", "segments.read"})
    name = f"scale {uuid4()}"
    _, key = programme_services.create_client(name=name, rights=rights, at=clock.now())
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {key}"})

    def ask(address: str) -> None:
        answer = client.get(address)
        if answer.status_code != HTTPStatus.OK:
            raise CommandError(f"{address} was answered {answer.status_code}")

    return ask


def _orders(options: Options) -> Iterator[Activity]:
    lines = orders(
        run=options.run,
        count=(options.samples + _WARM_UP) * (BATCH + 1),
        members=options.members,
        seed=options.seed,
        at=clock.now(),
    )
    return (_DECODER.decode(line) for line in lines)


if __name__ == "__main__":
    open_database()
    settle()
    answer = measure(msgspec.json.decode(sys.argv[1], type=Options))
    sys.stdout.write(msgspec.json.encode(answer).decode())
