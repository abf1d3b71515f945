import { expect } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* Regions whose lists are filled and walked over, one list at a time. */

export let stack: Stack;

export async function startRegions(): Promise<void> {
  // jp1 answers 10 rows at most, as the real one of the facts does.
  stack = await startStack({
    regions: [{ code: 'kr1' }, { code: 'kr2', mariadb: true }, { code: 'jp1', maxLimit: 10 }],
  });
}

export const stopRegions = () => stack[Symbol.asyncDispose]();

/** Walks a list to its end. `between` may change the world between two pages. */
export async function walk(
  noun: 'volume' | 'snapshot',
  region: string,
  first: number,
  orderBy: object[],
  between: (page: Page) => void = () => {},
): Promise<string[]> {
  const query = `query($region: RegionCode!, $first: Int, $after: String, $orderBy: [${noun === 'volume' ? 'Volume' : 'Snapshot'}Order!]) {
    region(code: $region) { list: ${noun}s(first: $first, after: $after, orderBy: $orderBy) {
      nodes { uuid status } pageInfo { hasNextPage endCursor }
    } }
  }`;
  const seen: string[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 200; pages++) {
    const variables: Record<string, unknown> = { region, first, after, orderBy };
    const { list } = (await stack.data<{ region: { list: Page } }>(query, { variables })).region;
    expect(list.nodes.length).toBeLessThanOrEqual(first);
    seen.push(...list.nodes.map(({ uuid }) => uuid));
    if (!list.pageInfo.hasNextPage) return seen;
    expect(list.pageInfo.endCursor).not.toBeNull();
    after = list.pageInfo.endCursor;
    between(list);
  }
  throw new Error('the walk does not end');
}

export function fill(noun: 'volume' | 'snapshot', region: string, rows: readonly object[]): string[] {
  const store = stack.simulator.store(region.toLowerCase());
  for (const { id } of [...store.snapshots(alice.tenant), ...store.volumes(alice.tenant)]) store.remove(id);
  if (noun === 'volume') return rows.map((row) => store.addVolume(alice.tenant, row).id);
  const volume = store.addVolume(alice.tenant);
  return rows.map((row) => store.addSnapshot(alice.tenant, { ...row, volume_id: volume.id }).id);
}

interface Page {
  readonly nodes: readonly { uuid: string }[];
  readonly pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
