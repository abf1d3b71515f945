import fc from 'fast-check';
import type { Simulator } from '../../src/simulator/server.ts';
import { alice, bob, type GatewayUnderTest, openSimulator, startGateway } from '../support/stack.ts';

/*
 * Two gateways over the same regions, one with all fast paths and one without. Between random changes, both are asked the same
 * queries, and the answers must be equal byte for byte.
 */

const codes = ['kr1', 'kr2'] as const;
/** Two callers of one tenant, and one of another. */
const callers = [alice, { ...alice, token: 'another-token-of-alice' }, bob];

const names = fc.constantFrom('a', 'b', '볼륨 "1"', 'ディスク\\\n', '💾', '', null);

const change = fc.record({
  kind: fc.constantFrom('rename', 'describe', 'status', 'metadata', 'add', 'remove', 'snapshot', 'resize'),
  region: fc.constantFrom(...codes),
  tenant: fc.constantFrom(alice.tenant, bob.tenant),
  place: fc.nat(30),
  name: names,
});

/** None that opens a circuit: the gateways make different numbers of calls. */
const fault = fc.constantFrom(
  { kind: 'status', status: 500 },
  { kind: 'body', body: '{"volumes": [{"id": 1}, {}, 7], "snapshots": [' },
  { kind: 'html', status: 200 },
  { kind: 'status', status: 403 },
) as fc.Arbitrary<Parameters<Simulator['inject']>[0]>;

const fields = fc
  .subarray([
    'id uuid',
    'name',
    'description status',
    'size createdAt bootable',
    'metadata links { href } attachments { device server { uuid } }',
    'region { code name } __typename',
    'volumeType { name } volumeTypeName',
    'snapshots(first: 2) { nodes { id name status } }',
    'tenantId encrypted availabilityZone replication { status }',
  ])
  .map((parts) => `{ uuid ${parts.join(' ')} }`);

const order = fc.constantFrom(
  '',
  'orderBy: { field: NAME, direction: ASC }',
  'orderBy: { field: SIZE, direction: DESC }',
);

const query = fc.oneof(
  fc
    .tuple(fields, order, fc.constantFrom(0, 1, 5, 20, 100))
    .map(
      ([fields, order, first]) => `{ volumes(first: ${first} ${order}) { nodes ${fields} pageInfo { endCursor } } }`,
    ),
  fc
    .tuple(fields, fields)
    .map(([a, b]) => `{ region(code: KR1) { volumes { edges { cursor node ${a} } nodes ${b} failures { code } } } }`),
  fc.tuple(fields).map(([fields]) => `{ volumes(filter: { nameContains: "a" }) { totalCount nodes ${fields} } }`),
  fc.constant(
    '{ snapshots { nodes { id name size volume { name } } } volumeTypes: region(code: KR2) { volumeTypes { nodes { id name } } } }',
  ),
);

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ change }) },
  {
    weight: 3,
    arbitrary: fc.record({
      /** Sent in parallel. A course repeats few queries, so that their pages and answers are kept. */
      questions: fc.array(fc.record({ place: fc.nat(2), caller: fc.constantFrom(...callers) }), {
        minLength: 1,
        maxLength: 3,
      }),
      times: fc.integer({ min: 1, max: 3 }),
      fault: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fault }),
    }),
  },
);

export const courses = fc.record({
  queries: fc.array(query, { minLength: 1, maxLength: 3 }),
  steps: fc.array(step, { minLength: 40, maxLength: 60 }),
});

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** Takes the steps of a course. Gives the number of answers that were compared, and the first that differs. */
export async function compareGateways({ queries, steps }: ValueOf<typeof courses>) {
  const tokens = Object.fromEntries(callers.map(({ token, tenant }) => [token, tenant]));
  await using simulator = await openSimulator({ regions: codes.map((code) => ({ code })), tokens });
  await using fast = await startGateway(simulator.endpoints, { EARLY_CUTOFF: 'true' });
  await using slow = await startGateway(simulator.endpoints, { EARLY_CUTOFF: 'false' });
  for (const code of codes) fill(simulator, code);
  let compared = 0;
  for (const step of steps) {
    if ('change' in step) {
      apply(simulator, step.change);
      continue;
    }
    const heal = step.fault ? simulator.inject(step.fault) : null;
    const questions = step.questions.map(({ place, caller }) => ({
      query: queries[place % queries.length] ?? '',
      caller,
    }));
    const expected = await Promise.all(questions.map((question) => ask(slow, question)));
    for (let time = 0; time < step.times; time++) {
      const answers = await Promise.all(questions.map((question) => ask(fast, question)));
      compared += answers.length;
      for (const [index, answer] of answers.entries())
        if (answer !== expected[index]) return { compared, difference: { answer, expected: expected[index] } };
    }
    heal?.();
  }
  return { compared, difference: null };
}

function fill(simulator: Simulator, code: string): void {
  const store = simulator.store(code);
  for (const tenant of [alice.tenant, bob.tenant])
    for (let index = 0; index < 12; index++)
      store.addVolume(tenant, { name: `volume ${index}`, size: 1 + (index % 3), volume_type: 'General SSD' });
}

function apply(simulator: Simulator, { kind, region, tenant, place, name }: ValueOf<typeof change>) {
  const store = simulator.store(region);
  const volumes = store.volumes(tenant);
  const volume = volumes[place % Math.max(1, volumes.length)];
  if (kind === 'add' || !volume) store.addVolume(tenant, { name });
  else if (kind === 'rename') volume.name = name;
  else if (kind === 'describe') volume.description = name;
  else if (kind === 'resize') volume.size += 1;
  else if (kind === 'metadata') volume.metadata = { [`key ${name}`]: String(name) };
  else if (kind === 'status') store.setStatus(volume.id, place % 2 === 0 ? 'error' : 'available');
  else if (kind === 'snapshot') store.addSnapshot(tenant, { volume_id: volume.id, name });
  else store.remove(volume.id);
}

/** The answer's text, without the identifiers of the REST calls. Errors are sorted: fields that fail at once have no order. */
async function ask(
  gateway: GatewayUnderTest,
  { query, caller }: { query: string; caller: typeof alice },
): Promise<string> {
  const { status, text } = await gateway.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': caller.token, 'x-tenant-id': caller.tenant },
    body: JSON.stringify({ query }),
  });
  const shown = text.replaceAll(/req-[0-9a-f-]{36}/g, 'req-');
  if (!shown.startsWith('{"errors":')) return `${status} ${shown}`;
  const { errors, ...rest } = JSON.parse(shown);
  return JSON.stringify([status, errors.map((error: unknown) => JSON.stringify(error)).sort(), rest]);
}
