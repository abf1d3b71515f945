import { type Breathe, type Client, createClient } from '../block-storage/client.ts';
import { BlockStorageError } from '../block-storage/error.ts';
import type { FollowableList } from '../block-storage/followable.ts';
import { maxRows } from '../block-storage/page.ts';
import type { Row } from '../block-storage/row.ts';
import type { Fingerprints } from '../recording/fingerprint.ts';
import { type RecordedCall, startRecording } from '../recording/record.ts';
import { repeatCalls } from '../recording/repeat.ts';
import { recordPollSpan } from '../telemetry/poll-span.ts';
import type { Caller, Send } from '../upstream/send.ts';
import type { IsGone } from './list-missing.ts';
import { type Reader, type ReaderOptions, readFor } from './reader.ts';

/** Reads a list again and again. If the region gives the same bytes as before, nothing is decoded. */
export interface ListReader<Row> {
  /**
   * Reads the list once.
   * @param needsRows whether rows are wanted even if they are the same as before.
   * @param run is given the rows; what it returns is returned.
   * @throws what the reading or `run` throws. Then the next reading decodes all rows.
   */
  read<Result>(
    until: { readonly signal: AbortSignal; readonly deadline: number },
    needsRows: boolean,
    run: (read: ListRead<Row>) => Promise<Result>,
  ): Promise<Result>;
  /** The number of calls that the last reading took. */
  readonly calls: number;
}

/** A list while it is read. */
export interface ListRead<Row> {
  /** Null if all answers are the same as before. */
  readonly pages: AsyncIterable<readonly Row[]> | null;
  readonly isGone: IsGone;
  readonly breathe: Breathe;
}

export interface ListReaderOptions extends ReaderOptions {
  readonly fingerprints: Fingerprints;
}

/** The most bytes of the fingerprints of one list. */
const mostFingerprintBytes = 64 * 1024;

export interface ListToRead<Listed extends Row> {
  readonly list: FollowableList<Listed>;
  /** Reads these rows one by one in place of the list; null for the whole list. */
  readonly uuids: readonly string[] | null;
  /** The spans of the requests that follow the list. */
  readonly spans: ReadonlySet<NonNullable<Caller['spanContext']>>;
}

export function createListReader<Listed extends Row>(
  options: ListReaderOptions,
  reader: Reader,
  { list, uuids, spans }: ListToRead<Listed>,
): ListReader<Listed> {
  const { send, warn, fingerprints } = options;
  const { region } = reader;
  let recorded: readonly RecordedCall[] | null = null;
  let calls = 1;

  function clientFor(caller: Caller, through = send): Client {
    return createClient(through, caller, region, { warn: (message) => warn(message, region.code) });
  }

  async function readAs<Result>(caller: Caller, needsRows: boolean, run: (read: ListRead<Listed>) => Promise<Result>) {
    const plain = clientFor(caller);
    const { breathe } = plain;
    const isGone: IsGone = async (uuid) => (await readOwn(plain, list, uuid)) === null;
    const known = needsRows ? null : recorded;
    const repeated = known && repeatCalls(known, fingerprints, send, caller);
    if (repeated && (await repeated.isUnchanged)) return run({ pages: null, isGone, breathe });
    recorded = null;
    calls = 0;
    const counted: Send = (request, caller) => {
      calls++;
      return (repeated ? repeated.layer(send) : send)(request, caller);
    };
    const recording = startRecording(fingerprints, mostFingerprintBytes);
    const client = clientFor(caller, recording.layer(counted));
    const pages = uuids ? readEach(client, list, uuids) : readAll(client, list);
    const result = await run({ pages, isGone, breathe });
    recorded = recording.wholeCalls();
    return result;
  }

  return {
    read: ({ signal, deadline }, needsRows, run) =>
      recordPollSpan({ noun: `${list.noun}s`, region: region.code, followers: spans, signal }, (spanContext) =>
        readFor(options, reader, { signal, deadline, spanContext }, (caller) => readAs(caller, needsRows, run)),
      ),
    get calls() {
      // Single reads are cheap: however many there are, they count as one call.
      return uuids ? 1 : Math.max(1, calls);
    },
  };
}

async function* readAll<Listed extends Row>(client: Client, { noun, readAll }: FollowableList<Listed>) {
  let count = 0;
  for await (const { rows } of readAll(client)) {
    count += rows.length;
    if (count > maxRows) throw tooMany(client, noun);
    const pause = client.breathe(rows.length);
    if (pause) await pause;
    yield rows;
  }
}

/** Null also for a row that has moved to another tenant. */
async function readOwn<Listed extends Row>(client: Client, { read }: FollowableList<Listed>, uuid: string) {
  try {
    return await read(client, uuid);
  } catch (error) {
    if (error instanceof BlockStorageError && error.code === 'TENANT_MISMATCH') return null;
    throw error;
  }
}

async function* readEach<Listed extends Row>(
  client: Client,
  followable: FollowableList<Listed>,
  uuids: readonly string[],
) {
  const rows = await Promise.all(uuids.map((uuid) => readOwn(client, followable, uuid)));
  yield rows.filter((row) => row !== null);
}

function tooMany({ region }: Client, noun: string): BlockStorageError {
  const message = `Region ${region.enumName} has more than ${maxRows} ${noun}s, which are too many to follow. Follow up to nine of them with the member "uuids" of "filter", or read the list from time to time.`;
  return new BlockStorageError('QUERY_TOO_COMPLEX', message, { region });
}
