import { volumeMatcher } from '../aggregation/filter.ts';
import { followableVolume, followableVolumes } from '../block-storage/volume.ts';
import { cost } from '../cost/field-cost.ts';
import { ofEachRegion } from '../cost/figures.ts';
import { builder } from './builder.ts';
import { readRegions } from './list.ts';
import { followLists, listChangesType, toListUpdate } from './list-changes.ts';
import { regionsArg } from './region.ts';
import { addSubscription } from './subscription.ts';
import { VolumeStatus, volumeNode } from './volume.ts';
import { VolumeFilterInput } from './volume-query.ts';

addSubscription('volumeUpdated', volumeNode, followableVolume, VolumeStatus);

const VolumeChanges = listChangesType(volumeNode, 'volume');

builder.subscriptionField('volumesChanged', (t) =>
  t.field({
    type: VolumeChanges,
    extensions: cost({ calls: ofEachRegion, regions: ofEachRegion }),
    description:
      'The changes of the volumes of several regions. The first event has none: query the list after it, and nothing is missed.',
    args: {
      ...regionsArg,
      filter: t.arg({ type: VolumeFilterInput, description: 'Which volumes are followed; all if left out.' }),
    },
    subscribe: (_root, { regions, filter }, context) => {
      const matches = filter ? volumeMatcher(filter) : null;
      return followLists(context, readRegions(context, regions), followableVolumes, { filter, matches });
    },
    resolve: (told, { regions }, context) => toListUpdate(readRegions(context, regions), told),
  }),
);
