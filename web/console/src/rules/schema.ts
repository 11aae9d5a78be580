/* A JSON Schema, as far as the form of a rule set needs it. */

export interface Schema {
  $ref?: string
  anyOf?: Schema[]
  type?: string
  format?: string
  enum?: (string | number)[]
  items?: Schema | boolean
  prefixItems?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  propertyNames?: Schema
  discriminator?: { propertyName: string; mapping: Record<string, string> }
  description?: string
  default?: unknown
  minimum?: number
  maximum?: number
}
export interface Defs {
  $ref?: string
  $defs: Record<string, Schema>
}
export type Json = unknown
export type Row = Record<string, Json>

export type Shape =
  | { is: 'names' }
  | { is: 'object'; def: string }
  | { is: 'union'; kinds: Record<string, string> }
  | { is: 'rows'; of: Schema }
  | { is: 'choices'; from: (string | number)[] }
  | { is: 'words'; numeric: boolean }
  | { is: 'pair' }
  | { is: 'table'; of: Schema }
  | { is: 'choice'; from: (string | number)[] }
  | { is: 'whole' }
  | { is: 'flag' }
  | { is: 'day' }
  | { is: 'text' }
  | { is: 'unknown' }

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}

/** The last part of a definition's name, by which texts know it. */
export function shortName(def: string): string {
  return def.slice(def.lastIndexOf('.') + 1)
}

/** The schema without "or null", and whether null was there. */
export function withoutNull(schema: Schema): { schema: Schema; nullable: boolean } {
  const some = schema.anyOf?.filter((each) => each.type !== 'null')
  if (!some || some.length === schema.anyOf?.length) return { schema, nullable: false }
  const only = some.length === 1 ? some[0]! : { ...schema, anyOf: some }
  return { schema: { ...only, description: only.description ?? schema.description }, nullable: true }
}

/** What to draw for a schema. */
export function shapeOf(given: Schema): Shape {
  const { schema } = withoutNull(given)
  if (schema.$ref?.endsWith('/Names')) return { is: 'names' }
  if (schema.$ref) return { is: 'object', def: nameOf(schema.$ref) }
  if (schema.discriminator) {
    const entries = Object.entries(schema.discriminator.mapping)
    return { is: 'union', kinds: Object.fromEntries(entries.map(([kind, ref]) => [kind, nameOf(ref)])) }
  }
  if (schema.enum) return { is: 'choice', from: schema.enum }
  if (schema.type === 'array') {
    if (schema.prefixItems) return { is: 'pair' }
    const items = typeof schema.items === 'object' ? schema.items : {}
    if (items.$ref || items.discriminator) return { is: 'rows', of: items }
    if (items.enum) return { is: 'choices', from: items.enum }
    return { is: 'words', numeric: items.type === 'integer' }
  }
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    return { is: 'table', of: schema.additionalProperties }
  }
  if (schema.type === 'integer') return { is: 'whole' }
  if (schema.type === 'boolean') return { is: 'flag' }
  if (schema.format === 'date') return { is: 'day' }
  if (schema.type === 'string') return { is: 'text' }
  return { is: 'unknown' }
}

/** What something new of a schema begins with: its required fields, as far as they are clear. */
export function fresh(schema: Schema, defs: Defs, kind?: string): Json {
  const shape = shapeOf(schema)
  if (shape.is === 'union') {
    const chosen = kind ?? Object.keys(shape.kinds)[0]!
    return { kind: chosen, ...(freshOf(shape.kinds[chosen]!, defs) as Row) }
  }
  if (shape.is === 'object') return freshOf(shape.def, defs)
  if (shape.is === 'names') return { zh: '', en: '' }
  if (shape.is === 'rows' || shape.is === 'choices' || shape.is === 'words') return []
  if (shape.is === 'table') return {}
  if (shape.is === 'choice') return shape.from[0]
  return undefined
}

function freshOf(def: string, defs: Defs): Json {
  const described = defs.$defs[def]
  const made: Row = {}
  for (const name of described?.required ?? []) {
    const property = described?.properties?.[name]
    if (!property || name === 'kind') continue
    const shape = shapeOf(property)
    if (shape.is === 'rows') made[name] = [fresh(shape.of, defs)]
    else {
      const value = fresh(property, defs)
      if (value !== undefined) made[name] = value
    }
  }
  return made
}

/** The names of a definition's fields, the required ones first, and without the kind. */
export function fieldNames(schema: Schema): string[] {
  const required = new Set(schema.required ?? [])
  const names = Object.keys(schema.properties ?? {}).filter((name) => name !== 'kind')
  return [...names.filter((name) => required.has(name)), ...names.filter((n) => !required.has(n))]
}

/** Whether a field needs the whole width. */
export function isWide(schema: Schema): boolean {
  return ['object', 'union', 'rows', 'table'].includes(shapeOf(schema).is)
}

/** Whether two values are the same document. */
export function same(one: Json, other: Json): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (value && typeof value === 'object') {
    const row = value as Row
    return Object.fromEntries(
      Object.keys(row)
        .sort()
        .map((key) => [key, sorted(row[key])]),
    )
  }
  return value
}
