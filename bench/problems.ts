import type { Answer, Body, CodedError } from './client.ts';

/** One error that an answer tells: of `errors`, of a `failures` list, or of one of many deletions. */
export interface Problem {
  readonly code: string;
  readonly region: string | null;
  readonly message: string;
  /** Seconds. */
  readonly retryAfter: number | null;
}

/** Every error that an answer tells, wherever it stands. */
export function problemsOf({ data, errors = [] }: Body): Problem[] {
  return [...errors.flatMap(problemsOfError), ...problemsWithin(data)];
}

/** When to ask again after an answer that brought too little: when it says so, else after a second. */
export function secondsToWait({ body }: Answer): number {
  return Math.max(0, ...(body ? problemsOf(body) : []).map(({ retryAfter }) => retryAfter ?? 0)) || 1;
}

function problemsOfError({ message, extensions = {} }: CodedError): Problem[] {
  // Where all of several regions failed, each has its own cause.
  if (Array.isArray(extensions.failures)) return extensions.failures.map(readProblem);
  return [readProblem({ message, ...extensions })];
}

/** Entries of lists called `failures`, and objects called `error`, wherever they are. */
function problemsWithin(value: unknown): Problem[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(problemsWithin);
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === 'failures' && Array.isArray(inner)) return inner.map(readProblem);
    return name === 'error' && inner ? [readProblem(inner)] : problemsWithin(inner);
  });
}

/** A region is a text in errors and an object in data. */
function readProblem(entry: Readonly<Record<string, unknown>>): Problem {
  const { code, region, message, retryAfter } = entry;
  const name = typeof region === 'object' && region && 'code' in region ? region.code : region;
  const known = typeof name === 'string' ? name.toLowerCase() : null;
  return { code: String(code), region: known, message: String(message), retryAfter: Number(retryAfter) || null };
}
