import { cost } from '../cost/field-cost.ts';
import { shortList } from '../cost/figures.ts';
import type { Region } from '../regions.ts';
import { builder, idField } from './builder.ts';
import { encodeGlobalId, findRegion } from './global-id.ts';
import { registerNodeType } from './node-type.ts';
import { RegionRef } from './ref.ts';

/** The values of the enum come from the table of regions, see `createSchema`. */
export const RegionCode = builder.enumType('RegionCode', {
  description: 'A region of the gateway’s table. Upper case; `-` becomes `_`.',
  values: {} as Record<string, { value: string }>,
});

/** The argument of lists over several regions. */
export const regionsArg = builder.args((t) => ({
  regions: t.field({ type: [RegionCode], description: 'The regions to ask; all if left out.' }),
}));

const regionNode = registerNodeType(RegionRef, {
  uuids: 0,
  isEntity: false,
  load: (_context, region) => region,
});

builder.objectType(RegionRef, {
  description: 'A region and its own lists and lookups: what is asked of one region fails with it alone.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ ...idField, resolve: (region) => encodeGlobalId(regionNode, region) }),
    code: t.expose('code', { type: RegionCode, nullable: false, description: 'The region’s code.' }),
    name: t.exposeString('name', { nullable: false, description: 'What people call the region.' }),
    available: t.boolean({
      nullable: false,
      description:
        'False while the gateway sends none of your calls to the region because too many have failed. Costs no call.',
      resolve: (region, _args, context) => context.isAvailable(region),
    }),
  }),
});

builder.queryFields((t) => ({
  regions: t.field({
    type: [RegionRef],
    nullable: false,
    extensions: cost({ calls: 0, length: shortList }),
    description: 'All regions, in the order of the table. Costs no call.',
    resolve: (_root, _args, { regions }) => regions,
  }),
  region: t.field({
    type: RegionRef,
    extensions: cost({ calls: 0, regions: 1 }),
    description: 'One region, to ask it alone: `kr1: region(code: KR1) { volumes { … } }`.',
    args: { code: t.arg({ type: RegionCode, required: true, description: 'The region’s code.' }) },
    resolve: (_root, { code }, context) => findRegion(context, code),
  }),
}));

/** What `RegionCode` holds for a table of regions. */
export function regionCodeValues(regions: readonly Region[]) {
  return Object.fromEntries(
    regions.map(({ code, enumName, name }) => [enumName, { value: code, description: `${name}.` }]),
  );
}
