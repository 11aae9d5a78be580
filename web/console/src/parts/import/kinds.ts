/* What each kind of import needs, and what a file of it looks like. */
import type { Schemas } from '../../api'
import { session } from '../../session'

export type Run = Schemas['ImportInfo']
export type Details = Schemas['ImportDetails']
export type Kind = Run['kind']

export const KINDS: readonly Kind[] = ['members', 'orders', 'online_retail']
/** What the server reads at once. */
export const MOST_BYTES = 16 * 1024 * 1024

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** What a file is by its first bytes; its name may say anything. */
export async function typeOf(file: File): Promise<string> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  if (head[0] === 0x50 && head[1] === 0x4b) return XLSX
  if (head[0] === 0x1f && head[1] === 0x8b) return 'application/gzip'
  return /\.xlsx$/i.test(file.name) ? XLSX : 'text/csv'
}

export function may(kind: Kind): boolean {
  return session.may('members.write') && (kind === 'members' || session.may('activities.write'))
}

/** Our own columns with two lines to overwrite. */
export function template(kind: Kind): string {
  const lines: Record<Kind, string[]> = {
    members: [
      'external_id,phone,name,birthday,store,points,points_expire_at,growth,tier',
      'M-1001,13800138001,李娜,1990-05-20,,150,,,',
      'M-1002,13800138002,王伟,,,100@2099-12-31;50,,,',
    ],
    orders: [
      'kind,order,occurred_at,store,member_kind,member,product,category,quantity,amount,discount,of,line',
      'purchase,A-1001,2026-06-01 10:15:00,,phone,13800138001,tea,drinks,2,59.80,5.00,,',
      'refund,R-1001,2026-06-03 09:00:00,,,,,,1,,,A-1001,1',
    ],
    online_retail: [
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
      '536367,84879,ASSORTED COLOUR BIRD ORNAMENT,32,2010-12-01 08:34:00,1.69,13047,United Kingdom',
    ],
  }
  // With the mark by which Excel knows UTF-8.
  return `\ufeff${lines[kind].join('\r\n')}\r\n`
}

/** What a check or a run found, in the order in which people ask for it. */
export const COUNTS: readonly string[] = [
  'lines',
  'enrolled',
  'orders',
  'refunds',
  'new',
  'known',
  'points_brought',
  'points_earned',
  'points_clawed_back',
  'rejected',
]
