import { alice, type Stack, startStack } from '../support/stack.ts';

/* A gateway over a region with a volume and one that is down, and requests to it. */

export const legacy = 'application/json';
export const current = 'application/graphql-response+json';

export let stack: Stack;

export async function startRegions(): Promise<void> {
  stack = await startStack({ regions: [{ code: 'kr1' }, { code: 'kr2', down: true }] });
  stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'one' });
}

export async function stopRegions(): Promise<void> {
  await stack[Symbol.asyncDispose]();
}

export const credentials = { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant };

export type Init = Omit<RequestInit, 'headers'> & { readonly headers?: Record<string, string> };

export async function send(path: string, init: Init, accept: string) {
  const sent = { ...init, headers: { ...credentials, accept, ...init.headers } };
  const { status, headers, text } = await stack.fetch(path, sent);
  const answer = JSON.parse(text);
  const [error] = answer.errors ?? [];
  return { status, headers, answer, code: error?.extensions?.code ?? null };
}

export function post(body: unknown, accept = current, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send(
    '/graphql',
    { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: text },
    accept,
  );
}

export function get(search: Record<string, string>, accept = current) {
  return send(`/graphql?${new URLSearchParams(search)}`, {}, accept);
}

export const trivial = '{ __typename }';
export const answered = { data: { __typename: 'Query' } };
export const withVariable = 'query($id: ID!) { node(id: $id) { id } }';
export const tooComplex = `{ ${Array.from({ length: 201 }, (_, index) => `a${index}: __typename`).join(' ')} }`;
