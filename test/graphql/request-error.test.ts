import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, type Stack, startGateway, startStack } from '../support/stack.ts';
import { long, messagesOf } from './request-error.ts';

/*
 * Requests that GraphQL refuses before anything is executed: messages say what is wrong and where. They never hold a
 * value of the request, which may be a secret ("hidden" below), and of its names only the beginning.
 */

let stack: Stack;
/** Over the same regions; its schema is secret. */
let secretive: GatewayUnderTest;

beforeAll(async () => {
  stack = await startStack();
  secretive = await startGateway(stack.simulator.endpoints, { INTROSPECTION: 'false' });
});

afterAll(async () => {
  await secretive[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

test.each([
  ['{ volumes(regions: [hidden]) { nodes { name } } }', {}, 'expected a value of type "RegionCode".'],
  ['{ volumes(filter: { x: 1 }) { nodes { name } } }', {}, 'type "VolumeFilter" has no field "x".'],
  [
    'query($v: [RegionCode!]) { volumes(regions: $v) { nodes { name } } }',
    { v: ['hidden'] },
    'expected a value of type "RegionCode".',
  ],
  [
    'query($v: VolumeFilter) { volumes(filter: $v) { nodes { name } } }',
    { v: { x: 1 } },
    'type "VolumeFilter" has no field "x".',
  ],
])('%s: fields and values of a secret schema are not listed', async (query, variables, said) => {
  const code = query.startsWith('{') ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT';
  const [message, ...more] = await messagesOf(secretive, code, query, variables);
  expect(message).toMatch(/^(Argument|Variable) .* is invalid/);
  expect(message?.endsWith(`: ${said}`)).toBe(true);
  expect(more).toEqual([]);
});

test.each([
  ['{ volumes(filter: "hidden" "hidden") }', 'Expected Name, found String.'],
  ['{ volumes(filter: """hidden""" """hidden""") }', 'Expected Name, found BlockString.'],
  ['{ volumes 4711 }', 'Expected Name, found Int.'],
  ['{ volumes(first: 1', 'Expected Name, found <EOF>.'],
  ['{ volumes(first 1) }', 'Expected ":", found Int.'],
  ['fragment a of hidden { name }', 'Expected "on", found Name.'],
  ['hidden', 'Unexpected Name.'],
  ['{ volumes(first: ) }', 'Unexpected ")".'],
  ['{ volumes(first: $) }', 'Expected Name, found ")".'],
  ['query($v: Int = $hidden) { a }', 'Unexpected variable.'],
  ["{ volumes(name: 'hidden') }", 'Unexpected single quote character.'],
  ['{ volumes(name: "hidden) }', 'Unterminated string.'],
  ['{ volumes(name: "hidden\\q") }', 'Invalid character escape sequence.'],
  ['{ volumes(name: "\\uhidden") }', 'Invalid Unicode escape sequence.'],
  ['{ volumes(first: 01) }', 'Invalid number.'],
  ['{ volumes(first: .4711) }', 'Invalid number.'],
  ['{ volumes ? }', 'Unexpected character.'],
  ['enum hidden { true }', 'The document is not GraphQL from here on.'],
])('%s: a syntax error names the kind of token alone', async (query, said) => {
  expect(await messagesOf(stack, 'GRAPHQL_PARSE_FAILED', query)).toEqual([`Syntax Error: ${said}`]);
});

test.each([
  ['a field', `{ ${long} }`],
  ['an argument', `{ volumes(${long}: 1) { nodes { name } } }`],
  ['a type', `query($v: ${long}) { node(id: $v) { id } }`],
  ['a fragment', `{ ...${long} }`],
  ['a directive', `{ regions @${long} { code } }`],
  ['a variable', `{ volumes(first: $${long}) { nodes { name } } }`],
  ['an operation', `query ${long}($v: Int) { regions { code } }`],
])('the message on the long name of %s says that it is cut', async (_, query) => {
  const [message] = await messagesOf(stack, 'GRAPHQL_VALIDATION_FAILED', query);
  expect(message).toHaveLength(501);
  expect(message?.endsWith('n…')).toBe(true);
});

test.each([
  ['a syntax error', '{\n\n  regions {\n    ?\n  }\n}', [4, 5]],
  ['a field that there is not', '{\n\n  regions {\r\n    x\n  }\n}', [4, 5]],
  ['an argument', '{\n  volumes(\n    filter: {\n      x: 1 }) { nodes { name } } }', [4, 7]],
  ['a variable', 'query(\n  $v: Int!) { volumes(first: $v) { nodes { name } } }', [2, 3]],
  [
    'a resolver',
    '# a comment\n{\n  node(id: """\n  a\n  b""") { id }\n  node2: node(id: "a") { id } }',
    [3, 3],
    [6, 3],
  ],
])('the error of %s names its line and column', async (_, query, ...places) => {
  const { errors } = await stack.query(query);
  const located = errors?.map((error) => 'locations' in error && error.locations);
  expect(located).toEqual(places.map(([line, column]) => [{ line, column }]));
});
