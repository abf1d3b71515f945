import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { alice, bob } from '../support/stack.ts';

/* Two simulated regions, and requests to them. */

export let simulator: Simulator;

export async function start(): Promise<void> {
  simulator = await startSimulator({
    regions: [{ code: 'kr1' }, { code: 'jp1' }],
    tokens: { good: alice.tenant, other: bob.tenant },
  });
}

export const stop = () => simulator[Symbol.asyncDispose]();

export function request(method: string, path: string, region = 'kr1', init: RequestInit = {}): Promise<Response> {
  const headers = { 'X-Auth-Token': 'good', ...(init.body ? { 'Content-Type': 'application/json' } : {}) };
  return fetch(`${simulator.endpoints[region]}/v2/${alice.tenant}/${path}`, { ...init, method, headers });
}

export function get(path: string, region = 'kr1', signal: AbortSignal | null = null): Promise<Response> {
  return request('GET', path, region, { signal });
}

export function post(path: string, body: object): Promise<Response> {
  return request('POST', path, 'kr1', { body: JSON.stringify(body) });
}
