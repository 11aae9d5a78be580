"""What somebody could do to coupons behind Jifen's back: a check names it."""

import uuid
from datetime import timedelta

import pytest
from tests.db.test_ledger import tampered
from tests.wallets import Purse

from jifen.earning import services as earning
from jifen.earning.types import Line, Reversal
from jifen.ledger.types import Verdict
from jifen.wallet.models import Coupon

CUP = Line("cup", 1, 900)


@pytest.fixture(scope="module")
def purse() -> Purse:
    """Coupons in every state, by every way there is."""
    purse = Purse()
    member = purse.member(2_000)
    purse.coupon("fifty", member)
    purse.coupon("never")
    purse.booked(purse.convert(member, "fifty"))
    purse.order(member, 12_000, coupons=(purse.coupon("fifty", member),))
    several = (purse.coupon("percent", member), purse.coupon("never", member))
    purse.booked(purse.refund(purse.order(member, 12_000, coupons=several)))
    in_part = purse.order(member, 11_000, CUP, coupons=(purse.coupon("cup"), purse.coupon("fifty")))
    purse.booked(purse.refund(in_part, (1, 1)))
    claimed = purse.order(None, 12_000, coupons=(purse.coupon("fifty"),))
    purse.booked(purse.claim(claimed, member))
    paid = purse.booked(purse.checkout(member, 500, coupons=(purse.coupon("never"),)))
    purse.booked(purse.paid(paid.id))
    dropped = purse.booked(purse.checkout(member, 500, coupons=(purse.coupon("never"),)))
    purse.booked(purse.dropped(dropped.id))
    purse.booked(purse.void(purse.coupon("never").lower().replace("-", " ")))
    issue = purse.booked(purse.issue("never", member, count=2))
    purse.booked(
        Reversal(key="back", occurred_at=purse.at, of=issue.id, reason="by mistake", actor="tester")
    )
    over = purse.coupon("fifty")
    purse.booked(purse.checkout(member, 12_000, coupons=(over,), minutes=1))
    purse.at += timedelta(minutes=1)
    purse.booked(purse.refund(purse.order(member, 12_000, coupons=(over,))))
    purse.booked(purse.checkout(member, 500, coupons=(purse.coupon("percent", member),)))
    with purse.scope():
        assert set(Coupon.objects.values_list("status", flat=True)) == set(Coupon.Status)
    assert verdict(purse).ok, verdict(purse).faults
    return purse


def verdict(purse: Purse) -> Verdict:
    with purse.scope():
        return earning.verify()


STRANGER = f"'{uuid.uuid4()}'"
FREE = {"status": "'issued'", "holder_id": "NULL", "held_until": "NULL"}
HELD = {"status": "'held'", "holder_id": STRANGER, "held_until": "'2030-01-01Z'"}
TAMPERED: list[tuple[str, dict[str, str], str]] = [
    ("status = 'issued' AND member_id IS NOT NULL", {"member_id": "NULL"}, "issued"),
    ("status = 'issued'", {"issued_by_id": STRANGER}, "issued"),
    ("status = 'used'", {"rule_set_version": "rule_set_version + 1"}, "issued"),
    ("status = 'void'", {"valid_until": "'2030-01-01Z'"}, "issued"),
    ("kind = 'never'", {"kind": "'fifty'"}, "issued"),
    ("kind = 'never'", {"code": "'0000-0000-0000-0000-0000-0000-0000'"}, "issued"),
    ("status = 'used'", FREE, "used"),
    ("status = 'used'", {"holder_id": STRANGER}, "used"),
    ("status = 'used'", {"status": "'void'"}, "used"),
    ("status = 'used'", {"status": "'void'"}, "void"),
    ("status = 'used'", HELD, "held"),
    ("status = 'issued'", {"status": "'used'", "holder_id": STRANGER}, "used"),
    ("status = 'issued'", {"status": "'void'", "holder_id": STRANGER}, "void"),
    ("status = 'issued'", HELD, "held"),
    ("status = 'void'", FREE, "void"),
    ("status = 'void'", {"holder_id": STRANGER}, "void"),
    ("status = 'held'", FREE, "held"),
    ("status = 'held'", {"holder_id": STRANGER}, "held"),
    ("status = 'held'", {"held_until": "held_until + interval '1 minute'"}, "held"),
    ("status = 'held'", {"status": "'used'", "held_until": "NULL"}, "used"),
]


@pytest.mark.parametrize(
    ("where", "columns", "check"),
    TAMPERED,
    ids=[f"{check}: {where}, {', '.join(columns)}" for where, columns, check in TAMPERED],
)
def test_a_coupon_changed_by_hand_is_named(
    purse: Purse, where: str, columns: dict[str, str], check: str
) -> None:
    with tampered(purse, "coupon", where, **columns) as row:
        found = verdict(purse)
    assert (f"coupons_{check}", str(row)) in {(fault.check, fault.id) for fault in found.faults}
    assert {fault.table for fault in found.faults} == {"coupon"}
    assert verdict(purse).ok


@pytest.mark.parametrize("status", ["issued", "used", "void", "held"])
def test_a_coupon_that_is_gone_or_nobody_issued_is_named(purse: Purse, status: str) -> None:
    with purse.scope():
        coupon = Coupon.objects.filter(status=status).first()
        assert coupon is not None
        Coupon.objects.filter(id=coupon.id).delete()
    gone = verdict(purse)
    forged = Coupon(**{field.attname: getattr(coupon, field.attname) for field in FIELDS})
    forged.id, forged.code = uuid.uuid4(), coupon.code[::-1]
    with purse.scope():
        coupon.save(force_insert=True)
        forged.save(force_insert=True)
    more = verdict(purse)
    with purse.scope():
        Coupon.objects.filter(id=forged.id).delete()
    assert ("coupons_issued", str(coupon.id)) in {(each.check, each.id) for each in gone.faults}
    assert ("coupons_issued", str(forged.id)) in {(each.check, each.id) for each in more.faults}
    assert verdict(purse).ok


FIELDS = [field for field in Coupon._meta.concrete_fields if field.attname != "pk"]
