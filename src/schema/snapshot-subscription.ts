import { followableSnapshot } from '../block-storage/snapshot.ts';
import { SnapshotStatus, snapshotNode } from './snapshot.ts';
import { addSubscription } from './subscription.ts';

addSubscription('snapshotUpdated', snapshotNode, followableSnapshot, SnapshotStatus);
