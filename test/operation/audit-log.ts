import { readFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { linesOf, linesOfRequest } from '../support/log.ts';
import type { GatewayUnderTest } from '../support/stack.ts';

/* The writes of the tests of the audit log, and their lines. */

export const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
export const key = 'audit-key-of-the-tests';
export const missing = '00000000-0000-4000-8000-000000000000';
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** The lines of writes. */
export function changesOf({ log }: Pick<GatewayUnderTest, 'log'>) {
  return linesOf(log).filter(({ msg }) => msg === 'change');
}

/** Waits for lines of writes that nobody waits for any more. */
export function changesOnceThere(gateway: Pick<GatewayUnderTest, 'log'>, count: number) {
  return vi.waitFor(() => {
    const lines = changesOf(gateway);
    expect(lines).toHaveLength(count);
    return lines;
  }, 5000);
}

/** The line of the request with this id. */
export function requestLine({ log }: Pick<GatewayUnderTest, 'log'>, requestId: string) {
  return linesOfRequest(log, requestId).find(({ msg }) => msg === 'request');
}

export const create = 'mutation Create { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
export const remove = (uuid: string) =>
  `mutation { deleteVolume(input: { id: "${uuid}", region: KR1 }) { deletedVolumeId } }`;
export const removeAll = `mutation RemoveAll($ids: [ID!]!) {
  deleteVolumes(input: { ids: $ids, region: KR1 }) { results { error { code outcomeUnknown } } }
}`;
