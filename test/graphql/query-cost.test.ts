import {
  buildSchema,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isIntrospectionType,
  isListType,
  isObjectType,
  parse,
} from 'graphql';
import { expect, test } from 'vitest';
import { costOf } from '../../src/cost/field-cost.ts';
import { measure } from '../../src/cost/query-size.ts';
import { defaultEndpoints, parseRegions } from '../../src/regions.ts';
import { createSchema } from '../../src/schema/index.ts';

/* The cost of a query follows from what each field declares beside itself. */

const { regions } = parseRegions(defaultEndpoints, { allowHttp: false, ownIdentity: [] });
const schema = createSchema(regions, { federation: true });

/** All fields of the schema's own object types, with their places such as `Query.volumes`. */
const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
  isObjectType(type) && !isIntrospectionType(type)
    ? Object.values(type.getFields()).map((field) => ({ place: `${type.name}.${field.name}`, type, field }))
    : [],
);

function undeclared(isMeant: (entry: (typeof fields)[number]) => boolean, member: 'calls' | 'length' | 'page') {
  return fields.filter((entry) => isMeant(entry) && costOf(entry.field)[member] === null).map(({ place }) => place);
}

test('every root field declares its REST calls', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  expect(undeclared(({ type }) => roots.includes(type), 'calls')).toEqual([]);
});

test('every list declares its greatest length', () => {
  expect(undeclared(({ field }) => isListType(getNullableType(field.type)), 'length')).toEqual([]);
});

test('every connection declares its page', () => {
  expect(undeclared(({ field }) => isConnection(field), 'page')).toEqual([]);
});

function isConnection({ type }: GraphQLField<unknown, unknown>): boolean {
  const named = getNamedType(type);
  return isObjectType(named) && 'pageInfo' in named.getFields();
}

test('a field that declares nothing is assumed to be large: it asks every region, and its list is as long as a page', () => {
  const unknown = buildSchema(
    'type Query { things: [Thing!] } type Thing { name: String } type Mutation { make: Thing }',
  );
  expect(sizeOf(unknown, '{ things { name } }')).toMatchObject({ calls: 3, rows: 1000, values: 1000 });
  expect(sizeOf(unknown, 'mutation { make { name } }')).toMatchObject({ calls: 1, objects: 1 });
});

test('introspection costs no REST call, and its lists are short', () => {
  const query = '{ __typename __schema { types { name } } __type(name: "Volume") { name } }';
  expect(sizeOf(schema, query)).toMatchObject({ calls: 0, rows: 10, values: 12 });
});

function sizeOf(of: GraphQLSchema, query: string) {
  const operation = getOperationAST(parse(query), null);
  if (!operation) throw new Error('The query has no operation.');
  const variables = { sources: {}, coerced: {} };
  return measure({ schema: of, operation, fragments: new Map(), variables, regions: 3 }, 100);
}
