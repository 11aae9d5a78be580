/* What the charts look like. Colours are the tokens of the theme that is on. */
import type { EChartsCoreOption } from 'echarts/core'
import { shortDay } from './figures'

/** The colours of the theme, as they are now. */
export interface Ink {
  text: string
  muted: string
  line: string
  card: string
  font: string
  series: string[]
}
export interface Series {
  name: string
  values: number[]
  stack?: string
}
export interface Link {
  from: string
  to: string
  value: number
}
type Shown = (value: number) => string

const FONT = 12

export function ink(): Ink {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(`--jf-${name}`).trim()
  return {
    text: of('text'),
    muted: of('muted'),
    line: of('line'),
    card: of('card'),
    // Its own name: widths are measured where nothing is inherited.
    font: getComputedStyle(document.body).fontFamily,
    series: [1, 2, 3, 4, 5, 6].map((number) => of(`chart-${number}`)),
  }
}

/** What all charts by day have. Words in a tooltip are drawn: markup of its own would be refused. */
function byDay(of: Ink, days: string[], axis: Shown, shown: Shown): EChartsCoreOption {
  return {
    color: of.series,
    textStyle: { color: of.muted, fontFamily: of.font, fontSize: FONT },
    grid: {
      left: 0,
      right: 8,
      top: 36,
      bottom: 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    legend: {
      right: 0,
      top: 0,
      itemWidth: 10,
      itemHeight: 10,
      icon: 'roundRect',
      textStyle: { color: of.text, fontSize: FONT },
      inactiveColor: of.line,
    },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      backgroundColor: of.card,
      borderColor: of.line,
      textStyle: { color: of.text, fontSize: FONT },
      axisPointer: { lineStyle: { color: of.muted }, type: 'line' },
      valueFormatter: (value: unknown) => shown(Number(value)),
    },
    xAxis: {
      type: 'category',
      data: days.map(shortDay),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: of.line }, onZero: false },
      axisLabel: { color: of.muted, hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      splitNumber: 4,
      splitLine: { lineStyle: { color: of.line } },
      axisLabel: { color: of.muted, formatter: axis },
      minInterval: 1,
    },
  }
}

export function bars(of: Ink, days: string[], series: Series[], axis: Shown, shown: Shown) {
  return {
    ...byDay(of, days, axis, shown),
    series: series.map((each) => ({
      name: each.name,
      type: 'bar',
      stack: each.stack,
      data: each.values,
      barMaxWidth: 16,
      emphasis: { focus: 'series' },
    })),
  }
}

export function lines(of: Ink, days: string[], series: Series[], axis: Shown, shown: Shown) {
  const base = byDay(of, days, axis, shown)
  const single = series.length === 1
  return {
    ...base,
    legend: single ? { show: false } : base.legend,
    grid: { ...(base.grid as object), top: single ? 12 : 36 },
    yAxis: { ...(base.yAxis as object), scale: single },
    series: series.map((each) => ({
      name: each.name,
      type: 'line',
      data: each.values,
      showSymbol: false,
      lineStyle: { width: 2 },
      areaStyle: single ? { opacity: 0.1 } : undefined,
    })),
  }
}

export function sankey(of: Ink, links: Link[], pool: string, shown: Shown) {
  const names = [...new Set(links.flatMap((link) => [link.from, link.to]))]
  return {
    color: of.series,
    textStyle: { fontFamily: of.font },
    tooltip: {
      renderMode: 'richText',
      confine: true,
      backgroundColor: of.card,
      borderColor: of.line,
      textStyle: { color: of.text, fontSize: FONT },
      valueFormatter: (value: unknown) => shown(Number(value)),
    },
    series: [
      {
        type: 'sankey',
        left: 4,
        right: 110,
        top: 8,
        bottom: 8,
        nodeWidth: 12,
        nodeGap: 14,
        draggable: false,
        emphasis: { focus: 'adjacency' },
        data: names.map((name, index) => ({
          name,
          itemStyle: {
            color: name === pool ? of.muted : of.series[index % of.series.length],
            borderWidth: 0,
          },
        })),
        links: links.map((link) => ({ source: link.from, target: link.to, value: link.value })),
        lineStyle: { color: 'gradient', opacity: 0.25, curveness: 0.5 },
        label: { color: of.text, fontSize: FONT },
      },
    ],
  }
}
