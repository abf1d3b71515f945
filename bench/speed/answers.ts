import assert from 'node:assert/strict';
import { tenantStart, tokenOf } from './callers.ts';
import { type Kind, moodOf } from './kinds.ts';
import { type BenchQuery, type QueryName, queries } from './queries.ts';
import { pathOf } from './requests.ts';
import type { RunningServer, RunningUpstream } from './running.ts';
import { bodyOf, canAnswer, headersOf, servers } from './servers.ts';

/** What each server answers, in words. */
export interface Comparison {
  /** Answers that hold the same as this gateway's. */
  readonly same: readonly string[];
  /** Answers that differ from this gateway's, and how. */
  readonly differing: readonly string[];
  /** Answers that were given again although the upstream's had changed. */
  readonly stale: readonly string[];
}

/** Holds what each server answers against what this gateway answers, and against what the upstream answers. */
export async function compareAnswers(
  running: readonly RunningServer[],
  asked: readonly QueryName[],
  upstream: RunningUpstream,
): Promise<Comparison> {
  const ours = running.find(({ kind }) => kind === servers.ours);
  const same: string[] = [];
  const differing: string[] = [];
  const stale: string[] = [];
  for (const query of asked) {
    for (const server of running.filter(({ kind }) => canAnswer(kind, query))) {
      const what = `${server.kind.title}, ${queries[query].title}`;
      if (!(await follows(server, query, upstream))) stale.push(what);
      if (!ours || server === ours || server.kind === servers.bare) continue;
      for (const kind of ['same', 'cold'] as const) {
        await upstream.set(moodOf(kind));
        const data = await ask(server, query, kind);
        const found = difference(server.kind.normalize?.(data) ?? data, await ask(ours, query, kind));
        if (found === null) same.push(what);
        else differing.push(`${what}: ${found}`);
      }
    }
  }
  return { same, differing, stale };
}

/** Whether a server answers with what the upstream answers now. */
async function follows(server: RunningServer, query: QueryName, upstream: RunningUpstream): Promise<boolean> {
  await upstream.set(moodOf('everyRow'));
  const read = async () => JSON.stringify(await ask(server, query, 'everyRow')).match(names) ?? [];
  const before = new Set(await read());
  const after = await read();
  return after.length > 0 && !after.some((name) => before.has(name));
}

/** The names of rows that the upstream changes. */
const names = /(?:volume|snapshot)-[0-9a-f]{8}/g;

/** The data that a server answers a query with. @throws when it is no answer, or has errors. */
async function ask({ kind, port }: RunningServer, name: QueryName, load: Kind): Promise<unknown> {
  const query: BenchQuery = queries[name];
  const tenant = load === 'cold' ? query.tenant.replace(tenantStart, strangerStart) : query.tenant;
  const response = await fetch(`http://127.0.0.1:${port}${pathOf(kind, name)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(kind, tokenOf(0), tenant) },
    body: bodyOf(query),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${kind.title}, ${query.title}: ${text.slice(0, 1000)}`);
  // What bare answers is several JSON texts one after the other.
  if (kind === servers.bare) return text;
  const { data, errors } = JSON.parse(text);
  assert.deepEqual(errors ?? [], [], `${kind.title}, ${query.title}`);
  return data;
}

/** Another tenant than the one that the queries name, with as many volumes. */
const strangerStart = tenantStart.replace(/^.{8}/, 'ffffffff');

/** Whether two servers mean the same: but for global identifiers, which each makes in its own way. */
function difference(data: unknown, expected: unknown): string | null {
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
