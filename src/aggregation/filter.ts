import type { Wire } from '../block-storage/decode.ts';
import { type Snapshot, snapshotStatuses } from '../block-storage/snapshot.ts';
import { knownStatus } from '../block-storage/status.ts';
import { type Volume, volumeStatuses } from '../block-storage/volume.ts';

/** What volumes and snapshots are both filtered by. Members AND, lists OR; a member left out does not count. */
interface CommonFilter {
  readonly uuids?: readonly string[] | null | undefined;
  /** Upstream words, and `UNKNOWN` for any other. */
  readonly status?: readonly string[] | null | undefined;
  /** The whole name, as it is. */
  readonly name?: string | null | undefined;
  /** Part of the name, in any case and any Unicode normalization form. Empty is the same as left out. */
  readonly nameContains?: string | null | undefined;
  readonly sizeMin?: number | null | undefined;
  readonly sizeMax?: number | null | undefined;
  /** As times of rows are written: UTC with six digits of a second. */
  readonly createdAfter?: string | null | undefined;
  readonly createdBefore?: string | null | undefined;
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

/** Whether a volume passes a filter; null where every one does. Null values never match. */
export function volumeMatcher(filter: VolumeFilter): ((volume: Volume) => boolean) | null {
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

/** Whether a snapshot passes a filter; null where every one does. Null values never match. */
export function snapshotMatcher(filter: SnapshotFilter): ((snapshot: Snapshot) => boolean) | null {
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
  const part = nameContains && foldName(nameContains);
  // A filter can hold more keys than all rows together.
  const metadata = filter.metadata && Object.entries(filter.metadata);
  return [
    uuids && (({ uuid }) => uuids.has(uuid)),
    words && (({ status }) => status !== null && words.has(knownStatus(statuses, status))),
    name != null && ((row) => row.name === name),
    part ? ({ name }) => name !== null && foldName(name).includes(part) : null,
    sizeMin != null && (({ size }) => size !== null && size >= sizeMin),
    sizeMax != null && (({ size }) => size !== null && size <= sizeMax),
    createdAfter != null && (({ createdAt }) => createdAt !== null && createdAt >= createdAfter),
    createdBefore != null && (({ createdAt }) => createdAt !== null && createdAt < createdBefore),
    metadata &&
      ((row) =>
        metadata.every(
          ([key, value]) => row.metadata !== null && Object.hasOwn(row.metadata, key) && row.metadata[key] === value,
        )),
  ];
}

function all<Row extends Common>(...tests: Test<Row>[][]): ((row: Row) => boolean) | null {
  const asked = tests.flat().filter((test) => typeof test === 'function');
  return asked.length === 0 ? null : (row) => asked.every((test) => test(row));
}

/**
 * A name as it is compared. Some systems write Hangul and accented letters decomposed, and so does lower case some. The
 * final sigma is a letter of its own only at the end of a word.
 */
function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}
