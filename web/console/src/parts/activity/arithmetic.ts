/* One part of an award as steps that people can follow with a pencil. */
import type { Words } from '../../activities'
import type { Schemas } from '../../api'
import { money } from '../../format'
import { i18n } from '../../i18n'
import { counted, named, tierName } from '../../units'

type Part = Schemas['Part']
export interface Step {
  what: string
  how: string
  result: string
  strong?: boolean
}
const PLACES = 4
const { t, te } = i18n.global as unknown as Words

/** `tier` is the member's tier when it was booked; `products` are the order's lines in words. */
export function stepsOf(part: Part, tier: string, products: string[]): Step[] {
  const total = {
    what: t('activity.steps.total', { rule: part.rule }),
    how: '',
    result: named(part.unit, part.points, true),
    strong: true,
  }
  if (!part.exact || !part.rate) {
    const fixed = part.points + sum(Object.values(part.bounded ?? {}))
    const bonus = { what: t('activity.steps.fixed'), how: '', result: named(part.unit, fixed) }
    return [bonus, ...bounds(part), total]
  }
  const [points, per] = part.rate
  const lines = part.lines ?? []
  return [
    ...lines.map(([place, basis, factors]) => ({
      what: t('activity.steps.line', { line: place + 1, product: products[place] ?? '' }).trim(),
      how: [money(basis), ...factors.map(([, by]) => `× ${by}`)].join(' '),
      result: factors.length ? factors.map(([by]) => factorName(by, tier)).join(' · ') : money(basis),
    })),
    ...(lines.length > 1
      ? [
          {
            what: t('activity.steps.basis'),
            how: lines.map(([, basis]) => money(basis)).join(' + '),
            result: money(sum(lines.map(([, basis]) => basis))),
          },
        ]
      : []),
    {
      what: t('activity.steps.rate'),
      how: t('activity.steps.rateHow', { money: money(per), points: counted(part.unit, points) }),
      result: `× ${counted(part.unit, points)} / ${money(per)}`,
    },
    ...(part.factors ?? []).map(([name, by]) => ({
      what: factorName(name, tier),
      how: name === 'paid' ? share(by) : '',
      result: name === 'paid' ? `× ${percent(by)}` : `× ${by}`,
    })),
    ...(part.bands ?? []).map(([numerator, denominator, by]) => ({
      what: t('activity.steps.band'),
      how: money(Math.round(numerator / denominator)),
      result: `× ${by}`,
    })),
    { what: t('activity.steps.exact'), how: '', result: decimal(...part.exact) },
    {
      what: t('activity.steps.rounded', { how: rounding(part.rounding ?? '') }),
      how: '',
      result: counted(part.unit, part.rounded ?? part.points),
    },
    ...bounds(part),
    total,
  ]
}

function bounds(part: Part): Step[] {
  return Object.entries(part.bounded ?? {}).map(([name, took]) => ({
    what: t('activity.steps.bound', { name }),
    how: '',
    result: `−${counted(part.unit, took)}`,
  }))
}

function factorName(name: string, tier: string): string {
  const [kind, rule] = [name.split(':')[0] ?? '', name.split(':').slice(1).join(':')]
  if (kind === 'tier') return t('activity.steps.tier', { name: tierName(tier) || rule })
  if (kind === 'promotion') return t('activity.steps.promotion', { name: rule })
  if (kind === 'paid') return t('activity.steps.paid')
  return t('activity.steps.factor', { name: rule || kind })
}

function rounding(text: string): string {
  return text
    .split('/')
    .filter((word) => te(`activity.rounding.${word}`))
    .map((word) => t(`activity.rounding.${word}`))
    .join(' · ')
}

function share(text: string): string {
  const [paid = 0, net = 1] = text.split('/').map(Number)
  return `${money(paid)} / ${money(net)}`
}
function percent(text: string): string {
  const [paid = 0, net = 1] = text.split('/').map(Number)
  return `${Math.round((1e4 * paid) / net) / 100} %`
}

/** `= 128.9`, or `≈ 4.2253`, cut, where the decimals go on. */
export function decimal(numerator: number, denominator: number): string {
  const cut = 10 ** PLACES
  const scaled = (BigInt(numerator) * BigInt(cut)) / BigInt(denominator)
  const same = scaled * BigInt(denominator) === BigInt(numerator) * BigInt(cut)
  const shown = new Intl.NumberFormat('en', { maximumFractionDigits: PLACES, useGrouping: false })
  return `${same ? '=' : '≈'} ${shown.format(Number(scaled) / cut)}`
}

function sum(figures: number[]): number {
  return figures.reduce((total, figure) => total + figure, 0)
}
