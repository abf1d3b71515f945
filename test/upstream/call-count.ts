import { alice, type Stack, startStack } from '../support/stack.ts';

/*
 * "Together" is proved by holding every answer back until all the calls have arrived: a call that waits for another's
 * answer would never come.
 */

export let stack: Stack;

export async function openStack(): Promise<void> {
  stack = await startStack();
}

export async function closeStack(): Promise<void> {
  await stack[Symbol.asyncDispose]();
}

export function addVolumes(count: number, region = 'kr1') {
  return Array.from({ length: count }, (_, index) =>
    stack.simulator.store(region).addVolume(alice.tenant, { name: `volume ${index}`, volume_type: 'General SSD' }),
  );
}

export function addSnapshots(volumes: readonly { id: string }[], region = 'kr1') {
  const store = stack.simulator.store(region);
  return volumes.map(({ id }, index) => store.addSnapshot(alice.tenant, { name: `snapshot ${index}`, volume_id: id }));
}

/** Runs a query while the upstream answers nothing until `together` calls wait. */
export async function run(query: string, together: number, variables: Record<string, unknown> = {}) {
  stack.simulator.clearRequests();
  const release = stack.simulator.hold();
  const answer = stack.data(query, { variables });
  await stack.simulator.waitForRequests(together);
  const first = paths();
  release();
  return { data: await answer, first: first.toSorted(), all: paths().toSorted() };
}

function paths(): string[] {
  return stack.calls().map((call) => call.replace(/\?.*$/, ''));
}
