import { followableSnapshot } from '../block-storage/snapshot.ts';
import { builder } from './builder.ts';
import { readId } from './global-id.ts';
import { SnapshotRef } from './ref.ts';
import { RegionCode } from './region.ts';
import { SnapshotStatus, snapshotNode } from './snapshot.ts';

builder.subscriptionFields((t) => ({
  snapshotUpdated: t.field({
    type: SnapshotRef,
    description:
      'One snapshot: at once, then whenever it changes. Ends with null when it is gone, or in a status of `until`.',
    args: {
      id: t.arg.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
      region: t.arg({ type: RegionCode, description: 'Needed with a UUID only.' }),
      until: t.arg({ type: [SnapshotStatus.ref], description: 'The statuses to wait for; on and on if left out.' }),
    },
    subscribe: (_root, args, context) => {
      const { region, uuid } = readId(context, snapshotNode, { path: ['id'], id: args.id, region: args.region });
      const until = new Set<string>(args.until);
      return context.follow(region, followableSnapshot, uuid, ({ status }) => until.has(SnapshotStatus.read(status)));
    },
    resolve(told) {
      if (told instanceof Error) throw told;
      return told;
    },
  }),
}));
