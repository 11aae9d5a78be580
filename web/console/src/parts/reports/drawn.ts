/* What each report looks like as a chart. */
import { kindName } from '../../activities'
import { money, points } from '../../format'
import { i18n } from '../../i18n'
import { bars, lines, sankey, type Ink, type Link } from './charts'
import { net, netOfGuests, short, shortMoney, type Reports } from './figures'

const { t, te } = i18n.global
const counted = (value: number) => points(value)

function daysOf(report: { days: { day: string }[] }): string[] {
  return report.days.map((each) => each.day)
}

export function drawPoints(of: Ink, report: Reports['points']) {
  const { days } = report
  const series = [
    { name: t('dashboard.issued'), values: days.map((each) => each.issued), stack: 'points' },
    { name: t('dashboard.burned'), values: days.map((each) => -each.burned), stack: 'points' },
    { name: t('dashboard.expired'), values: days.map((each) => -each.expired), stack: 'points' },
  ]
  return bars(of, daysOf(report), series, short, counted)
}

export function drawLiability(of: Ink, report: Reports['liability']) {
  const values = report.days.map((each) => each.liability_minor ?? each.outstanding)
  const name = t(report.rate ? 'dashboard.kpi.liability' : 'dashboard.outstanding')
  const [axis, shown] = report.rate ? [shortMoney, money] : [short, counted]
  return lines(of, daysOf(report), [{ name, values }], axis, shown)
}

export function drawSales(of: Ink, report: Reports['sales']) {
  const series = [{ name: t('dashboard.ofMembers'), values: report.days.map(net), stack: 'sales' }]
  if (report.total_known) {
    const values = report.days.map(netOfGuests)
    series.push({ name: t('dashboard.ofGuests'), values, stack: 'sales' })
  }
  return bars(of, daysOf(report), series, shortMoney, money)
}

export function drawMembers(of: Ink, report: Reports['members']) {
  const values = report.days.map((each) => each.active)
  return lines(of, daysOf(report), [{ name: t('dashboard.kpi.active'), values }], short, counted)
}

export function actName(act: string): string {
  return te(`dashboard.acts.${act}`) ? t(`dashboard.acts.${act}`) : kindName(act)
}

/** Into the points and out of them, by act. What was taken back went out, and what was given back
 * came in, so both sides are equally large with what is not yet used, or is from before. */
export function drawFlows(of: Ink, { sources, uses }: Reports['flows']) {
  const pool = t('dashboard.pool')
  const into = [...byAct(sources, 1), ...byAct(uses, -1)]
  const out = [...byAct(uses, 1), ...byAct(sources, -1)]
  const links: Link[] = [
    ...into.map(([act, value]) => ({ from: actName(act), to: pool, value })),
    // A name stands on one side only, or the picture would run in a circle.
    ...out.map(([act, value]) => {
      return { from: pool, to: t('dashboard.useOf', { act: actName(act) }), value }
    }),
  ]
  const left = sum(into) - sum(out)
  if (left > 0) links.push({ from: pool, to: t('dashboard.stillHeld'), value: left })
  if (left < 0) links.push({ from: t('dashboard.fromBefore'), to: pool, value: -left })
  return sankey(of, links, pool, counted)
}

type Part = [act: string, points: number]

/** What each act moved in one direction, whatever the rule. */
function byAct(flows: Reports['flows']['sources'], sign: 1 | -1): Part[] {
  const sums = new Map<string, number>()
  for (const flow of flows) sums.set(flow.act, (sums.get(flow.act) ?? 0) + sign * flow.points)
  return [...sums].filter(([, moved]) => moved > 0)
}

function sum(parts: Part[]): number {
  return parts.reduce((all, [, moved]) => all + moved, 0)
}
