import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { GraphQLDeferDirective, GraphQLEnumType, type GraphQLSchema, specifiedDirectives } from 'graphql';
import { defaultEndpoints, parseRegions, type RegionTable } from '../regions.ts';
import { builder } from './builder.ts';
import { withoutFederation } from './federation.ts';
import { regionCodeValues } from './region.ts';
import './scalar.ts';
import './node.ts';
import './volume.ts';
import './volume-query.ts';
import './volume-mutation.ts';
import './volume-subscription.ts';
import './snapshot.ts';
import './snapshot-query.ts';
import './snapshot-mutation.ts';
import './snapshot-subscription.ts';
import './volume-type.ts';
import './attachment.ts';
import './image.ts';
import './summary.ts';

builder.queryType({ description: 'What can be read. Each field fails alone: the others keep their values.' });
builder.mutationType({ description: 'What can be changed. Mutations run one after the other and are never repeated.' });
builder.subscriptionType({ description: 'What can be followed, as server-sent events.' });

const base = builder.toSchema({ directives: [...specifiedDirectives, GraphQLDeferDirective] });

/**
 * The schema for a table of regions: `RegionCode` has the table's codes.
 * @param options.federation whether it is to be a subgraph too.
 */
export function createSchema(regions: RegionTable, { federation }: { federation: boolean }): GraphQLSchema {
  return mapSchema(federation ? base : withoutFederation(base), {
    [MapperKind.ENUM_TYPE]: (type) =>
      type.name === 'RegionCode'
        ? new GraphQLEnumType({ ...type.toConfig(), values: regionCodeValues(regions) })
        : type,
  });
}

/** The schema for the guide's regions. */
export const schema = createSchema(parseRegions(defaultEndpoints, { allowHttp: false, ownIdentity: [] }).regions, {
  federation: false,
});
