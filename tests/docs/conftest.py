"""A place to run commands in."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.docs.shell import Place


@pytest.fixture(scope="session")
def place() -> "Iterator[Place]":
    """One database for all commands of the pages; each test has a programme of its own."""
    # Imported late: this file is read before Django is set up.
    from tests.docs.shell import new_place

    with new_place() as made:
        yield made
