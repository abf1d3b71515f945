import { setTimeout as delay } from 'node:timers/promises';
import type { Client, Identity } from '../client.ts';
import { createRandom } from '../random.ts';
import { sendHostile, sendLeaving } from './hostile.ts';
import type { Judge } from './judge.ts';
import { readMerged, readNested, readSeveral, readSummary, walk } from './reads.ts';
import { createUser, type User } from './user.ts';
import { liveOnce } from './writes.ts';

/** What users do, and how often of a hundred times. A walk and a life are several requests. */
const deeds: readonly { readonly act: (user: User) => Promise<void>; readonly share: number }[] = [
  { act: readMerged, share: 22 },
  { act: readNested, share: 17 },
  { act: readSeveral, share: 25 },
  { act: readSummary, share: 5 },
  { act: walk, share: 4 },
  { act: liveOnce, share: 9 },
  { act: sendLeaving, share: 9 },
  { act: sendHostile, share: 9 },
];

export interface Load {
  readonly url: string;
  readonly client: Client;
  readonly judge: Judge;
  readonly seed: number;
  readonly users: number;
  /** Between two deeds, in milliseconds, on average. */
  readonly pauseMs: number;
  /** Tenants in turn, with the volumes that each has from the start. */
  readonly tenants: readonly { readonly identity: Identity; readonly seeded: User['seeded'] }[];
}

/** Lets so many users act until they are stopped, which then waits for their last answers. */
export function startLoad({ url, client, judge, seed, users, pauseMs, tenants }: Load): { stop(): Promise<void> } {
  const stopping = new AbortController();

  async function act(number: number): Promise<void> {
    const tenant = tenants[number % tenants.length];
    if (!tenant) return;
    // One for each user: what one does is the same again, however long the others wait for their answers.
    const random = createRandom(seed * 1000 + number);
    let name = '';
    const user = createUser(client, { url, random, judge, ...tenant }, () => name);
    while (!stopping.signal.aborted) {
      const deed = pick(random() * 100);
      name = deed.name;
      await deed(user);
      await delay(random.between(0, 2 * pauseMs), undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const acting = Promise.all(Array.from({ length: users }, (_, number) => act(number)));
  return {
    async stop() {
      stopping.abort();
      await acting;
    },
  };
}

function pick(place: number): (user: User) => Promise<void> {
  let left = place;
  for (const { act, share } of deeds) {
    if (left < share) return act;
    left -= share;
  }
  return readMerged;
}
