export type Texts = Record<string, unknown>

/** Each file is a part of the texts; its keys stand in no other file of the language. */
export function joined(files: Record<string, Texts>): Texts {
  return Object.assign({}, ...Object.values(files)) as Texts
}
