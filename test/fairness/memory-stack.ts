import type { ServerResponse } from 'node:http';
import type { Kind } from '../../src/fairness/memory.ts';
import { type CannedAnswer, type CannedRequest, startCanned } from '../support/canned.ts';
import { bob, type GatewayUnderTest, startGateway } from '../support/stack.ts';

/* A gateway over sockets with the smallest memory limit: it leaves a budget of 12 MiB, of which one caller may have nine. */

export const mib = 1024 * 1024;

export const idle = { bodies: 0, rows: 0, answers: 0, waiting: 0 };
export const environment = { MEMORY_LIMIT_MIB: '256' };
export const list = '{ region(code: KR1) { volumes { nodes { name } pageInfo { hasNextPage } } } }';
export const listWithTypes = '{ region(code: KR1) { volumes { nodes { name volumeType { name } } } } }';
export const asBob = { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } };

/** A list of three volumes, `size` MiB together. Decoding takes as much again. */
export function volumesOf(size: number): CannedAnswer {
  const description = 'x'.repeat((size * mib) / 3);
  const volumes = ['a', 'b', 'c'].map((name, index) => ({
    id: `00000000-0000-4000-8000-00000000000${9 - index}`,
    name,
    created_at: `2024-01-0${9 - index}T00:00:00.000000`,
    description,
    volume_type: 'fast',
  }));
  const body = JSON.stringify({ volumes });
  return { headers: { 'content-type': 'application/json', 'content-length': String(body.length) }, body };
}

export const isTypes = ({ path }: CannedRequest) => path.startsWith('/types');

/** A gateway that knows these callers: the region has accepted their tokens. */
export async function startKnowing(
  endpoint: string,
  ...callers: (typeof asBob | undefined)[]
): Promise<GatewayUnderTest> {
  const gateway = await startGateway({ kr1: endpoint }, environment);
  for (const caller of callers) await gateway.data('{ region(code: KR1) { snapshots { nodes { id } } } }', caller);
  return gateway;
}

export const listFor = ({ path }: CannedRequest, size: number) =>
  path.startsWith('/snapshots') ? { body: { snapshots: [] } } : volumesOf(size);

export const names = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];

/** Bytes that are charged by kind, and pieces of work that wait for memory, as the metrics tell. */
export async function memoryOf(gateway: GatewayUnderTest) {
  const { text } = await gateway.fetch('/metrics');
  const read = (name: string) => {
    const line = text.split('\n').find((line) => line.startsWith(`gateway_memory_${name} `));
    return Number(line?.split(' ')[1]);
  };
  const ofKind = (kind: Kind) => read(`charged_bytes{kind="${kind}"}`);
  return { bodies: ofKind('bodies'), rows: ofKind('rows'), answers: ofKind('answers'), waiting: read('waiting') };
}

/** An upstream whose answers to some calls are held until the test sends them. */
export async function startRegion(answer: (request: CannedRequest) => CannedAnswer | 'hold') {
  const held: { readonly path: string; readonly response: ServerResponse }[] = [];
  const canned = await startCanned((request, response) => {
    const given = answer(request);
    if (given !== 'hold') return given;
    held.push({ path: request.path, response });
    return null;
  });
  const send = ({ response }: { readonly response: ServerResponse }, { headers, body }: CannedAnswer) =>
    response.writeHead(200, headers).end(body);
  return { ...canned, held, send };
}

export const types: CannedAnswer = {
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ volume_types: [{ id: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'fast' }] }),
};
