import { followableSnapshot, followableSnapshots } from '../block-storage/snapshot.ts';
import { cost } from '../cost/field-cost.ts';
import { ofEachRegion } from '../cost/figures.ts';
import { builder } from './builder.ts';
import { readRegions } from './list.ts';
import { followLists, listChangesType, toListUpdate } from './list-changes.ts';
import { regionsArg } from './region.ts';
import { SnapshotStatus, snapshotNode } from './snapshot.ts';
import { readSnapshotFilter, SnapshotFilterInput } from './snapshot-query.ts';
import { addSubscription } from './subscription.ts';

addSubscription('snapshotUpdated', snapshotNode, followableSnapshot, SnapshotStatus);

const SnapshotChanges = listChangesType(snapshotNode, 'snapshot');

builder.subscriptionField('snapshotsChanged', (t) =>
  t.field({
    type: SnapshotChanges,
    extensions: cost({ calls: ofEachRegion, regions: ofEachRegion }),
    description:
      'The changes of the snapshots of several regions. The first event has none: query the list after it, and nothing is missed.',
    args: {
      ...regionsArg,
      filter: t.arg({ type: SnapshotFilterInput, description: 'Which snapshots are followed; all if left out.' }),
    },
    subscribe: (_root, { regions: codes, filter }, context) => {
      const { regions, matches } = readSnapshotFilter(context, readRegions(context, codes), filter);
      return followLists(context, regions, followableSnapshots, { filter, matches });
    },
    resolve: (told, { regions }, context) => toListUpdate(readRegions(context, regions), told),
  }),
);
