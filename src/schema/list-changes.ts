import type { FollowableList } from '../block-storage/followable.ts';
import { manyIds } from '../block-storage/page.ts';
import type { Context, FollowedRow, ListEnd, ListUpdate } from '../context.ts';
import { cost } from '../cost/field-cost.ts';
import { shortList } from '../cost/figures.ts';
import type { Region } from '../regions.ts';
import { builder, idField } from './builder.ts';
import { encodeGlobalId } from './global-id.ts';
import type { NodeType } from './node-type.ts';
import { RegionCode } from './region.ts';
import { describeFailures, RegionFailureRef, throwIfAllFailed } from './region-failure.ts';

/* What the subscriptions to lists have in common. */

const ChangeKind = builder.enumType('ChangeKind', {
  description: 'How an object of a list has changed.',
  values: {
    ADDED: { description: 'It is new, or matches the filter now.' },
    UPDATED: { description: 'At least one of its fields has another value.' },
    REMOVED: { description: 'It is deleted, or no longer matches the filter.' },
  } as const,
});

/** Adds the type of the events of a list, such as `VolumeChanges`. */
export function listChangesType(type: NodeType<object, [uuid: string]>, noun: string) {
  const ChangeRef = builder.objectRef<ListUpdate<object>['changes'][number]>(`${type.name}Change`).implement({
    description: `A ${noun} of a list that has changed.`,
    fields: (t) => ({
      kind: t.expose('kind', { type: ChangeKind, nullable: false, description: 'How it has changed.' }),
      id: t.id({
        ...idField,
        description: `The global identifier of the ${noun}.`,
        resolve: ({ region, uuid }) => encodeGlobalId(type, region, uuid),
      }),
      [noun]: t.field({
        type: type.ref,
        description: `The ${noun} as it is now; null if it is removed.`,
        resolve: ({ row }) => row,
      }),
    }),
  });
  return builder.objectRef<ListUpdate<object>>(`${type.name}Changes`).implement({
    description: `What has changed in the lists of ${noun}s that are followed.`,
    fields: (t) => ({
      changes: t.expose('changes', {
        type: [ChangeRef],
        nullable: { list: false, items: false },
        extensions: cost({ length: shortList }),
        description: `At most one change of each ${noun}. Empty in the first event.`,
      }),
      refetch: t.field({
        type: [RegionCode],
        nullable: { list: false, items: false },
        extensions: cost({ length: shortList }),
        description:
          'Regions of which changes may have been missed, because they could not be read for a while or too much has changed at once. Query their lists again; later changes are reported.',
        resolve: ({ refetch }) => refetch.map(({ code }) => code),
      }),
      failures: t.field({
        type: [RegionFailureRef],
        nullable: { list: false, items: false },
        extensions: cost({ length: shortList }),
        description:
          'Regions that cannot be followed. When one recovers, it is listed in `refetch`. After `UNAUTHENTICATED`, `FORBIDDEN` and `QUERY_TOO_COMPLEX` it does not recover within this stream.',
        resolve: ({ failures }, _args, { regions }) => describeFailures(regions, failures),
      }),
    }),
  });
}

interface Wanted<Row> {
  /** The filter as it was given. */
  readonly filter: { readonly uuids?: readonly string[] | null | undefined } | null | undefined;
  /** Whether a row passes it; null if every one does. */
  readonly matches: ((row: Row) => boolean) | null;
}

/** Follows the lists of several regions. */
export function followLists<Row extends FollowedRow>(
  context: Context,
  regions: readonly Region[],
  list: FollowableList<Row>,
  { filter, matches }: Wanted<Row>,
): AsyncIterable<ListUpdate<Row> | ListEnd> {
  const uuids = filter?.uuids && new Set(filter.uuids.map((uuid) => uuid.toLowerCase()));
  return context.followLists(regions, list, {
    filter: { key: JSON.stringify(filter ?? null), matches },
    uuids: uuids && uuids.size < manyIds ? [...uuids] : null,
  });
}

/** The value of an event. Throws if no region can be followed any more. */
export function toListUpdate(regions: readonly Region[], told: ListUpdate<object> | ListEnd): ListUpdate<object> {
  if (told.kind === 'update') return told;
  throwIfAllFailed(regions, told.failures, told.failures.length);
  throw new Error('A stream of no region has ended.');
}
