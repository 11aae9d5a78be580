/* What a request asks for, as it would be booked. */
import type { Schemas } from '../../api'

type Approval = Schemas['ApprovalInfo']

interface Asked {
  kind?: string
  unit: string
  points?: number
  reason?: string
  lots?: { unit: string }[]
}

/** The body of what was asked for; an opening counts in the unit of its first lot. */
export function asked(approval: Approval): Asked {
  const body = approval.asked as unknown as Partial<Asked>
  return { ...body, unit: body.unit ?? body.lots?.[0]?.unit ?? '' }
}

/** The name of its text: `approvals.kinds`. */
export function what(approval: Approval): string {
  if (approval.kind === 'gift_run') return 'giftRun'
  const { kind, points } = asked(approval)
  if (kind === 'adjustment') return (points ?? 0) < 0 ? 'take' : 'add'
  return kind === 'opening' || kind === 'waiver' ? kind : 'gift'
}
