import { isOwnShortage } from '../block-storage/error.ts';
import type { Snapshot } from '../block-storage/snapshot.ts';
import { knownStatus } from '../block-storage/status.ts';
import { type Volume, volumeStatuses } from '../block-storage/volume.ts';
import type { Region } from '../regions.ts';
import type { Failure } from './merge.ts';
import type { Source } from './source.ts';

/** How many, and how many gigabytes together. */
export interface Totals {
  count: number;
  sizeGb: number;
}

/** What a tenant has in the regions that answered. */
export interface Summary {
  readonly total: Totals;
  readonly attached: Totals;
  readonly unattached: Totals;
  readonly byRegion: ReadonlyMap<Region, Totals>;
  /** By the upstream's word; `UNKNOWN` for one that the guide does not know. */
  readonly byStatus: ReadonlyMap<string, Totals>;
  readonly byVolumeType: ReadonlyMap<string | null, Totals>;
  readonly byAvailabilityZone: ReadonlyMap<string | null, Totals>;
  readonly failures: readonly Failure[];
}

/** Adds up volumes, one scan a region; rows are counted as they come and not kept. */
export async function summarizeVolumes(sources: readonly Source<Volume>[]): Promise<Summary> {
  const { answered, failures } = await foldEach(sources, emptyTally, countVolume);
  const tally = emptyTally();
  const byRegion = new Map<Region, Totals>();
  for (const [region, own] of answered) {
    byRegion.set(region, sum(own.attached, own.unattached));
    tally.attached = sum(tally.attached, own.attached);
    tally.unattached = sum(tally.unattached, own.unattached);
    for (const group of groups) for (const [name, totals] of own[group]) addTo(tally[group], name, totals);
  }
  return {
    total: sum(tally.attached, tally.unattached),
    attached: tally.attached,
    unattached: tally.unattached,
    byRegion,
    byStatus: byName(tally.byStatus) as ReadonlyMap<string, Totals>,
    byVolumeType: byName(tally.byVolumeType),
    byAvailabilityZone: byName(tally.byAvailabilityZone),
    failures,
  };
}

/** Adds up snapshots; the totals are null where no region answered. */
export async function summarizeSnapshots(
  sources: readonly Source<Snapshot>[],
): Promise<{ totals: Totals | null; failures: readonly Failure[] }> {
  const { answered, failures } = await foldEach(sources, nothing, (totals, { size }) =>
    add(totals, { count: 1, sizeGb: size ?? 0 }),
  );
  return { totals: answered.size === 0 ? null : [...answered.values()].reduce(sum, nothing()), failures };
}

interface Tally {
  attached: Totals;
  unattached: Totals;
  readonly byStatus: Map<string | null, Totals>;
  readonly byVolumeType: Map<string | null, Totals>;
  readonly byAvailabilityZone: Map<string | null, Totals>;
}

const groups = ['byStatus', 'byVolumeType', 'byAvailabilityZone'] as const;

function nothing(): Totals {
  return { count: 0, sizeGb: 0 };
}

function emptyTally(): Tally {
  return {
    attached: nothing(),
    unattached: nothing(),
    byStatus: new Map(),
    byVolumeType: new Map(),
    byAvailabilityZone: new Map(),
  };
}

function countVolume(tally: Tally, volume: Volume): void {
  const one = { count: 1, sizeGb: volume.size ?? 0 };
  add(volume.attachments?.length ? tally.attached : tally.unattached, one);
  addTo(tally.byStatus, knownStatus(volumeStatuses, volume.status), one);
  addTo(tally.byVolumeType, volume.volumeTypeName, one);
  addTo(tally.byAvailabilityZone, volume.availabilityZone, one);
}

/** Folds each region's rows on its own, so that what a failed region gave does not count. */
async function foldEach<Row, Result>(
  sources: readonly Source<Row>[],
  begin: () => Result,
  count: (result: Result, row: Row) => void,
): Promise<{ answered: Map<Region, Result>; failures: Failure[] }> {
  const answered = new Map<Region, Result>();
  const failures: Failure[] = [];
  const results = await Promise.allSettled(
    sources.map(async (source) => {
      const result = begin();
      const portions = source.walk(null);
      for (let { value } = await portions.next(); value; { value } = await portions.next()) {
        const pause = source.breathe(value.rows.length);
        if (pause) await pause;
        for (const row of value.rows) count(result, row);
      }
      return result;
    }),
  );
  for (const [index, { region }] of sources.entries()) {
    const result = results[index];
    if (result?.status === 'fulfilled') answered.set(region, result.value);
    else if (isOwnShortage(result?.reason)) throw result?.reason;
    else failures.push({ region, error: result?.reason });
  }
  return { answered, failures };
}

function add(totals: Totals, { count, sizeGb }: Totals): void {
  totals.count += count;
  totals.sizeGb += sizeGb;
}

function addTo(group: Map<string | null, Totals>, name: string | null, totals: Totals): void {
  const own = group.get(name) ?? nothing();
  group.set(name, own);
  add(own, totals);
}

function sum(a: Totals, b: Totals): Totals {
  return { count: a.count + b.count, sizeGb: a.sizeGb + b.sizeGb };
}

/** Nameless first. */
function byName(group: ReadonlyMap<string | null, Totals>): ReadonlyMap<string | null, Totals> {
  const names = [...group.keys()].toSorted((a, b) => (a === null || (b !== null && a < b) ? -1 : 1));
  return new Map(names.map((name) => [name, group.get(name) ?? nothing()]));
}
