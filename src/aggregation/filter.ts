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
  const { volumeType, availabilityZone, bootable, encrypted, attached } = filter;
  return all<Volume>(commonTests(filter, volumeStatuses), [
    volumeType && (({ volumeTypeName }) => volumeTypeName !== null && volumeType.includes(volumeTypeName)),
    availabilityZone &&
      ((volume) => volume.availabilityZone !== null && availabilityZone.includes(volume.availabilityZone)),
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
  const { status, name, nameContains, sizeMin, sizeMax, createdAfter, createdBefore, metadata } = filter;
  const uuids = filter.uuids && new Set(filter.uuids.map((uuid) => uuid.toLowerCase()));
  const part = nameContains?.toLowerCase();
  return [
    uuids && (({ uuid }) => uuids.has(uuid)),
    status &&
      ((row) => row.status !== null && status.includes(Object.hasOwn(statuses, row.status) ? row.status : 'UNKNOWN')),
    name != null && ((row) => row.name === name),
    part !== undefined && ((row) => row.name?.toLowerCase().includes(part) === true),
    sizeMin != null && (({ size }) => size !== null && size >= sizeMin),
    sizeMax != null && (({ size }) => size !== null && size <= sizeMax),
    createdAfter && isNotBefore(timeText(createdAfter)),
    createdBefore && isBefore(timeText(createdBefore)),
    metadata &&
      ((row) =>
        Object.entries(metadata).every(
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
