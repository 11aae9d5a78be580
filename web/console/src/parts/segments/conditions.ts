/* A condition as a form has it: parts that are joined by "all" or "any". */
import type { Defs, Row, Schema } from '../../rules/schema'

export type Joined = Row & { kind: 'all' | 'any'; of: Row[] }
const JOINS = ['any', 'all', 'not']

/** Any condition as parts that are joined; one that joins nothing is the only part. */
export function joined(condition: Row): Joined {
  if (condition.kind === 'all' || condition.kind === 'any') return condition as Joined
  return { kind: 'all', of: condition.kind ? [condition] : [] }
}

/** Whether nothing is said yet: no part, or one that is only begun. */
export function isBlank(condition: Joined): boolean {
  return condition.of.every((part) => Object.keys(part).length < 2)
}

/** The same without a joint that joins nothing. */
export function plain(condition: Joined): Row {
  return condition.of.length === 1 ? condition.of[0]! : condition
}

/** The schema with what joins other conditions behind all else: a new part begins as the first. */
export function leavesFirst(schema: Defs): Defs {
  const turned = JSON.parse(JSON.stringify(schema), (_, value: unknown) => {
    const found = value as Schema | null
    const mapping = found?.discriminator?.mapping
    if (!mapping) return value
    const kinds = Object.keys(mapping).filter((kind) => !JOINS.includes(kind))
    const sorted = [...kinds, ...JOINS.filter((kind) => kind in mapping)]
    const ordered = Object.fromEntries(sorted.map((kind) => [kind, mapping[kind]]))
    return { ...found, discriminator: { ...found!.discriminator, mapping: ordered } }
  }) as Defs
  return turned
}

/** Where a problem stands in the form: its place in the body, without what leads to the condition. */
export function placeOf(at: unknown, wrapped: boolean): string {
  const place = typeof at === 'string' ? at.replace(/^\$(\.to)?\.condition/, '$') : '$'
  return wrapped ? place.replace(/^\$/, '$.of[0]') : place
}
