import { buildSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { limitNames, queryLimits, variableOf } from '../../src/config/query-limits.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { variables } from '../../src/config/variables.ts';
import { measure } from '../../src/cost/query-size.ts';
import { remembering } from '../http/replay.ts';
import { linesOf } from '../support/log.ts';
import { postOf } from '../support/post.ts';
import { alice, startStack } from '../support/stack.ts';

/* The limits of a query as a team chooses them, and what becomes of a query beyond one that is only reported. */

const many = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ');
const nested = (levels: number): string =>
  levels === 0 ? 'name' : `volume { snapshots(first: 1) { nodes { ${nested(levels - 1)} } } }`;

/** For each limit a value, a query that is within it, and one that is beyond it and beyond no other default. */
const examples: Record<(typeof limitNames)[number], [value: number, within: string, beyond: string]> = {
  fields: [3, '{ regions { code name } }', '{ regions { code name available } }'],
  depth: [2, '{ regions { code } }', '{ volumes { nodes { id } } }'],
  rootFields: [1, '{ regions { code } }', '{ regions { code } __typename }'],
  aliases: [1, '{ a: __typename }', '{ a: __typename b: __typename }'],
  aliasLength: [2, '{ ab: __typename }', '{ abc: __typename }'],
  listEntries: [1, '{ volumes(regions: [KR1]) { nodes { id } } }', '{ volumes(regions: [KR1, KR2]) { nodes { id } } }'],
  calls: [2, '{ volumes(regions: [KR1, KR2]) { nodes { id } } }', '{ volumes { nodes { id } } }'],
  objects: [11, '{ volumes(first: 10) { nodes { id } } }', '{ volumes(first: 11) { nodes { id } } }'],
  values: [10, '{ volumes(first: 10) { nodes { id } } }', '{ volumes(first: 11) { nodes { id } } }'],
};

const lineOf = (log: readonly string[]) => linesOf(log).findLast(({ msg }) => msg === 'request');

async function countsOf(stack: { fetch(path: string): Promise<{ text: string }> }): Promise<Record<string, number>> {
  const { text } = await stack.fetch('/metrics');
  const counts = text.matchAll(/^gateway_query_limits_exceeded_total\{limit="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries(Array.from(counts, ([, limit, count]) => [limit, Number(count)]));
}

const noCounts = Object.fromEntries(limitNames.map((limit) => [limit, 0]));

describe('a variable of a limit', () => {
  test.each(limitNames)('is there for %s, with its default and its largest value', (limit) => {
    const name = variableOf(limit);
    const { most, ceiling } = queryLimits[limit];
    expect(variables).toHaveProperty(name);
    const read = (value: string) => readConfig({ [name]: value }).queryLimits[limit];
    expect(read('')).toBe(most);
    expect(read('1')).toBe(1);
    expect(read(String(ceiling))).toBe(ceiling);
    for (const value of ['0', String(ceiling + 1), 'many'])
      expect(() => read(value)).toThrow(`${name}: must be a whole number from 1 to ${ceiling}`);
  });

  test.each(limitNames)('limits %s', async (limit) => {
    const [value, within, beyond] = examples[limit];
    await using stack = await startStack({ environment: { [variableOf(limit)]: String(value) } });
    expect((await stack.query(within)).errors).toBeUndefined();
    expect(lineOf(stack.log)).not.toHaveProperty('exceeded');
    stack.simulator.clearRequests();
    const { data, errors } = await stack.query(beyond);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    expect(errors?.[0]?.message).toContain(`${queryLimits[limit].counts}. `);
    expect(errors?.[0]?.message).toMatch(new RegExp(`; ${value} are allowed\\.$`));
    expect(stack.calls()).toEqual([]);
    expect(Object.keys(lineOf(stack.log).exceeded)).toEqual([limit]);
    expect(await countsOf(stack)).toEqual({ ...noCounts, [limit]: 1 });
  });

  test('can be raised', async () => {
    const query = `{ regions { ${many(501, (index) => `n${index}: name`)} } }`;
    await using usual = await startStack();
    expect((await usual.query(query)).errors?.[0]?.message).toMatch(/501 aliases/);
    await using raised = await startStack({ environment: { MAX_QUERY_ALIASES: '501' } });
    expect((await raised.query(query)).errors).toBeUndefined();
  });
});

test('QUERY_LIMITS is enforce or report', () => {
  expect(readConfig({}).areQueryLimitsEnforced).toBe(true);
  expect(readConfig({ QUERY_LIMITS: 'enforce' }).areQueryLimitsEnforced).toBe(true);
  expect(readConfig({ QUERY_LIMITS: 'report' }).areQueryLimitsEnforced).toBe(false);
  expect(() => readConfig({ QUERY_LIMITS: 'off' })).toThrow('QUERY_LIMITS: must be enforce or report');
});

describe('where limits are only reported', () => {
  const environment = { QUERY_LIMITS: 'report' };

  test.each(limitNames)('a query beyond the limit of %s is executed, logged and counted', async (limit) => {
    const [value, , beyond] = examples[limit];
    await using stack = await startStack({ environment: { ...environment, [variableOf(limit)]: String(value) } });
    expect(await countsOf(stack)).toEqual(noCounts);
    const { data, errors } = await stack.query(beyond);
    expect(errors).toBeUndefined();
    expect(data).toBeTruthy();
    expect(lineOf(stack.log)).toMatchObject({
      exceeded: { [limit]: expect.any(Number) },
      cost: { calls: expect.any(Number), objects: expect.any(Number) },
      errorCodes: [],
    });
    expect(await countsOf(stack)).toEqual({ ...noCounts, [limit]: 1 });
  });

  test('a query beyond several limits names all of them', async () => {
    const chosen = { MAX_QUERY_CALLS: '2', MAX_QUERY_OBJECTS: '5', MAX_QUERY_FIELDS: '2' };
    await using stack = await startStack({ environment: { ...environment, ...chosen } });
    await stack.data('{ volumes { nodes { id } } }');
    expect(Object.keys(lineOf(stack.log).exceeded)).toEqual(['fields', 'calls', 'objects']);
  });

  test('a subscription beyond a limit is executed and reported', async () => {
    await using stack = await startStack({ environment: { ...environment, MAX_QUERY_DEPTH: '1' } });
    const { id } = stack.simulator.store('kr1').addVolume(alice.tenant, { status: 'available' });
    const query = `subscription { volumeUpdated(id: "${id}", region: KR1, until: [AVAILABLE]) { status } }`;
    const { text } = await stack.fetch('/graphql', postOf(query, { accept: 'text/event-stream' }));
    expect(text).toContain('"status":"AVAILABLE"');
    expect(Object.keys(lineOf(stack.log).exceeded)).toEqual(['depth']);
  });

  test('an answer from memory is reported each time', async () => {
    await using stack = await startStack({ environment: { ...environment, ...remembering, MAX_QUERY_CALLS: '1' } });
    for (let time = 0; time < 5; time++) await stack.data('{ volumes { nodes { id } } }');
    expect((await stack.fetch('/metrics')).text).toMatch(/^gateway_answers_known_total [1-9]/m);
    expect((await countsOf(stack)).calls).toBe(5);
  });

  test('a query beyond the largest number of fields or of levels is refused', async () => {
    await using stack = await startStack({ environment });
    const bomb = `{ regions { ...f0 } } ${many(25, (index) => `fragment f${index} on Region { ...f${index + 1} ...f${index + 1} }`)} fragment f25 on Region { name }`;
    expect((await stack.query(bomb)).errors).toMatchObject([
      {
        message: expect.stringMatching(/^The query asks for more than 20000 fields\. .*; 20000 are allowed\.$/),
        extensions: { code: 'QUERY_TOO_COMPLEX' },
      },
    ]);
    expect((await stack.query(`{ snapshots(first: 1) { nodes { ${nested(5)} } } }`)).errors).toBeUndefined();
    expect((await stack.query(`{ snapshots(first: 1) { nodes { ${nested(20)} } } }`)).errors).toMatchObject([
      { message: expect.stringMatching(/levels of nesting.*; 50 are allowed\.$/) },
    ]);
    expect((await countsOf(stack)).fields).toBe(1);
    expect(stack.calls().length).toBeGreaterThan(0);
  });

  test('the tokens of a document, the call stack and the REST calls of a request stay limited', async () => {
    await using stack = await startStack({ environment: { ...environment, UPSTREAM_CALLS_PER_REQUEST: '2' } });
    expect((await stack.query(`{ regions { ${'name '.repeat(7000)} } }`)).errors?.[0]?.message).toMatch(/6000 tokens/);
    const deep = `{ volumes(filter: { metadata: ${'['.repeat(5_900)} }) { nodes { id } } }`;
    expect((await stack.query(deep)).errors?.[0]?.message).toMatch(/nested too deeply/);
    const regions = ['KR1', 'KR2', 'JP1'].map(
      (code) => `${code}: region(code: ${code}) { volumes { nodes { status } } }`,
    );
    const { errors } = await stack.query(`{ ${regions.join(' ')} }`);
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['QUERY_TOO_COMPLEX']);
    expect(stack.calls()).toHaveLength(2);
    expect((await stack.query('{ regions { code } }')).errors).toBeUndefined();
  });

  test('an answer that grows without end is refused as it is written, with @defer too', async () => {
    await using stack = await startStack({ environment });
    const volume = stack.simulator.store('kr1').addVolume(alice.tenant);
    for (let index = 0; index < 60; index++)
      stack.simulator.store('kr1').addSnapshot(alice.tenant, { volume_id: volume.id });
    const again = (levels: number): string =>
      levels === 0 ? 'id' : `snapshots(first: 60) { nodes { volume { ${again(levels - 1)} } } }`;
    const query = `{ region(code: KR1) { volumes(first: 1) { nodes { ${again(4)} } } } ... @defer { regions { code } } }`;
    const { text } = await stack.fetch(
      '/graphql',
      postOf(query, { accept: 'multipart/mixed;incrementalSpec=v0.2, application/json' }),
    );
    const { data, errors } = JSON.parse(text);
    expect(data).toBeUndefined();
    expect(errors[0].message).toMatch(/^The answer has more than \d+ nested objects\. /);
    expect(Object.keys(lineOf(stack.log).exceeded)).toEqual(['objects', 'values']);
  });
});

test('a negative number of rows does not make up for other lists', async () => {
  await using stack = await startStack();
  const { errors } = await stack.query(
    '{ volumes(first: 1000) { nodes { snapshots(first: 1000) { nodes { name } } } } few: volumes(first: -100000000) { nodes { id } } }',
  );
  expect(errors).toMatchObject([{ message: expect.stringMatching(/ objects.*; 200000 are allowed\.$/) }]);
  expect(stack.calls()).toEqual([]);
});

describe('measuring a query', () => {
  const schema = buildSchema('type Query { list(ids: [ID!]): Int }');

  /** Measures an operation whose variable `ids` is the list given. */
  function sizeOf(text: string, ids: readonly string[], maxFields: number) {
    const document = parse(text);
    const operation = getOperationAST(document, null);
    if (!operation) throw new Error('there is one');
    const fragments = document.definitions.flatMap((definition) =>
      definition.kind === 'FragmentDefinition' ? [[definition.name.value, definition] as const] : [],
    );
    const variables = { sources: {}, coerced: { ids } };
    return measure({ schema, operation, fragments: new Map(fragments), variables, regions: 3 }, maxFields);
  }

  /** Two spreads at each of 25 levels, so 2^25 of the leaf. */
  const repeated = (leaf: string) =>
    `query ($ids: [ID!]) { ...f0 } ${many(25, (index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`)} fragment f25 on Query { ${leaf} }`;

  test('reads the arguments of a fragment once, however often it is spread', () => {
    let reads = 0;
    const ids = new Proxy(['a', 'b'], {
      ownKeys(target) {
        reads++;
        return Reflect.ownKeys(target);
      },
    });
    const size = sizeOf(repeated('list(ids: $ids)'), ids, 1000);
    expect(size.listEntries).toBeGreaterThan(100);
    expect(reads).toBe(1);
  });

  test.each([
    ['fields', 'list'],
    ['fields that are skipped', 'list @skip(if: true)'],
    ['inline fragments', '... { ... { list } }'],
  ])('stops beyond its number of fields for %s', (_, leaf) => {
    const { fields } = sizeOf(repeated(leaf), [], 1000);
    expect(fields).toBeGreaterThan(1000);
    // Those that were begun when it stopped.
    expect(fields).toBeLessThan(1100);
  });
});

test('a query of any figures is logged, and a refused one is not in the metrics of costs', async () => {
  await using stack = await startStack();
  const huge = 2_147_483_647;
  const below = 'nodes { snapshots(first: %) { nodes { volume { snapshots(first: %) { nodes { id } } } } } }';
  let selection = below;
  for (let level = 0; level < 3; level++) selection = below.replace('id', `volume { ${selection.slice(8, -2)} }`);
  const { errors } = await stack.query(`{ volumes(first: %) { ${selection} } }`.replaceAll('%', String(huge)));
  expect(errors?.[0]?.extensions?.code).toBe('QUERY_TOO_COMPLEX');
  expect(lineOf(stack.log)).toMatchObject({ msg: 'request', exceeded: { objects: expect.any(Number) } });
  expect((await stack.fetch('/metrics')).text).toContain('gateway_query_objects_count 0\n');
});
