import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  experimentalExecuteIncrementally,
  GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
  validateExecutionArgs,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Context, createContext } from '../../src/context.ts';
import { createPlanner } from '../../src/execution/plan.ts';
import { runPlan } from '../../src/execution/run.ts';
import { createMemory } from '../../src/fairness/memory-pool.ts';
import { createTurns } from '../../src/fairness/turns.ts';
import { createLive } from '../../src/live/live.ts';
import { maskError } from '../../src/messages/mask-error.ts';
import { parseRegions } from '../../src/regions.ts';
import { createSchema } from '../../src/schema/index.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { createAudit } from '../../src/telemetry/audit-log.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createAttempt } from '../../src/upstream/attempt.ts';
import { createCallBudget } from '../../src/upstream/caller.ts';
import type { Caller, Send, UpstreamAnswer } from '../../src/upstream/send.ts';
import { randomQuery } from '../support/random-query.ts';
import { alice, openSimulator } from '../support/stack.ts';

/* Executing this schema by plans means what graphql-js means, whatever is asked and whichever region fails. */

let simulator: Simulator;
let regions: ReturnType<typeof parseRegions>['regions'];
let attempt: ReturnType<typeof createAttempt>;

beforeAll(async () => {
  simulator = await openSimulator();
  const endpoints = Object.entries(simulator.endpoints).map(([code, endpoint]) => `${code}=${endpoint}`);
  regions = parseRegions(endpoints.join(','), { allowHttp: true, ownIdentity: [] }).regions;
  attempt = createAttempt(regions, { timeoutMs: 10_000, warn() {} });
});

afterAll(async () => {
  await attempt.close();
  await simulator[Symbol.asyncDispose]();
});

/** Each call is made once, so that both executions are told the same. */
function rememberCalls(send: Send): Send {
  const answers = new Map<string, Promise<UpstreamAnswer>>();
  return async (request, caller) => {
    const key = `${request.region.code} ${request.method} ${request.path}`;
    const answer = answers.get(key) ?? send(request, caller);
    answers.set(key, answer);
    // The other execution decodes the body too.
    return { ...(await answer), free: () => {} };
  };
}

const memory = createMemory(Number.POSITIVE_INFINITY);

/** Pauses within most lists. */
let asked = 0;
const oftenPausing = () => (++asked % 2 === 0 ? nextTurn() : null);

function contextFor(send: Send, withoutToken: string | null): Context {
  const caller: Caller = {
    identity(region) {
      if (region.code === withoutToken) throw new Error('no token for it');
      return alice;
    },
    tenant: (region) => (region.code === withoutToken ? null : alice.tenant),
    signal: new AbortController().signal,
    deadline: performance.now() + 60_000,
    requestId: 'test',
    globalRequestId: 'req-test',
    spanContext: null,
    calls: createCallBudget(Number.POSITIVE_INFINITY),
    owner: 'test',
    turns: createTurns(),
    memory: memory.open('test'),
    observe() {},
    noteUnrepeatable() {},
    isRepeatable: () => true,
  };
  const live = createLive({
    send,
    turns: createTurns(),
    memory,
    ownerOf: String,
    intervalMs: 1000,
    timeoutMs: 1000,
    observe() {},
    warn() {},
  });
  return createContext({
    regions,
    send,
    audit: createAudit(createLogger('silent', { write() {} }), null),
    caller,
    accepts: { json: 'application/json', events: false, parts: null, deferred: false },
    pages: null,
    admit: () => true,
    live,
    renew: () => contextFor(send, withoutToken),
    shownExchanges: null,
    isAvailable: () => true,
    warn() {},
  });
}

const tooLarge = () => new GraphQLError('too large');
const room = {
  characters: Number.POSITIVE_INFINITY,
  promised: Number.POSITIVE_INFINITY,
  tooLarge,
  tooManyPromised: tooLarge,
};

/** As graphql-js executes over a schema that has `@defer`: in one, where none is asked for. */
async function executeWhole(args: ExecutionArgs): Promise<ExecutionResult> {
  const result = await experimentalExecuteIncrementally(args);
  assert.ok(!('initialResult' in result));
  return result;
}

interface Comparable {
  readonly data: string | null | undefined;
  /** In any order: which of two comes first is for neither to say. */
  readonly errors: readonly string[];
}

function comparable(data: string | null | undefined, errors: readonly unknown[] = []): Comparable {
  return { data, errors: errors.map((error) => JSON.stringify(maskError(error))).sort() };
}

function rootOf(schema: GraphQLSchema) {
  const root = schema.getQueryType();
  assert.ok(root);
  return root;
}

/** Identifiers and a cursor that mean something. */
async function someNames(schema: GraphQLSchema) {
  const query = `{ volumes(first: 3) { pageInfo { endCursor } nodes { id uuid snapshots { nodes { id uuid } } volumeType { id uuid } } } }`;
  const { data } = await executeWhole({ schema, document: parse(query), contextValue: contextFor(attempt.send, null) });
  const text = JSON.stringify(data);
  const found = (name: string) =>
    Array.from(text.matchAll(new RegExp(`"${name}":"([^"]+)"`, 'g')), ([, value = '']) => value);
  return { ids: found('id'), uuids: found('uuid'), cursor: found('endCursor')[0] };
}

test('whatever is asked of the real schema, the answer is the one of graphql-js', async () => {
  const schema = createSchema(regions, { federation: false });
  const fast = createPlanner({ hasLeafWriters: true });
  const slow = createPlanner({ hasLeafWriters: false });
  const { ids, uuids, cursor } = await someNames(schema);
  const values = { ID: [...ids, ...uuids], UUID: uuids, String: ['', 'a', cursor], DateTime: ['2018-12-18T05:43:12Z'] };

  async function compare(document: DocumentNode, variableValues: Record<string, unknown>, lost: string | null) {
    const send = rememberCalls(attempt.send);
    const contextValue = contextFor(send, lost);
    const { data, errors } = await executeWhole({ schema, document, variableValues, contextValue });
    const reference = comparable(JSON.stringify(data), errors);
    const rounds = [
      ['planned', fast],
      ['planned before', fast],
      ['without writers of leaf fields', slow],
    ] as const;
    for (const [round, planOf] of rounds) {
      const args = validateExecutionArgs({ schema, document, variableValues, contextValue: contextFor(send, lost) });
      if (!('schema' in args)) {
        expect(comparable(undefined, args), round).toEqual(reference);
        continue;
      }
      const planned = await runPlan(args, planOf(args, rootOf(schema)), room, oftenPausing);
      const data = planned.data === null ? 'null' : planned.data;
      expect(comparable(data, planned.errors), round).toEqual(reference);
    }
  }

  await fc.assert(
    fc.asyncProperty(
      randomQuery(schema, { depth: 5, values }),
      fc.constantFrom(null, null, null, 'kr1', 'jp1'),
      async ({ query, variables }, lost) => {
        const document = parse(query);
        fc.pre(validate(schema, document).length === 0);
        await compare(document, variables, lost);
      },
    ),
    { numRuns: 150 },
  );
});
