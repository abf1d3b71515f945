import assert from 'node:assert/strict';
import { type BenchQuery, type QueryName, queries } from './queries.ts';
import { bodyOf, headersOf, type RunningServer } from './servers.ts';

/** The data that a server answers a query with. @throws when it is no answer, or has errors. */
export async function ask({ kind, port }: RunningServer, name: QueryName): Promise<unknown> {
  const query: BenchQuery = queries[name];
  const response = await fetch(`http://127.0.0.1:${port}${kind.path?.(name) ?? '/graphql'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(kind, 'token-0', query.tenant) },
    body: bodyOf(query),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${kind.title}, ${query.title}: ${text.slice(0, 1000)}`);
  // What bare answers is several JSON texts one after the other.
  if (kind.title === 'bare') return text;
  const { data, errors } = JSON.parse(text);
  assert.deepEqual(errors ?? [], [], `${kind.title}, ${query.title}`);
  return data;
}

/** Whether two servers mean the same: but for global identifiers, which each makes in its own way. */
export function difference(data: unknown, expected: unknown): string | null {
  try {
    assert.deepEqual(withoutIds(data), withoutIds(expected));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function withoutIds(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (key, value) => (key === 'id' ? 'an id' : value));
}
