import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/server.ts';
import { postOf } from '../support/post.ts';
import { type GatewayProcess, portOf, startOver } from '../support/process.ts';
import { alice, openSimulator } from '../support/stack.ts';
import { startNginx } from './nginx.ts';

/* Replicas share nothing: a walk over a merged list goes on wherever its cursor is brought to. */

let simulator: Simulator;
/** Of all rows, in the order of one page. */
let all: string[];

beforeAll(async () => {
  // Three that differ: kr2 collates without case and knows whole seconds, jp1 answers 10 rows at most.
  simulator = await openSimulator({
    regions: [{ code: 'kr1' }, { code: 'kr2', mariadb: true }, { code: 'jp1', maxLimit: 10 }],
  });
  for (const [place, code] of ['kr1', 'kr2', 'jp1'].entries()) {
    for (let index = 0; index < 25; index++) {
      // Ties within and between regions, and rows without a name.
      const name = ['a', 'B', null, 'b', '가'][index % 5] ?? null;
      simulator.store(code).addVolume(alice.tenant, { size: 1 + ((index + place) % 3), name });
    }
  }
  await using gateway = startOver(simulator);
  const page = await readPage(await urlOf(gateway), 1000, null);
  all = page.nodes.map(({ uuid }) => uuid);
  expect(new Set(all).size).toBe(75);
});

afterAll(() => simulator[Symbol.asyncDispose]());

test.each([1, 2, 7])('a walk in pages of %i that alternates between replicas meets every row once', async (first) => {
  await using one = startOver(simulator);
  await using other = startOver(simulator);
  const urls = [await urlOf(one), await urlOf(other)];
  expect(await walk(first, async (pages) => urls[pages % 2] ?? '')).toEqual(all);
});

test.each(['SIGTERM', 'SIGKILL'] as const)('a walk through nginx goes on when a replica ends by %s', async (signal) => {
  await using one = startOver(simulator);
  await using other = startOver(simulator);
  await using nginx = await startNginx([await portOf(one), await portOf(other)]);
  const walked = await walk(4, async (pages) => {
    if (pages === 6) {
      one.child.kill(signal);
      await one.ended;
    }
    return nginx.url;
  });
  expect(walked).toEqual(all);
  for (const { output } of [one, other]) expect(output).toContain('"msg":"request"');
});

interface Page {
  readonly nodes: readonly { readonly uuid: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  readonly failures: readonly object[];
}

/** @param choose where to ask for the next page, after so many. */
async function walk(first: number, choose: (pages: number) => Promise<string>): Promise<string[]> {
  const walked: string[] = [];
  let after: string | null = null;
  for (let pages = 0; ; pages++) {
    const { nodes, pageInfo, failures }: Page = await readPage(await choose(pages), first, after);
    expect(failures).toEqual([]);
    walked.push(...nodes.map(({ uuid }) => uuid));
    if (!pageInfo.hasNextPage) return walked;
    after = pageInfo.endCursor;
  }
}

async function readPage(url: string, first: number, after: string | null): Promise<Page> {
  const query = `query($first: Int, $after: String) {
    volumes(first: $first, after: $after, orderBy: [{ field: NAME, direction: ASC }, { field: SIZE, direction: DESC }]) {
      nodes { uuid status } pageInfo { hasNextPage endCursor } failures { code }
    }
  }`;
  const response = await fetch(url, postOf({ query, variables: { first, after } }));
  expect(response.status).toBe(200);
  // The shape is that of the query, unless there are errors.
  const { data, errors } = (await response.json()) as { data: { volumes: Page }; errors?: object[] };
  expect(errors).toBeUndefined();
  return data.volumes;
}

async function urlOf(gateway: GatewayProcess): Promise<string> {
  return `http://127.0.0.1:${await portOf(gateway)}/graphql`;
}
