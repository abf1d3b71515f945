import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { startLaggingRegion } from '../support/lagging-region.ts';
import { alice, openSimulator, startGateway } from '../support/stack.ts';
import { type ChangesEvent, followVolumes } from './list-changes.ts';

/*
 * Random writes by others, failures, replicas that lag, pages and filters: what followers know by events alone is what the list
 * shows when everything is quiet.
 */

const filters = ['', 'filter: { status: [AVAILABLE] }', 'filter: { nameContains: "a" }', 'filter: { sizeMin: 20 }'];

const step = fc.record({
  kind: fc.constantFrom('add', 'remove', 'delete', 'status', 'rename', 'fail', 'lag', 'shorten', 'follow', 'leave'),
  place: fc.nat(20),
  name: fc.constantFrom('a', 'b', 'ab', null),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * Calls that polls make, and no list of a client: a client that is given an old list, or a part of one, cannot know what the list
 * shows.
 */
const readsOfPolls = /%3Aasc|volumes\/[0-9a-f]/;

/** A row that lives shorter than this, in milliseconds, may be in no reading. */
const shortLifeMs = 1_000;

const settled = { timeout: 20_000, interval: 20 };

test('followers know by events alone what the list shows, whatever happens meanwhile', {
  timeout: 120_000,
}, async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), fc.nat(), playOut);
  await fc.assert(property, { numRuns: 12, endOnFailure: true });
});

/** @param seed of the lag. */
async function playOut(steps: readonly Step[], seed: number): Promise<void> {
  // Pages of three rows, so that rows move between pages.
  await using simulator = await openSimulator({ regions: [{ code: 'kr1', maxLimit: 3 }] });
  await using region = await startLaggingRegion(simulator.endpoints.kr1 ?? '', randomFrom(seed));
  await using gateway = await startGateway({ kr1: region.endpoint }, { POLL_INTERVAL_MS: '40' });
  const store = simulator.store('kr1');
  for (let index = 0; index < 5; index++)
    store.addVolume(alice.tenant, { name: 'a', status: 'available', size: 10 + 5 * index });
  await using followers = new AsyncDisposableStack();
  const addedAt = new Map<string, number>();
  const views = new Map<number, Awaited<ReturnType<typeof startView>>>();
  await using observer = followVolumes(gateway);
  await vi.waitFor(() => expect(observer.results).not.toEqual([]), settled);
  let isLagging = false;
  /**
   * Waits until a reading is newer than the lists that clients have read: what a list shows and no reading does is not reported, see
   * the README.
   */
  const catchUp = async () => {
    region.lag(readsOfPolls, 0, 0);
    const { id } = store.addVolume(alice.tenant, { name: 'marker', status: 'available', size: 10 });
    addedAt.set(id, performance.now());
    const seen = () => observer.events().flatMap(({ changes }) => changes.map((change) => uuidOf(change.id)));
    await vi.waitFor(() => expect(seen()).toContain(id), settled);
    if (isLagging) region.lag(readsOfPolls, 0.5, 80);
  };
  const start = async (filter: number) => {
    const view = await startView(
      gateway,
      filters[filter] ?? '',
      () => new Set(store.volumes(alice.tenant).map(({ id }) => id)),
    );
    views.set(filter, followers.use(view));
    await vi.waitFor(() => expect(view.isCaughtUp()).toBe(true), settled);
    await catchUp();
  };
  for (const filter of filters.keys()) await start(filter);
  for (const [index, { kind, place, name }] of steps.entries()) {
    const rows = store.volumes(alice.tenant);
    const row = rows[place % Math.max(1, rows.length)];
    const isKnown = row !== undefined && performance.now() - (addedAt.get(row.id) ?? 0) > shortLifeMs;
    if (kind === 'add')
      addedAt.set(store.addVolume(alice.tenant, { name, status: 'available', size: 10 + place }).id, performance.now());
    else if (kind === 'remove' && isKnown) store.remove(row.id);
    else if (kind === 'delete' && row) store.setStatus(row.id, 'deleting');
    else if (kind === 'status' && row) store.setStatus(row.id, place % 2 ? 'in-use' : 'available');
    else if (kind === 'rename' && row) row.name = name;
    else if (kind === 'fail')
      simulator.inject({ kind: place % 2 ? 'halfBody' : 'status', status: 500, times: 1 + (place % 3) });
    else if (kind === 'lag') {
      isLagging = true;
      region.lag(readsOfPolls, 0.5, 80);
    } else if (kind === 'shorten') simulator.inject({ kind: 'body', body: '{"volumes":[]}', path: /%3Aasc/, times: 1 });
    else if (kind === 'leave') {
      await views.get(place % filters.length)?.[Symbol.asyncDispose]();
      views.delete(place % filters.length);
    } else if (kind === 'follow' && !views.has(place % filters.length)) await start(place % filters.length);
    if (index % 3 === 2) await gateway.fetch('/health');
  }
  region.lag(readsOfPolls, 0, 0);
  await vi.waitFor(async () => {
    for (const view of views.values()) expect(view.rows()).toEqual(await view.fresh());
  }, settled);
  for (const view of views.values()) expect(view.wronglyRemoved()).toEqual([]);
}

/** The UUID in a global identifier. */
const uuidOf = (id: string) => Buffer.from(id, 'base64url').toString().split(':').at(-1) ?? '';

/** Numbers from 0 to 1, the same ones for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A client that reads the list when it is told to, and keeps it up to date by events. */
async function startView(
  gateway: Awaited<ReturnType<typeof startGateway>>,
  filter: string,
  existing: () => Set<string>,
) {
  const args = filter === '' ? '' : `(${filter})`;
  const followed = followVolumes(gateway, args);
  const list = `{ volumes(first: 1000${filter === '' ? '' : `, ${filter}`}) { nodes { id uuid name status } failures { code } } }`;
  let rows = new Map<string, string>();
  const wrong: string[] = [];
  let seen = 0;
  let handled = 0;
  let isOver = false;

  async function readList() {
    const { data } = await gateway.query(list);
    const nodes: { id: string; uuid: string; name: string; status: string }[] | undefined = data?.volumes?.nodes;
    return nodes && data.volumes.failures.length === 0 ? nodes : null;
  }

  /** In the order of the events, as a client does. */
  async function keepUp() {
    while (!isOver) {
      const event: ChangesEvent | undefined = followed.events()[seen];
      if (!event) {
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      if (seen++ === 0 || event.refetch.length > 0) {
        let nodes = await readList();
        while (!nodes && !isOver) nodes = await readList();
        rows = new Map(nodes?.map(({ id, name, status }) => [id, `${name} ${status}`]));
      }
      for (const { kind, id, volume } of event.changes) {
        const uuid = uuidOf(id);
        if (kind === 'REMOVED' && filter === '' && existing().has(uuid)) wrong.push(uuid);
        if (volume) rows.set(id, `${volume.name} ${volume.status}`);
        else rows.delete(id);
      }
      handled = seen;
    }
  }

  const done = keepUp();
  await vi.waitFor(() => expect(followed.results.length).toBeGreaterThan(0), settled);
  return {
    rows: () => Object.fromEntries(rows),
    /** Whether all events so far are handled, and every region is followed. */
    isCaughtUp: () => handled === followed.results.length && followed.events().at(-1)?.failures.length === 0,
    async fresh() {
      const nodes = await readList();
      return Object.fromEntries(nodes?.map(({ id, name, status }) => [id, `${name} ${status}`]) ?? []);
    },
    wronglyRemoved: () => wrong,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await followed[Symbol.asyncDispose]();
      await done;
    },
  };
}
