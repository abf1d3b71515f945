import type { GraphQLResolveInfo } from 'graphql';
import type { Failure } from '../aggregation/merge.ts';
import { listSource } from '../aggregation/source.ts';
import { type Summary, summarizeSnapshots, summarizeVolumes, type Totals } from '../aggregation/summary.ts';
import { newestFirst } from '../block-storage/order.ts';
import { maxLimit } from '../block-storage/page.ts';
import type { Context } from '../context.ts';
import { cost } from '../cost/field-cost.ts';
import { ofEachRegion, shortList } from '../cost/figures.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { readRegions } from './list.ts';
import { RegionRef } from './ref.ts';
import { regionsArg } from './region.ts';
import { describeFailures, noteFailures, RegionFailureRef, throwIfAllFailed } from './region-failure.ts';
import { selectionOf } from './selection.ts';
import { VolumeStatus } from './volume.ts';

const StorageTotals = builder.objectRef<Totals>('StorageTotals').implement({
  description: 'How many, and how much together.',
});

const RegionTotals = builder.objectRef<Totals & { readonly region: Region }>('RegionTotals').implement({
  description: 'What one region has.',
  fields: (t) => ({
    region: t.expose('region', { type: RegionRef, nullable: false, description: 'The region.' }),
  }),
});

const StatusTotals = builder.objectRef<Totals & { readonly status: string }>('StatusTotals').implement({
  description: 'What is in one status.',
  fields: (t) => ({
    status: t.expose('status', { type: VolumeStatus.ref, nullable: false, description: 'The status.' }),
  }),
});

const NamedTotals = builder.objectRef<Totals & { readonly name: string | null }>('NamedTotals').implement({
  description: 'What belongs to one name.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name; null for what has none.' }),
  }),
});

for (const ref of [StorageTotals, RegionTotals, StatusTotals, NamedTotals]) {
  builder.objectFields(ref, (t) => ({
    count: t.exposeInt('count', { nullable: false, description: 'How many.' }),
    sizeGb: t.exposeFloat('sizeGb', { nullable: false, description: 'Gigabytes together.' }),
  }));
}

interface StorageSummary {
  readonly regions: readonly Region[];
  readonly volumes: Summary;
  /** Read only where they are asked for. */
  readonly snapshots: { readonly totals: Totals | null; readonly failures: readonly Failure[] } | null;
}

const StorageSummaryRef = builder.objectRef<StorageSummary>('StorageSummary').implement({
  description: 'What the tenant has, in the regions that answered.',
  fields: (t) => ({
    total: t.field({
      type: StorageTotals,
      nullable: false,
      description: 'All volumes.',
      resolve: ({ volumes }) => volumes.total,
    }),
    attached: t.field({
      type: StorageTotals,
      nullable: false,
      description: 'Volumes that are attached to a server.',
      resolve: ({ volumes }) => volumes.attached,
    }),
    unattached: t.field({
      type: StorageTotals,
      nullable: false,
      description: 'Volumes that are not attached.',
      resolve: ({ volumes }) => volumes.unattached,
    }),
    snapshots: t.field({
      type: StorageTotals,
      extensions: cost({ scans: true }),
      description:
        'All snapshots, by the size of their volumes. Read only when asked for; null when no region answered.',
      resolve: ({ snapshots }) => snapshots?.totals ?? null,
    }),
  }),
});

builder.objectFields(StorageSummaryRef, (t) => ({
  byRegion: t.field({
    type: [RegionTotals],
    nullable: false,
    extensions: cost({ length: shortList }),
    description: 'Volumes by region, those that answered.',
    resolve: ({ volumes }) => Array.from(volumes.byRegion, ([region, totals]) => ({ region, ...totals })),
  }),
  byStatus: t.field({
    type: [StatusTotals],
    nullable: false,
    extensions: cost({ length: shortList }),
    description: 'Volumes by status.',
    resolve: ({ volumes }) => Array.from(volumes.byStatus, ([status, totals]) => ({ status, ...totals })),
  }),
  byVolumeType: t.field({
    type: [NamedTotals],
    nullable: false,
    extensions: cost({ length: shortList }),
    description: 'Volumes by the name of their type.',
    resolve: ({ volumes }) => Array.from(volumes.byVolumeType, ([name, totals]) => ({ name, ...totals })),
  }),
  byAvailabilityZone: t.field({
    type: [NamedTotals],
    nullable: false,
    extensions: cost({ length: shortList }),
    description: 'Volumes by availability zone.',
    resolve: ({ volumes }) => Array.from(volumes.byAvailabilityZone, ([name, totals]) => ({ name, ...totals })),
  }),
  failures: t.field({
    type: [RegionFailureRef],
    nullable: false,
    extensions: cost({ length: shortList }),
    description: 'The regions that could not be asked, or not for all: what they did not answer is in no total.',
    resolve: ({ regions, volumes, snapshots }) =>
      describeFailures(regions, [...volumes.failures, ...(snapshots?.failures ?? [])]),
  }),
}));

builder.objectField(RegionRef, 'storageSummary', (t) =>
  t.field({
    type: StorageSummaryRef,
    extensions: cost({ calls: 1, scans: true }),
    description: 'What the tenant has in the region.',
    resolve: (region, _args, context, info) => summarize(context, [region], info),
  }),
);

builder.queryField('storageSummary', (t) =>
  t.field({
    type: StorageSummaryRef,
    extensions: cost({ calls: ofEachRegion, regions: ofEachRegion, scans: true }),
    description: 'What the tenant has in several regions. Each region’s list is read once, to its end.',
    args: regionsArg,
    resolve: (_root, args, context, info) => summarize(context, readRegions(context, args.regions), info),
  }),
);

async function summarize(
  context: Context,
  regions: readonly Region[],
  info: GraphQLResolveInfo,
): Promise<StorageSummary> {
  const { fields } = selectionOf(info, 'StorageSummary');
  const steps = { limit: maxLimit };
  const [volumes, snapshots] = await Promise.all([
    summarizeVolumes(
      regions.map((region) => listSource(region, context.loaders(region).volumes.detailed(newestFirst), steps)),
    ),
    fields.has('snapshots')
      ? summarizeSnapshots(
          regions.map((region) => listSource(region, context.loaders(region).snapshots.short(newestFirst), steps)),
        )
      : null,
  ]);
  throwIfAllFailed(regions, volumes.failures, regions.length);
  noteFailures(context, info, regions, [...volumes.failures, ...(snapshots?.failures ?? [])]);
  return { regions, volumes, snapshots };
}
