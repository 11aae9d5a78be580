"""Which acts of the staff are asked for: what cannot be asked is refused by name."""

import pytest
from tests.api.shop import Shop
from tests.api.test_staff import signed_in


@pytest.mark.parametrize(
    "asked", ["login=%00", "operation=a%00b", "since=2026-07-01T00:00:00", f"login={'a' * 201}"]
)
def test_what_cannot_be_asked_is_refused(shop: Shop, asked: str) -> None:
    answer = signed_in(shop).ask("GET", f"staff/acts?{asked}")
    assert answer.status == 422, answer.content
