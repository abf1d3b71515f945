import { expect } from 'vitest';
import { bob, type RequestOptions, type Stack } from '../support/stack.ts';

/* Calls to a region that may be kept from it, and how it stands. */

export const list = '{ region(code: KR1) { volumes { nodes { status } } } }';
export const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
export const available = '{ regions { code available } }';
export const asBob: RequestOptions = { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } };

/** Calls have little time, so that those without an answer end soon. */
export const impatient = { UPSTREAM_TIMEOUT_MS: '200', REQUEST_TIMEOUT_MS: '2000' };

export const isAvailable = async (stack: Stack, options?: RequestOptions) =>
  (await stack.data(available, options)).regions[0].available;

export const sendTen = (stack: Stack, query: string, options?: RequestOptions) =>
  Promise.all(Array.from({ length: 10 }, () => stack.query(query, options)));

/** Sends the same until the region is kept from the caller. */
export async function openWith(stack: Stack, query: string, options?: RequestOptions): Promise<void> {
  for (let sent = 0; await isAvailable(stack, options); sent += 10) {
    expect(sent).toBeLessThan(500);
    await sendTen(stack, query, options);
  }
}

/** The circuit for everybody, as the metrics show it. */
export async function isOpenForAll(stack: Stack): Promise<boolean> {
  return (await stack.fetch('/metrics')).text.includes('gateway_upstream_available{region="kr1"} 0');
}
