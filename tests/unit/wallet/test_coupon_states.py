"""The states of a coupon as a table: (state, act, what comes of it)."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from jifen.common.errors import JifenError
from jifen.wallet.rules import coupons
from jifen.wallet.types import CouponState

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OWNER, ORDER, OTHER = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
ISSUED = CouponState(
    uuid.uuid4(), coupons.new_code(), "fifty", 1, OWNER, "issued", NOON, NOON + HOUR, uuid.uuid4()
)
USED = coupons.used(ISSUED, ORDER)
HELD = coupons.held(ISSUED, ORDER, NOON + HOUR / 2)
VOID = coupons.voided(ISSUED, ORDER, NOON)
BEARER = replace(ISSUED, member_id=None)


@pytest.mark.parametrize(
    ("coupon", "member", "at", "code"),
    [
        pytest.param(ISSUED, OWNER, NOON, None, id="free"),
        pytest.param(BEARER, None, NOON, None, id="bearer-nobody"),
        pytest.param(BEARER, OTHER, NOON, None, id="bearer-anybody"),
        pytest.param(ISSUED, OTHER, NOON, "coupon_of_another_member", id="another"),
        pytest.param(ISSUED, None, NOON, "coupon_of_another_member", id="nobody"),
        pytest.param(USED, OWNER, NOON, "coupon_used", id="used"),
        pytest.param(VOID, OWNER, NOON, "coupon_void", id="void"),
        pytest.param(HELD, OWNER, NOON, "coupon_held", id="held"),
        pytest.param(HELD, OWNER, NOON + HOUR / 2, None, id="hold-over"),
        pytest.param(ISSUED, OWNER, NOON - HOUR, "coupon_not_yet_valid", id="early"),
        pytest.param(ISSUED, OWNER, NOON + HOUR, "coupon_expired", id="at-its-end"),
        pytest.param(ISSUED, OWNER, NOON + HOUR - timedelta(microseconds=1), None, id="last"),
    ],
)
def test_whether_a_coupon_is_free(
    coupon: CouponState, member: uuid.UUID | None, at: datetime, code: str | None
) -> None:
    if code is None:
        coupons.check_free(coupon, owner=coupon.member_id, member_id=member, at=at)
        return
    with pytest.raises(JifenError) as refused:
        coupons.check_free(coupon, owner=coupon.member_id, member_id=member, at=at)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("coupon", "at", "status"),
    [
        (ISSUED, NOON, "issued"),
        (ISSUED, NOON + HOUR, "expired"),
        (HELD, NOON, "held"),
        (HELD, NOON + HOUR / 2, "issued"),
        (HELD, NOON + HOUR, "expired"),
        (USED, NOON + HOUR, "used"),
        (VOID, NOON + HOUR, "void"),
    ],
)
def test_how_a_coupon_reads(coupon: CouponState, at: datetime, status: str) -> None:
    assert coupons.status_at(coupon, at) == status


def test_given_back_it_is_what_it_was_but_only_by_the_order_that_has_it() -> None:
    assert coupons.given_back(USED, ORDER) == ISSUED
    assert coupons.given_back(HELD, ORDER) == ISSUED
    assert coupons.given_back(USED, OTHER) is USED
    assert coupons.given_back(VOID, ORDER) is VOID


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda: coupons.voided(USED, OTHER, NOON), "coupon_used"),
        (lambda: coupons.voided(VOID, OTHER, NOON), "coupon_void"),
        (lambda: coupons.voided(HELD, OTHER, NOON), "coupon_held"),
    ],
)
def test_what_cannot_be_made_void(act: Callable[[], object], code: str) -> None:
    with pytest.raises(JifenError) as refused:
        act()
    assert refused.value.code == code


def test_codes_are_long_random_and_read_as_people_write_them() -> None:
    codes = {coupons.new_code() for _ in range(1_000)}
    assert len(codes) == 1_000
    letters = coupons.GROUPS * coupons.GROUP
    assert len(coupons.ALPHABET) ** letters >= 2**128
    for code in codes:
        assert re.fullmatch(r"([0-9A-Z]{4}-){6}[0-9A-Z]{4}", code)
        assert not set(code) & set("ILOU")
    code = "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV"
    assert coupons.normalised(" o123 4567 89ab cdef ghjk-mnpqrstv") == code
    for wrong in ("", "abc", code + "0", code.replace("A", "U"), "１" * 28):
        with pytest.raises(JifenError) as refused:
            coupons.normalised(wrong)
        assert refused.value.code == "unknown_coupon"


def test_no_error_tells_a_whole_code() -> None:
    for coupon in (USED, VOID, HELD):
        with pytest.raises(JifenError) as refused:
            coupons.check_free(coupon, owner=coupon.member_id, member_id=OWNER, at=NOON)
        assert coupon.code not in str(refused.value.fields)
