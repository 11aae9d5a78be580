"""A file of everything takes the memory of a page, however much everything is."""

import gc
import io
import tracemalloc
import uuid

import pytest
from tests.world import World

from jifen.common.ids import new_id
from jifen.faces.exporting import tables, working
from jifen.faces.exporting.types import ExportAsked, ExportForm
from jifen.members.models import Identity, Member

PAGE = 20
FEW, MANY = 1_000, 5_000
"""Even the few are pages enough for the driver to have its bounded store of statements full."""


class _Nowhere(io.RawIOBase):
    """A file of which nothing is kept, so that only the writing is measured."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, content: object) -> int:
        size = len(bytes(content))  # type: ignore[call-overload]
        self.size += size
        return int(size)


def grown(world: World, members: int) -> None:
    """So many more people."""
    with world.scope():
        people = [
            Member(id=new_id(), name="李娜" * 20, enrolled_at=world.at) for _ in range(members)
        ]
        Member.objects.bulk_create(people, batch_size=500)
        Identity.objects.bulk_create(
            [
                Identity(member_id=each.id, kind="external", value=uuid.uuid4().hex)
                for each in people
            ],
            batch_size=500,
        )


def peak(world: World, form: ExportForm) -> int:
    """The most bytes that writing the members took at once."""
    usual = gc.get_threshold()
    # What is over is collected soon, not when a hundred thousand objects of it have piled up.
    gc.set_threshold(1_000)
    tracemalloc.start()
    try:
        with world.scope():
            into = _Nowhere()
            asked = ExportAsked(kind="members", form=form)
            working.write(asked, stores=None, at=world.at, into=into)  # type: ignore[arg-type]
        assert into.size
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.set_threshold(*usual)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_memory_does_not_grow_with_what_is_exported(
    form: ExportForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "PAGE", PAGE)
    world = World()
    grown(world, FEW)
    peak(world, form)
    before = peak(world, form)
    grown(world, MANY - FEW)
    assert peak(world, form) < before * 1.5
