import { brandWithType } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import { isUuid } from '../block-storage/decode.ts';
import type { Context } from '../context.ts';
import { cost } from '../cost/field-cost.ts';
import { entriesOf } from '../cost/figures.ts';
import { type ArgumentPath, badArgument } from '../errors/coded-error.ts';
import { builder } from './builder.ts';
import { checkIds, decodeGlobalId, maxIds } from './global-id.ts';
import { loadSelected, type NodeType } from './node-type.ts';

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    extensions: cost({ calls: 1, regions: 1 }),
    description: 'Any object by its global identifier; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'Global identifier.' }) },
    resolve: (_root, { id }, context, info) => readNode(context, { path: ['id'], id }, info),
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    extensions: cost({ calls: entriesOf('ids'), length: entriesOf('ids') }),
    description: 'Many objects by their global identifiers, in the order asked for. A bad one is null, with an error.',
    args: { ids: t.arg.idList({ required: true, description: `Global identifiers, ${maxIds} at most.` }) },
    resolve: (_root, { ids }, context, info) => {
      checkIds(['ids'], ids);
      // Each is a promise of its own, so that a bad id costs its own place only.
      return ids.map((id, index) => readNode(context, { path: ['ids', index], id }, info));
    },
  }),
}));

/**
 * Any object by its global identifier; null when there is none.
 * @param expected the only type that it may name; any if left out.
 */
export async function readNode(
  context: Context,
  { path, id }: { readonly path: ArgumentPath; readonly id: string },
  info: GraphQLResolveInfo,
  expected?: NodeType,
): Promise<object | null> {
  const decoded = decodeGlobalId(context, id);
  if (!decoded)
    throw badArgument(
      path,
      isUuid(id)
        ? 'is a UUID, and only a global id is allowed here. Pass an "id" as a query returned it.'
        : 'is not a global id. Pass an "id" as a query returned it.',
    );
  const { type, region, uuids } = decoded;
  if (expected && type !== expected) throw badArgument(path, `must name a ${expected.name}; it names a ${type.name}.`);
  const object = await loadSelected(context, type, info, region, ...uuids);
  if (object) brandWithType(object, type.ref);
  return object;
}
