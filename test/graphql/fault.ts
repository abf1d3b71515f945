import { expect } from 'vitest';
import type { ErrorCode } from '../../src/errors/codes.ts';
import type { Fault } from '../../src/simulator/server.ts';
import type { GraphQLAnswer } from '../support/stack.ts';

/* The ways in which regions fail, and what an answer says of each. */

export interface Trouble {
  readonly name: string;
  /** As the simulator does it, or what it cannot do: an answer of 200 MB, and one that stops in the middle. */
  readonly fault: Omit<Fault, 'region' | 'path'> | 'flood' | 'stall';
  readonly code: ErrorCode;
  /** Of a complete answer. */
  readonly status?: number;
  readonly retryAfter?: number;
  /** Lookups take it for the answer that there is no such thing. */
  readonly saysGone?: true;
}

/** Longer than a whole request may take, so that nobody waits for it within one. */
export const retryAfter = 60;
export const wait = { 'Retry-After': String(retryAfter) };

const troubles: readonly Trouble[] = [
  { name: '401', fault: { kind: 'status', status: 401 }, code: 'UNAUTHENTICATED', status: 401 },
  { name: '403', fault: { kind: 'status', status: 403 }, code: 'FORBIDDEN', status: 403 },
  { name: '404 in HTML', fault: { kind: 'html', status: 404 }, code: 'UPSTREAM_ERROR', status: 404 },
  {
    name: '404 itemNotFound',
    fault: { kind: 'status', status: 404 },
    code: 'NOT_FOUND',
    status: 404,
    saysGone: true,
  },
  { name: '413 in HTML', fault: { kind: 'html', status: 413 }, code: 'PAYLOAD_TOO_LARGE', status: 413 },
  {
    name: '413 overLimit',
    fault: { kind: 'status', status: 413, headers: wait },
    code: 'RATE_LIMITED',
    status: 413,
    retryAfter,
  },
  { name: '429', fault: { kind: 'status', status: 429, headers: wait }, code: 'RATE_LIMITED', status: 429, retryAfter },
  { name: '500', fault: { kind: 'status', status: 500 }, code: 'UPSTREAM_ERROR', status: 500 },
  { name: '503 in HTML', fault: { kind: 'html' }, code: 'UPSTREAM_UNAVAILABLE', status: 503 },
  { name: 'a reset', fault: { kind: 'reset' }, code: 'UPSTREAM_UNAVAILABLE' },
  { name: 'no answer', fault: { kind: 'hang' }, code: 'UPSTREAM_TIMEOUT' },
  { name: 'an answer that does not end', fault: 'stall', code: 'UPSTREAM_TIMEOUT' },
  { name: 'half an answer', fault: { kind: 'halfBody' }, code: 'UPSTREAM_UNAVAILABLE' },
  {
    name: '200 with JSON cut short',
    fault: { kind: 'body', body: '{"volumes": [{"id": "17975e9d' },
    code: 'UPSTREAM_ERROR',
    status: 200,
  },
  { name: '200 with HTML', fault: { kind: 'html', status: 200 }, code: 'UPSTREAM_ERROR', status: 200 },
  { name: '200 MB', fault: 'flood', code: 'UPSTREAM_ERROR' },
];

export const codes = ['kr1', 'kr2', 'jp1'] as const;
export type Code = (typeof codes)[number];

interface Scope {
  readonly name: string;
  readonly failing: readonly Code[];
  readonly healthy: readonly Code[];
}

const scopes: readonly Scope[] = [
  { name: 'one region of three', failing: ['kr2'], healthy: ['kr1', 'jp1'] },
  { name: 'all regions', failing: codes, healthy: [] },
];

export const cells = troubles.flatMap((trouble) => scopes.map((scope) => ({ trouble, scope })));
export const title = '$trouble.name in $scope.name';

/** More than the ten errors of one cause that are listed, and than are read singly. */
export const volumesEach = 12;

export const asGraphQL = (code: Code) => code.toUpperCase();
export const words = expect.stringMatching(/^\S.+\.$/s);

/** The region as `failures` names it. */
export function failureOf({ code, retryAfter }: Trouble, region: Code) {
  return { region: { code: asGraphQL(region) }, code, message: words, retryAfter: retryAfter ?? null };
}

export const someRequestId = expect.stringMatching(/^req-[0-9a-f-]{36}$/);

/** Of the failed call, where an answer came. */
const requestIdOf = ({ status }: Trouble) => (status === undefined ? null : someRequestId);

/** The one error of a field that no region answered. */
export function expectAllFailed({ errors }: GraphQLAnswer<unknown>, field: string, trouble: Trouble): void {
  expect(errors).toEqual([
    expect.objectContaining({
      path: [field],
      message: words,
      extensions: {
        code: trouble.code,
        ...(trouble.retryAfter === undefined ? {} : { retryAfter }),
        failures: codes.map((region) => ({
          ...failureOf(trouble, region),
          region: asGraphQL(region),
          requestId: requestIdOf(trouble),
        })),
      },
    }),
  ]);
}

/** What an error says of one region's failure. */
export function extensionsOf({ code, status, retryAfter }: Trouble, region: Code) {
  return {
    code,
    region: asGraphQL(region),
    ...(status === undefined ? {} : { upstream: { status, requestId: someRequestId } }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** Errors of one cause: the first ten, and how many more there are. */
export function expectCapped(
  errors: GraphQLAnswer<unknown>['errors'],
  count: number,
  trouble: Trouble,
  region: Code,
): void {
  expect(errors?.map(({ extensions }) => extensions)).toEqual(Array(11).fill(extensionsOf(trouble, region)));
  const said = new RegExp(`^${count - 10} more errors? of this cause (is|are) not listed: `);
  expect(errors?.map(({ message }) => said.test(message))).toEqual([...Array(10).fill(false), true]);
}

export const failures = 'failures { region { code } code message retryAfter }';
