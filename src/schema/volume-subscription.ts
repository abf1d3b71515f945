import { followableVolume } from '../block-storage/volume.ts';
import { builder } from './builder.ts';
import { readId } from './global-id.ts';
import { VolumeRef } from './ref.ts';
import { RegionCode } from './region.ts';
import { VolumeStatus, volumeNode } from './volume.ts';

builder.subscriptionFields((t) => ({
  volumeUpdated: t.field({
    type: VolumeRef,
    description:
      'One volume: at once, then whenever it changes. Ends with null when it is gone, or in a status of `until`.',
    args: {
      id: t.arg.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
      region: t.arg({ type: RegionCode, description: 'Needed with a UUID only.' }),
      until: t.arg({ type: [VolumeStatus.ref], description: 'The statuses to wait for; on and on if left out.' }),
    },
    subscribe: (_root, args, context) => {
      const { region, uuid } = readId(context, volumeNode, { path: ['id'], id: args.id, region: args.region });
      const until = new Set<string>(args.until);
      return context.follow(region, followableVolume, uuid, ({ status }) => until.has(VolumeStatus.read(status)));
    },
    resolve(told) {
      if (told instanceof Error) throw told;
      return told;
    },
  }),
}));
