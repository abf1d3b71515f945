import type { Store } from '../store.ts';
import { createSeed, hoursBack } from './random.ts';
import { seedSnapshots } from './snapshot.ts';
import { seedVolumes } from './volume.ts';

/** The tenant of the guide's examples. */
const GUIDE_TENANT = '6cdebe3eb0094910bc41f1d42ebe4cb7';
/** The region of the guide's examples. */
const GUIDE_REGION = 'kr1';

const TYPE_NAMES = ['General SSD', 'General HDD', 'Encrypted SSD', 'Encrypted HDD'] as const;

/** The ids of the guide's two types (guide: List Block Storage Types). */
const GUIDE_TYPE_IDS: Readonly<Record<string, string>> = {
  'General SSD': '4e36aa51-df30-422e-aff1-eba1f3d9612f',
  'General HDD': '6bda35e2-b2b9-497a-8f65-67a73839c856',
};

/** Adds the four types that every region has, seeded or not; newest first they are in the order of the guide. */
export function seedTypes(store: Store, region: string): void {
  const seed = createSeed(region, 'types');
  for (const [index, name] of TYPE_NAMES.entries()) {
    const guideId = region === GUIDE_REGION ? GUIDE_TYPE_IDS[name] : undefined;
    store.addVolumeType({
      id: guideId ?? seed.uuid('type', index),
      name,
      created_at: hoursBack(70_000 + index),
    });
  }
}

/** Adds about 190 volumes and snapshots for each tenant: every status, every kind of row the guide knows. */
export function seedStore(store: Store, region: string, tenants: readonly string[]): void {
  for (const tenant of tenants) {
    const seed = createSeed(region, tenant);
    const inGuide = region === GUIDE_REGION && tenant === GUIDE_TENANT;
    seedVolumes(store, seed, tenant, inGuide);
    seedSnapshots(store, seed, tenant, inGuide);
  }
}
