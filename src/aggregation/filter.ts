import type { Wire } from '../block-storage/decode.ts';
import { type Snapshot, snapshotStatuses } from '../block-storage/snapshot.ts';
import { type Volume, volumeStatuses } from '../block-storage/volume.ts';

/** What volumes and snapshots are both filtered by. Members AND, lists OR; a member left out does not count. */
interface CommonFilter {
  readonly uuids?: readonly string[] | null | undefined;
  /** Upstream words, and `UNKNOWN` for any other. */
  readonly status?: readonly string[] | null | undefined;
  /** The whole name, as it is. */
  readonly name?: string | null | undefined;
  /** Part of the name, in any case. */
  readonly nameContains?: string | null | undefined;
  readonly sizeMin?: number | null | undefined;
  readonly sizeMax?: number | null | undefined;
  readonly createdAfter?: Date | null | undefined;
  readonly createdBefore?: Date | null | undefined;
  /** Every key must be there with this value. */
  readonly metadata?: Wire | null | undefined;
}

export interface VolumeFilter extends CommonFilter {
  readonly volumeType?: readonly string[] | null | undefined;
  readonly availabilityZone?: readonly string[] | null | undefined;
  readonly bootable?: boolean | null | undefined;
  readonly encrypted?: boolean | null | undefined;
  readonly attached?: boolean | null | undefined;
}

export interface SnapshotFilter extends CommonFilter {
  readonly volumeUuid?: string | null | undefined;
}

/** Whether a volume passes a filter. Null values never match. */
export function volumeMatcher(filter: VolumeFilter): (volume: Volume) => boolean {
  const { bootable, encrypted, attached } = filter;
  const types = filter.volumeType && new Set(filter.volumeType);
  const zones = filter.availabilityZone && new Set(filter.availabilityZone);
  return all<Volume>(commonTests(filter, volumeStatuses), [
    types && (({ volumeTypeName }) => volumeTypeName !== null && types.has(volumeTypeName)),
    zones && (({ availabilityZone }) => availabilityZone !== null && zones.has(availabilityZone)),
    bootable != null && ((volume) => volume.bootable === bootable),
    encrypted != null && ((volume) => volume.encrypted === encrypted),
    attached != null && (({ attachments }) => attachments !== null && attachments.length > 0 === attached),
  ]);
}

/** Whether a snapshot passes a filter. Null values never match. */
export function snapshotMatcher(filter: SnapshotFilter): (snapshot: Snapshot) => boolean {
  const { volumeUuid } = filter;
  return all<Snapshot>(commonTests(filter, snapshotStatuses), [
    volumeUuid != null && ((snapshot) => snapshot.volumeUuid === volumeUuid),
  ]);
}

type Common = Pick<Volume & Snapshot, 'uuid' | 'name' | 'status' | 'size' | 'createdAt' | 'metadata'>;
type Test<Row> = ((row: Row) => boolean) | false | null | undefined;

function commonTests(filter: CommonFilter, statuses: object): Test<Common>[] {
  const { name, nameContains, sizeMin, sizeMax, createdAfter, createdBefore } = filter;
  const uuids = filter.uuids && new Set(filter.uuids.map((uuid) => uuid.toLowerCase()));
  const words = filter.status && new Set(filter.status);
  const part = nameContains?.toLowerCase();
  // A filter can hold more keys than all rows together.
  const metadata = filter.metadata && Object.entries(filter.metadata);
  return [
    uuids && (({ uuid }) => uuids.has(uuid)),
    words && (({ status }) => status !== null && words.has(Object.hasOwn(statuses, status) ? status : 'UNKNOWN')),
    name != null && ((row) => row.name === name),
    part !== undefined && ((row) => row.name?.toLowerCase().includes(part) === true),
    sizeMin != null && (({ size }) => size !== null && size >= sizeMin),
    sizeMax != null && (({ size }) => size !== null && size <= sizeMax),
    createdAfter && isNotBefore(timeText(createdAfter)),
    createdBefore && isBefore(timeText(createdBefore)),
    metadata &&
      ((row) =>
        metadata.every(
          ([key, value]) => row.metadata !== null && Object.hasOwn(row.metadata, key) && row.metadata[key] === value,
        )),
  ];
}

function all<Row extends Common>(...tests: Test<Row>[][]): (row: Row) => boolean {
  const asked = tests.flat().filter((test) => typeof test === 'function');
  return (row) => asked.every((test) => test(row));
}

function isNotBefore(time: string): Test<Common> {
  return ({ createdAt }) => createdAt !== null && createdAt >= time;
}

function isBefore(time: string): Test<Common> {
  return ({ createdAt }) => createdAt !== null && createdAt < time;
}

/** As times of rows are written: six digits of a second. */
function timeText(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
