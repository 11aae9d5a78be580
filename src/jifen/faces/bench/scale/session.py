"""A session: a small home and a large one, filled, measured in turn, and compared."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from msgspec import Struct

from jifen.common import clock
from jifen.faces.bench import machine
from jifen.faces.bench.place import CODE, Place, jifen, place
from jifen.faces.bench.scale import expiry
from jifen.faces.bench.scale.names import phone
from jifen.faces.bench.scale.report import Filled, Imported, Report, Size
from jifen.faces.cli.errors import CommandError

PARTS: Final = ("flat", "import", "expiry")
_SEED: Final = 20_260_401
# A member with ten postings takes 25 KiB; sorting for the indexes and the write-ahead log come
# on top while it is filled.
_BYTES_A_POSTING: Final = 2_600
_BYTES_BESIDE: Final = 3_000_000_000
_OPENING: Final = "2020-01-01"


class Options(Struct, frozen=True):
    """How large the two homes are, and how much is measured.

    ``small`` and ``large`` are members with ``postings`` each; ``samples`` of each act in each of
    ``rounds``; ``people`` are imported; ``lots`` expire. ``verify`` looks at the large home too.
    """

    small: int
    large: int
    postings: int
    samples: int
    rounds: int
    people: int
    lots: int
    parts: tuple[str, ...]
    verify: bool


def measure(*, options: Options, tell: Callable[[str], None]) -> Report:
    """Run a session; ``tell`` hears what is being done. Raises ``CommandError``."""
    _check_space(options)
    with ExitStack() as homes:
        small = homes.enter_context(place(None))
        report = Report(
            machine=machine.describe(
                folder=small.folder, postgres=small.server_version(), embedded=True, at=clock.now()
            ),
            postings=options.postings,
        )
        report.notes += report.machine.warnings()
        if "flat" in options.parts:
            large = homes.enter_context(place(None))
            _flat(report, options, {"small": small, "large": large}, tell)
        if "import" in options.parts:
            tell(f"importing {options.people:,} members")
            report.imported = _import(homes.enter_context(place(None)), options.people)
        if "expiry" in options.parts:
            tell(f"expiring {options.lots:,} lots")
            report.expired = expiry.measure(homes.enter_context(place(None)), lots=options.lots)
    return report


def _flat(
    report: Report, options: Options, homes: dict[Size, Place], tell: Callable[[str], None]
) -> None:
    """Fill both, measure them in turn, and compare every balance with the postings."""
    members: dict[Size, int] = {"small": options.small, "large": options.large}
    for size, home in homes.items():
        tell(f"filling {members[size]:,} members")
        home.jifen("migrate")
        told = home.child("scale.filling", members=members[size], postings=options.postings)
        report.filled[size] = Filled(
            members=told["members"],
            rows=sum(told["rows"].values()),
            bytes=told["bytes"],
            seconds=told["seconds"],
        )
    for number in range(1, options.rounds + 1):
        for size, home in homes.items():
            tell(f"round {number} of {options.rounds}: {size}")
            found = home.child(
                "scale.measuring",
                members=report.filled[size].members,
                samples=options.samples,
                run=f"r{number}",
                seed=_SEED + number,
            )
            for act, taken in found.items():
                report.taken.setdefault(act, {}).setdefault(size, []).append(taken)
    for size, home in homes.items():
        if size == "small" or options.verify:
            tell(f"verifying the {size} one")
            done = json.loads(home.jifen("verify", "--programme", CODE, "--json"))
            report.verified[size] = bool(done["ok"])


def _import(home: Place, people: int) -> Imported:
    """Import so many members, as a shop does: a command of its own, from a file."""
    home.jifen("migrate")
    home.jifen("preset", "apply", "starter", "--programme", CODE, "--opening", _OPENING)
    file = home.folder / "people.csv"
    _write_people(file, people)
    began = time.perf_counter()
    command = jifen("import", "members", str(file), "--programme", CODE, "--json")
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=home.environment(),
    )
    assert process.stdout is not None  # noqa: S101 (asked for above)
    told = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode != 0 or json.loads(told)["enrolled"] != people:
        raise CommandError(f"not everybody was imported: {told or process.returncode}")
    ok = json.loads(home.jifen("verify", "--programme", CODE, "--json"))["ok"]
    return Imported(people=people, seconds=seconds, peak_kib=usage.ru_maxrss, verified=bool(ok))


def _write_people(file: Path, count: int) -> None:
    """Members with two identities, a name, a birthday and one or two lots each."""
    draw = random.Random(_SEED)
    with file.open("w", encoding="utf-8") as lines:
        lines.write("external_id,phone,name,birthday,points\n")
        for number in range(count):
            day = f"19{draw.randrange(50, 99)}-{draw.randrange(1, 13):02d}-15"
            points = f"{draw.randrange(1, 5_000)}@2099-12-31"
            more = f";{draw.randrange(1, 500)}" if number % 2 else ""
            lines.write(f"p{number},{phone(number)},会员{number},{day},{points}{more}\n")


def _check_space(options: Options) -> None:
    """Say at once that the disk is too small, and not after half an hour."""
    if "flat" not in options.parts:
        return
    folder = tempfile.gettempdir()
    needed = (options.small + options.large) * options.postings * _BYTES_A_POSTING
    needed += _BYTES_BESIDE if options.large > options.small else 0
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CommandError(
            f"about {needed / 1e9:,.1f} GB are needed in {folder}, {free / 1e9:,.1f} GB are free;"
            f" set TMPDIR to another folder, or ask for fewer --members"
        )
