/* The REST API in the browser: generated types, the caller's language, named problems. */
import createClient, { type Middleware } from 'openapi-fetch'
import type { components, paths } from './schema'

export type Schemas = components['schemas']

/** A refusal (RFC 9457): `code` is stable, the rest is for people. */
export interface Problem {
  code: string
  title: string
  detail: string
  status: number
  request_id: string
  [field: string]: unknown
}

export class Refused extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.title)
    this.problem = problem
  }
}

/** What is refused with the same status as a session that is over, and ends none. */
const HARMLESS: unknown[] = ['wrong_login', 'second_factor_needed']

const UNREACHABLE: Problem = {
  code: 'unreachable',
  title: '',
  detail: '',
  status: 0,
  request_id: '',
}

/** A client that speaks the language which `language()` answers at each call. */
export function connect(language: () => string, onSignedOut: () => void) {
  const client = createClient<paths>({ baseUrl: '/' })
  const middleware: Middleware = {
    onRequest({ request }) {
      request.headers.set('Accept-Language', language())
      return request
    },
    async onResponse({ response }) {
      if (response.status === 401 && !HARMLESS.includes(await codeOf(response))) onSignedOut()
    },
    onError() {
      return new Refused(UNREACHABLE)
    },
  }
  client.use(middleware)
  return client
}

async function codeOf(response: Response): Promise<unknown> {
  const told: unknown = await response
    .clone()
    .json()
    .catch(() => null)
  return (told as Problem | null)?.code
}

/** The data of an answer; raises `Refused` for a problem. */
export async function told<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) {
    throw new Refused(
      (error as Problem | undefined)?.code
        ? (error as Problem)
        : { ...UNREACHABLE, status: response.status },
    )
  }
  return data as T
}

/** A key for one act: keep it for as long as the same act is tried. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
