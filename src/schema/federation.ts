import { MapperKind, mapSchema, printSchemaWithDirectives } from '@graphql-tools/utils';
import { GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { manySingly } from '../block-storage/page.ts';
import { cost } from '../cost/field-cost.ts';
import { entriesOf, ofEachRegion } from '../cost/figures.ts';
import { badArgument } from '../errors/coded-error.ts';
import { builder } from './builder.ts';
import { readNode } from './node.ts';
import { type NodeType, nodeTypes } from './node-type.ts';

/*
 * What makes the schema a subgraph of Apollo Federation 2 (https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec):
 * a router asks for `_service` when it is composed and for `_entities` when another subgraph refers to an object by its
 * `id`. Only in the schema where it is asked for, see `createSchema`.
 */

/** The most entities of one request. */
const maxEntities = 1000;

builder.scalarType('_Any', {
  description: 'What a router knows of an object: the name of its type, and its `id`.',
  serialize: (value) => value,
});

const Entity = builder.unionType('_Entity', {
  description: 'What other subgraphs may refer to.',
  types: () => entityTypes().map(({ ref }) => ref),
});

const Service = builder.objectRef<{ readonly sdl: string }>('_Service').implement({
  description: 'This subgraph.',
  fields: (t) => ({ sdl: t.exposeString('sdl', { description: 'Its schema, with the directives of federation.' }) }),
});

builder.queryFields((t) => ({
  _service: t.field({
    type: Service,
    nullable: false,
    // An upper bound: the field asks no region.
    extensions: cost({ calls: ofEachRegion }),
    description: 'This subgraph, for a router.',
    resolve: (_root, _args, _context, { schema }) => ({ sdl: printSubgraph(schema) }),
  }),
  _entities: t.field({
    type: [Entity],
    nullable: { list: false, items: true },
    // More are read as lists: see `readByIds`.
    extensions: cost({ calls: entriesOf('representations', manySingly), length: entriesOf('representations') }),
    description: 'The objects that other subgraphs refer to, for a router; null where there is none.',
    args: {
      representations: t.arg({
        type: ['_Any'],
        required: true,
        description: `Of each its type and id; ${maxEntities} at most.`,
      }),
    },
    resolve: (_root, { representations }, context, info) => {
      const { length } = representations;
      if (length > maxEntities)
        throw badArgument(['representations'], `holds ${length} entities; ${maxEntities} are allowed.`);
      // Each is a promise of its own, so that a bad one costs its own place only.
      return representations.map(async (representation, index) => {
        const { type, id } = readRepresentation(representation, index);
        return readNode(context, { path: ['representations', index, 'id'], id }, info, type);
      });
    },
  }),
}));

/** Takes out of a schema what only a router asks for. */
export function withoutFederation(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.QUERY_ROOT_FIELD]: (field, name) => (name.startsWith('_') ? null : field),
    [MapperKind.TYPE]: (type) => (type.name.startsWith('_') && !type.name.startsWith('__') ? null : type),
  });
}

/** The types that other subgraphs may refer to and add to, by `id`. */
function entityTypes(): NodeType[] {
  return [...nodeTypes.values()].filter(({ isEntity }) => isEntity);
}

function readRepresentation(representation: unknown, index: number): { type: NodeType; id: string } {
  const { __typename: name, id } = Object(representation);
  const type = nodeTypes.get(name);
  if (!type?.isEntity || typeof id !== 'string')
    throw badArgument(['representations', index], `must have "__typename", of a ${entityList()}, and "id".`);
  return { type, id };
}

/** Such as `Volume, Snapshot or VolumeType`. */
function entityList(): string {
  // British English has no comma before "or".
  return new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(entityTypes().map(({ name }) => name));
}

/** The schema as a router composes it with others. */
function printSubgraph(schema: GraphQLSchema): string {
  const marked = mapSchema(withoutFederation(schema), {
    [MapperKind.OBJECT_TYPE](type) {
      const directives = nodeTypes.get(type.name)?.isEntity
        ? { key: { fields: 'id' } }
        : type.name === 'PageInfo'
          ? { shareable: {} }
          : null;
      if (!directives) return type;
      return new GraphQLObjectType({ ...type.toConfig(), extensions: { ...type.extensions, directives } });
    },
  });
  return `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])\n\n${printSchemaWithDirectives(marked)}`;
}
