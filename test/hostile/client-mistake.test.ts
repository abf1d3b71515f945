import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRegions } from '../../src/regions.ts';
import { createSchema } from '../../src/schema/index.ts';
import { postOf } from '../support/post.ts';
import { randomQuery } from '../support/random-query.ts';
import { alice, startStack } from '../support/stack.ts';

/* Whatever a client sends, it is no fault of the gateway: no INTERNAL_SERVER_ERROR, and no error-level line in the log. */

test('a variable of the wrong type is the mistake of the client, and no line at the level of errors', async () => {
  await using stack = await startStack();
  const { errors } = await stack.query('query($first: Int) { volumes(first: $first) { nodes { id } } }', {
    variables: { first: 'many' },
  });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
  expect(stack.log.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

const { regions } = parseRegions('kr1=http://127.0.0.1:1,kr2=http://127.0.0.1:1,jp1=http://127.0.0.1:1', {
  allowHttp: false,
  ownIdentity: [],
});
const schema = createSchema(regions, { federation: false });

test('random operations with variables that are null, missing or of another type', async () => {
  await using stack = await startStack({ environment: { GATEWAY_TRACE: 'false' } });
  const volume = stack.simulator.store('kr1').addVolume(alice.tenant);
  stack.simulator.store('kr1').addSnapshot(alice.tenant, { volume_id: volume.id });
  const values = {
    ID: [volume.id, Buffer.from(`Volume:kr1:${volume.id}`).toString('base64url'), 'x', ''],
    UUID: [volume.id],
    String: ['', 'a', '\u0000', 'a\ud83d', 'x'.repeat(300)],
    DateTime: ['2018-12-18T05:43:12Z', '9999-12-31T23:59:59.999999Z'],
    Int: [-1, 0, 1, 1001, 2 ** 31 - 1],
  };
  const changed = fc.option(fc.constantFrom<unknown>(null, undefined, 'x', -1, 1e300, [], {}, [null], true), {
    nil: 'as it is',
  });
  await fc.assert(
    fc.asyncProperty(randomQuery(schema, { depth: 4, values }), changed, async ({ query, variables }, value) => {
      const [first] = Object.keys(variables);
      const sent = first === undefined || value === 'as it is' ? variables : { ...variables, [first]: value };
      const before = stack.log.length;
      const { status, text } = await stack.fetch('/graphql', postOf({ query, variables: sent }));
      expect(status).toBeLessThan(500);
      expect(text).not.toContain('INTERNAL_SERVER_ERROR');
      const errors = stack.log.slice(before).filter((line) => JSON.parse(line).level >= 50);
      expect(errors).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
