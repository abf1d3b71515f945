import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';
import { cost } from '../cost/field-cost.ts';
import { builder } from './builder.ts';
import { readId } from './global-id.ts';
import { loadSelected, type NodeType } from './node-type.ts';
import { RegionRef } from './ref.ts';
import { RegionCode } from './region.ts';

/** The arguments that name an object. */
export const idArgs = builder.args((t) => ({
  id: t.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
  region: t.field({ type: RegionCode, description: 'Needed with a UUID only.' }),
}));

/**
 * Adds the field that looks up one object of a type, to the query and to each region.
 * @param field such as `volumeType`.
 * @param noun such as `volume type`.
 */
export function addLookups(field: string, type: NodeType<object, [uuid: string]>, noun: string): void {
  builder.queryField(field, (t) =>
    t.field({
      type: type.ref,
      extensions: cost({ calls: 1, regions: 1 }),
      description: `One ${noun}; null when there is none.`,
      args: idArgs,
      resolve: (_root, args, context, info) => lookUp(context, type, args, info),
    }),
  );
  builder.objectField(RegionRef, field, (t) =>
    t.field({
      type: type.ref,
      extensions: cost({ calls: 1 }),
      description: `One ${noun} of the region; null when there is none.`,
      args: { id: t.arg.id({ required: true, description: 'Global identifier, or the UUID.' }) },
      resolve: ({ code }, { id }, context, info) => lookUp(context, type, { id, region: code }, info),
    }),
  );
}

function lookUp(
  context: Context,
  type: NodeType<object, [uuid: string]>,
  { id, region: code }: { readonly id: string; readonly region?: string | null | undefined },
  info: GraphQLResolveInfo,
) {
  const { region, uuid } = readId(context, type, { path: ['id'], id, region: code });
  return loadSelected(context, type, info, region, uuid);
}
