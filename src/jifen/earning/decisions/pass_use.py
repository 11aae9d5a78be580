"""A pass is used: its services are burned, at a merchant that takes it.

Which lots paid is in the draw-downs, and through them whose points they were bought with
(:func:`jifen.ledger.selectors.paid_by`): a settlement needs no other record.
"""

from __future__ import annotations

from jifen.earning.decisions.purchase import refuse_known_reference
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.record import Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, PassUse
from jifen.wallet.types import PassElsewhere, UnknownPass


def decide_pass_use(state: State, item: Item, use: PassUse, member: MemberState) -> Decision:
    """Burn services of a pass."""
    if use.reference is not None:
        refuse_known_reference(state, item, "pass_use", use.reference)
    context = state.context
    unit = context.unit(use.unit)
    service = context.policy.document.passes.get(use.unit)
    if unit.kind != "pass" or service is None:
        raise UnknownPass(f"{use.unit!r} is no pass of this rule set", unit=use.unit)
    taken_by = {context.merchants.get(code) for code in service.merchants}
    if item.store.merchant_id not in taken_by:
        raise PassElsewhere(
            f"{use.unit!r} is not used at {item.store.code}",
            store=item.store.code,
            merchants=list(service.merchants),
        )
    sheet = Sheet(state, item, member)
    taken = sheet.burn(use.unit, use.count)
    sheet.transaction("pass_use")
    record = Record(
        award=Award(),
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=sheet.tier,
        taken=taken,
    )
    sheet.row(record, kind="pass_use", version=context.version, reference=use.reference)
    return sheet.decision()
