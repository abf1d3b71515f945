import fc from 'fast-check';
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  responsePathAsArray,
  validate,
  validateExecutionArgs,
} from 'graphql';
import { expect, test } from 'vitest';
import { runPlan } from '../../src/execution/run.ts';
import type { NextPause } from '../../src/execution/run-state.ts';
import { type RandomQuery, randomQuery } from '../support/random-query.ts';
import { oftenPausing, planOf, unbounded, withoutPauses } from './execution.ts';

/* Executing by plans means what graphql-js means, to the byte. */

async function executePlanned(
  schema: GraphQLSchema,
  { query, variables }: RandomQuery,
  contextValue: unknown,
  pace: NextPause = withoutPauses,
) {
  const args = validateExecutionArgs({ schema, document: documentOf(query), variableValues: variables, contextValue });
  if (!('schema' in args)) return JSON.stringify({ errors: args });
  const root = schema.getQueryType();
  if (!root) throw new Error('the schema has no queries');
  const { data, errors } = await runPlan(args, planOf(args, root), unbounded, pace);
  return `{${errors.length > 0 ? `"errors":${JSON.stringify(errors, withoutCodes)},` : ''}"data":${data}}`;
}

/** graphql-js gives no code to what it says of arguments. */
const withoutCodes = (key: string, value: unknown) => (key === 'extensions' ? undefined : value);

async function executeAsReference(schema: GraphQLSchema, { query, variables }: RandomQuery, contextValue: unknown) {
  const result: ExecutionResult = await execute({
    schema,
    document: documentOf(query),
    variableValues: variables,
    contextValue,
  });
  return JSON.stringify(result, withoutCodes);
}

const documents = new Map<string, ReturnType<typeof parse>>();

/** The same object for the same text, as the gateway keeps it. */
function documentOf(query: string) {
  const document = documents.get(query) ?? parse(query);
  documents.clear();
  documents.set(query, document);
  return document;
}

const schema = buildSchema(`
  interface Thing { id: ID! name: String thing: Thing }
  enum Colour { RED GREEN }
  scalar Time
  input Filter { name: String! = "any" colour: Colour sizes: [Int!] }
  type Query { thing: Thing a: A required: A! list: [A] strict: [A!]! sums: [[Int!]] things: [Thing!] }
  type A implements Thing {
    id: ID! name: String must: String! size: Int sum: Float! is: Boolean colour: Colour! time: Time thing: Thing
    next: A needed: A! others: [A!] some: [A] texts: [String!]!
    with(size: Int = 3, filter: Filter, colours: [Colour!]): String
  }
  type B implements Thing { id: ID! name: String thing: Thing b: B! }
`);

/** What a field comes to, the same whenever it is asked: by its place, and the number of the run. */
const resolve: GraphQLFieldResolver<unknown, { seed: number; slow: boolean }> = (
  _source,
  args,
  { seed, slow },
  info,
) => {
  const place = responsePathAsArray(info.path).join('.');
  let hash = seed;
  for (const character of `${place}${JSON.stringify(args)}`) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
  const number = Math.abs(hash);
  const outcome = number % 23;
  const value = () => {
    if (outcome === 0) throw new Error(`failed at ${place}`);
    if (outcome === 1) return null;
    if (outcome === 2) return new Error(`gave an error at ${place}`);
    if (outcome === 3) return { of: 'no such type' };
    return valueFor(info.returnType, number, args);
  };
  if (!slow || number % 3 !== 0) return value();
  return new Promise((settle) => setImmediate(settle)).then(value);
};

function valueFor(type: Parameters<typeof getNamedType>[0], number: number, args: unknown): unknown {
  if (isNonNullType(type)) return valueFor(type.ofType, number, args);
  if (isListType(type)) {
    const entries = Array.from({ length: number % 4 }, (_, index) => valueFor(type.ofType, number + index * 7, args));
    return entries.map((entry, index) =>
      number % 11 === index ? (number % 2 ? null : Promise.resolve(entry)) : entry,
    );
  }
  switch (String(getNamedType(type))) {
    case 'Int':
      return number % 5 ? number % 1000 : '12';
    case 'Float':
      return number / 7;
    case 'Boolean':
      return number % 2 === 0;
    case 'Colour':
      return number % 7 ? 'RED' : 'PURPLE';
    case 'Time':
      return new Date(number);
    case 'Thing':
      return { __typename: number % 2 ? 'A' : 'B' };
    case 'String':
    case 'ID':
      return number % 9 ? `text "${number}" \u2028 ${JSON.stringify(args)}` : number;
    default:
      return {};
  }
}

for (const type of Object.values(schema.getTypeMap())) {
  if (type.name.startsWith('__') || !isObjectType(type)) continue;
  for (const field of Object.values(type.getFields())) field.resolve = resolve;
}

function equal(slow: boolean) {
  return fc.asyncProperty(randomQuery(schema, { depth: 5 }), fc.nat(), async (random, seed) => {
    fc.pre(validate(schema, parse(random.query)).length === 0);
    const context = { seed, slow };
    const answer = slow ? withSortedErrors : (text: string) => text;
    const reference = answer(await executeAsReference(schema, random, context));
    expect(answer(await executePlanned(schema, random, context))).toBe(reference);
    // By the plan that is kept.
    expect(answer(await executePlanned(schema, random, context))).toBe(reference);
  });
}

/** Errors of fields that are resolved later come in the order in which they happen, which may change from run to run. */
function withSortedErrors(text: string): string {
  const { errors, ...rest }: { errors?: unknown[] } = JSON.parse(text);
  return JSON.stringify({ errors: errors?.map((error) => JSON.stringify(error)).sort(), ...rest });
}

test('whatever fields come to at once, the answer is the one of graphql-js', () =>
  fc.assert(equal(false), { numRuns: 400 }));

test('whatever fields come to at once or later, the answer is the one of graphql-js', () =>
  fc.assert(equal(true), { numRuns: 200 }));

test('wherever writing pauses, the data are those of graphql-js', () =>
  fc.assert(
    fc.asyncProperty(randomQuery(schema, { depth: 5 }), fc.nat(), fc.boolean(), async (random, seed, slow) => {
      fc.pre(validate(schema, parse(random.query)).length === 0);
      const context = { seed, slow };
      const reference = await executeAsReference(schema, random, context);
      // Errors come in the order in which they happen, which pauses change.
      const planned = JSON.parse(await executePlanned(schema, random, context, oftenPausing));
      expect(planned.data).toEqual(JSON.parse(reference).data);
    }),
    { numRuns: 100 },
  ));
