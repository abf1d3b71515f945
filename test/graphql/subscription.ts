import { alice, type Stack } from '../support/stack.ts';

/* Subscriptions to one volume, and what the gateway reads for them. */

export const environment = { POLL_INTERVAL_MS: '20' };
/** Less than the time between two reads of what is read rarely. */
export const patience = { timeout: 8_000 };

export function addVolume(stack: Pick<Stack, 'simulator'>, status = 'creating') {
  return stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'watched', status });
}

export const ofVolume = (id: string, more = '') =>
  `subscription { volumeUpdated(id: "${id}", region: KR1${more}) { name status } }`;

export const pollsOf = (stack: Stack, id: string) => stack.calls().filter((call) => call === `GET /volumes/${id}`);

export async function metric(stack: Stack, name: string): Promise<number> {
  const { text } = await stack.fetch('/metrics');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}
