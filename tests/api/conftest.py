"""The clock stands at NOW in every test of the API, unless it sets another."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# For ``tests.api.shop``, however pytest was started.
sys.path.insert(0, str(Path(__file__).parents[2]))

if TYPE_CHECKING:
    from tests.api.elsewhere import Elsewhere
    from tests.api.shop import Shop


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    # Imported late: this file is read before Django is set up.
    from tests.api.shop import NOW

    from jifen.common.clock import set_clock

    with set_clock(NOW):
        yield


@pytest.fixture
def fresh_keys() -> Iterator[None]:
    """No key is known from before, and none is kept: for tests in which rights change."""
    from jifen.faces.api import auth

    auth.KEYS.forget()
    yield
    auth.KEYS.forget()


@pytest.fixture
def shop() -> "Shop":
    """A shop with the starter preset, whose client has every right."""
    from tests.api.shop import Shop

    return Shop()


@pytest.fixture(scope="module")
def elsewhere() -> "Elsewhere":
    """What was done at another store than one's own."""
    from tests.api.elsewhere import Elsewhere
    from tests.api.shop import NOW

    from jifen.common.clock import set_clock

    with set_clock(NOW):
        return Elsewhere()
