"""Cursors are opaque, and garbage is refused."""

import pytest

from jifen.common.ids import new_id
from jifen.faces.api import cursors
from jifen.faces.api.faults import InvalidCursor


def test_a_cursor_comes_back_as_what_it_was_made_from() -> None:
    last_id = new_id()
    assert cursors.read_id(cursors.after_id(last_id)) == last_id
    assert cursors.read_number(cursors.after_number(7)) == 7
    assert cursors.read_id(None) is None
    assert cursors.read_number(None) is None


@pytest.mark.parametrize(
    "garbage", ["", "x", "é", "AAAA", "=" * 22, "A" * 22 + "=", "A" * 4000, "B" * 22, "A" * 12]
)
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(InvalidCursor):
        cursors.read_id(garbage)
    with pytest.raises(InvalidCursor):
        cursors.read_number(garbage)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        cursors.read_number(cursors.after_id(new_id()))
