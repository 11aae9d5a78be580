"""Which acts of the staff are asked for: what cannot be asked is refused by name."""

import pytest
from tests.api.shop import Shop
from tests.api.test_staff import signed_in


@pytest.mark.parametrize(
    "asked",
    [
        "login=%00",
        "operation=a%00b",
        "since=2026-07-01T00:00:00",
        "since=0001-01-01T00:00:00%2B08:00",
        "until=9999-12-31T23:59:59-08:00",
        f"login={'a' * 201}",
    ],
)
def test_what_cannot_be_asked_is_refused(shop: Shop, asked: str) -> None:
    answer = signed_in(shop).ask("GET", f"staff/acts?{asked}")
    assert answer.status == 422, answer.content


def test_a_moment_may_have_any_offset(shop: Shop) -> None:
    browser = signed_in(shop)
    browser.ask("DELETE", "segments/tea")
    acts = browser.ask("GET", "staff/acts?since=0404-05-16T12:14:03%2B18:32").json["acts"]
    assert "DELETE /api/v1/segments/<str:code>" in [each["operation"] for each in acts]
    assert browser.ask("GET", "staff/acts?since=2999-05-16T12:14:03-18:32").json["acts"] == []
