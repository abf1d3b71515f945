import { expect } from 'vitest';
import { type CannedAnswer, type CannedRequest, type CannedUpstream, startCanned } from '../support/canned.ts';
import { type GatewayUnderTest, startGateway } from '../support/stack.ts';

/* A gateway over an upstream that answers lists in its own way, and walks over its lists. */

export interface Row {
  readonly id: string;
  readonly name: string | null;
  readonly size: number;
  readonly created_at: string;
  readonly status: string;
}

export const rows: readonly Row[] = Array.from({ length: 25 }, (_, index) => ({
  id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  name: index % 4 === 0 ? null : `name ${index % 7}`,
  size: (index * 7) % 11,
  created_at: `2024-01-${String(1 + ((index * 5) % 25)).padStart(2, '0')}T00:00:00.000000`,
  status: 'available',
}));

let upstream: CannedUpstream | undefined;
let gateway: GatewayUnderTest | undefined;

export type Behaviour = (query: URLSearchParams, noun: string) => CannedAnswer;

export async function start(behave: Behaviour): Promise<GatewayUnderTest> {
  upstream = await startCanned(({ path }: CannedRequest) => {
    const noun = path.startsWith('/snapshots') ? 'snapshots' : 'volumes';
    return behave(new URLSearchParams(path.split('?')[1]), noun);
  });
  gateway = await startGateway({ kr1: upstream.endpoint });
  return gateway;
}

export async function stop(): Promise<void> {
  await gateway?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
}

export const refused: CannedAnswer = { status: 400, body: { badRequest: { code: 400, message: 'Invalid sort key' } } };

/** A full page, with a link to the next. */
export function page(all: readonly Row[], query: URLSearchParams, noun: string, max = 1000): CannedAnswer {
  const marker = query.get('marker');
  const start = marker === null ? 0 : all.findIndex(({ id }) => id === marker) + 1;
  const limit = Math.min(Number(query.get('limit') ?? max), max);
  const found = all.slice(start, start + limit);
  const link = { rel: 'next', href: `http://elsewhere/v2/t/${noun}?marker=${found.at(-1)?.id}` };
  return { body: { [noun]: found, ...(found.length === limit ? { [`${noun}_links`]: [link] } : {}) } };
}

export const newestFirst = rows.toSorted((a, b) =>
  a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : a.id < b.id ? 1 : -1,
);

export const sorted = {
  CREATED_AT: (a: Row, b: Row) => (a.created_at < b.created_at ? -1 : 1),
  SIZE: (a: Row, b: Row) => a.size - b.size || (a.id < b.id ? -1 : 1),
};

export async function walk(
  gateway: GatewayUnderTest,
  noun: string,
  first: number,
  field: string,
  more = 'status',
): Promise<string[]> {
  const query = `query($after: String) { list: ${noun}(first: ${first}, after: $after, orderBy: [{ field: ${field} }]) {
    nodes { uuid ${more} } pageInfo { hasNextPage endCursor }
  } }`;
  const seen: string[] = [];
  for (let after: string | null = null, isMore = true; isMore; ) {
    const { list }: { list: Page } = await gateway.data(query, { variables: { after } });
    seen.push(...list.nodes.map(({ uuid }) => uuid));
    ({ endCursor: after, hasNextPage: isMore } = list.pageInfo);
    expect(seen.length).toBeLessThanOrEqual(rows.length);
  }
  return seen;
}

interface Page {
  readonly nodes: readonly { readonly uuid: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
