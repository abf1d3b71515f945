import { type Client, createClient, type Writer } from './block-storage/client.ts';
import { BlockStorageError } from './block-storage/error.ts';
import type { Followable, FollowableList } from './block-storage/followable.ts';
import type { KeptPages } from './block-storage/kept-pages.ts';
import type { ErrorCode } from './errors/codes.ts';
import type { PartialFailure } from './errors/partial-failure.ts';
import { followRegions, type ListEnd, type ListUpdate } from './live/list-changes.ts';
import type { Live } from './live/live.ts';
import type { FollowedRow, FollowListOptions } from './live/live-lists.ts';

export type { ListEnd, ListUpdate } from './live/list-changes.ts';
export type { FollowedRow } from './live/live-lists.ts';

import { Loaders } from './loaders/index.ts';
import type { Accepted, Admit, OperationReport } from './operation.ts';
import type { Region, RegionTable } from './regions.ts';
import type { Audit, Change } from './telemetry/audit-log.ts';
import { UpstreamError } from './upstream/error.ts';
import type { Caller, Exchange, Identity, Send } from './upstream/send.ts';

export type { Loaders } from './loaders/index.ts';

/** What resolvers work with: one per request, or per event of a subscription. */
export interface Context {
  readonly regions: RegionTable;
  readonly caller: Caller;
  /** The REST calls so far, if the answer is to show them; null if it is not. */
  readonly shownExchanges: readonly Exchange[] | null;
  readonly report: OperationReport;
  /** What failed of fields that are answered all the same. */
  readonly partialFailures: PartialFailure[];
  /** Codes of the errors that payloads hold, as the results of bulk deletions do. */
  readonly payloadErrorCodes: Set<ErrorCode>;
  readonly accepts: Accepted;
  readonly admit: Admit;
  /** False while calls are kept from a region, or this caller's calls to it, because too many failed. */
  readonly isAvailable: (region: Region) => boolean;
  /** Reads go through the loaders. */
  loaders(region: Region): Loaders;
  /**
   * The loaders of a resource that is not in `loaders`, as an extension brings them. Made once per request and region, and
   * again after a write, as those of `loaders` are.
   * @param create the same function at each call: the loaders are kept under it.
   */
  loadersOf<Own>(region: Region, create: (client: Client) => Own): Own;
  /**
   * All writes go through here. Each writes one line of the audit log. After a write, whatever its outcome, earlier reads
   * may be out of date.
   * @param run makes one call.
   */
  write<Result>(region: Region, run: (client: Writer) => Promise<Result>, change: Change<Result>): Promise<Result>;
  /** What becomes of one object: see `LiveObjects`. */
  follow<Row>(
    region: Region,
    followable: Followable<Row>,
    uuid: string,
    isLast: (row: Row) => boolean,
  ): AsyncIterable<Row | null | Error>;
  /** What becomes of the lists of several regions: see `followRegions`. */
  followLists<Listed extends FollowedRow>(
    regions: readonly Region[],
    list: FollowableList<Listed>,
    wanted: Pick<FollowListOptions<Listed>, 'filter' | 'uuids'>,
  ): AsyncIterable<ListUpdate<Listed> | ListEnd>;
  /** The same caller with nothing read yet and all of the time: for the next event of a subscription. */
  renew(): Context;
}

/** What a context is made from. */
export interface ContextOptions {
  readonly regions: RegionTable;
  readonly send: Send;
  readonly audit: Audit;
  readonly caller: Caller;
  readonly shownExchanges: readonly Exchange[] | null;
  /** @param identity the caller's for the region; null where it has none. */
  readonly isAvailable: (region: Region, identity: Identity | null) => boolean;
  readonly accepts: Accepted;
  readonly admit: Admit;
  readonly live: Live;
  /** Pages of earlier requests; null if none are kept. */
  readonly pages: KeptPages | null;
  readonly renew: () => Context;
  /** Called when part of an upstream's answer had to be left out. */
  readonly warn: (message: string, region: string) => void;
}

export function createContext(options: ContextOptions): Context {
  const { regions, send, caller, shownExchanges, accepts, admit, live, isAvailable, renew } = options;
  const clients = new Map<Region, Client>();
  const loaders = new Map<Region, Loaders>();
  const otherLoaders = new Map<Region, Map<unknown, unknown>>();
  const report: OperationReport = { name: null, operation: null, hash: null, cost: null, errorCodes: [] };
  const auditOnce = createAuditOnce(options, report);

  const createWriter = (send: Send, region: Region) => createWriterFor(options, report, send, region);
  const client = (region: Region) => clients.get(region) ?? keep(clients, region, createWriter(send, region));

  return {
    regions,
    caller,
    shownExchanges,
    accepts,
    admit,
    partialFailures: [],
    payloadErrorCodes: new Set(),
    report,
    isAvailable(region) {
      caller.noteUnrepeatable();
      return isAvailable(region, identityOrNull(caller, region));
    },
    loaders: (region) => loaders.get(region) ?? keep(loaders, region, new Loaders(client(region))),
    loadersOf<Own>(region: Region, create: (client: Client) => Own) {
      const known = otherLoaders.get(region) ?? keep(otherLoaders, region, new Map<unknown, unknown>());
      // Under a function stands what the function has made.
      return (known.get(create) ?? keep(known, create, create(client(region)))) as Own;
    },
    async write(region, run, change) {
      const changed = changedBy(change);
      const noteChange = () => live.noteWrite(region, changed, caller.identity(region).tenant);
      try {
        const result = await auditOnce(region, change, (audited) => run(createWriter(audited, region)));
        noteChange();
        return result;
      } catch (error) {
        // A refused write has changed nothing, and the object may belong to another tenant.
        if (isOutcomeUnknown(error)) noteChange();
        throw error;
      } finally {
        loaders.delete(region);
        otherLoaders.delete(region);
      }
    },
    follow: (region, followable, uuid, isLast) =>
      live.objects.follow(region, followable, uuid, {
        identity: caller.identity(region),
        spanContext: caller.spanContext,
        isLast,
      }),
    followLists: (...wanted) => followLists(options, ...wanted),
    renew,
  };
}

function followLists<Listed extends FollowedRow>(
  { live, caller }: ContextOptions,
  regions: readonly Region[],
  list: FollowableList<Listed>,
  wanted: Pick<FollowListOptions<Listed>, 'filter' | 'uuids'>,
) {
  return followRegions<Listed>(regions, (region, follower) => {
    try {
      const options = { ...wanted, identity: caller.identity(region), spanContext: caller.spanContext };
      return live.lists.follow(region, list, options, follower);
    } catch (error) {
      // The request has no credentials for this region.
      follower.onFailure(error, true);
      return () => {};
    }
  });
}

function createWriterFor(
  { caller, warn, pages }: ContextOptions,
  { cost }: OperationReport,
  send: Send,
  region: Region,
): Writer {
  return createClient(send, caller, region, {
    warn: (message) => warn(message, region.code),
    pages,
    readsOneObject: cost?.objects === 1,
  });
}

function keep<Key, Value>(values: Map<Key, Value>, key: Key, value: Value): Value {
  values.set(key, value);
  return value;
}

/** Without credentials nothing is sent, and anybody could fill the log: all such writes of a request have one line. */
function createAuditOnce({ audit, caller, send }: ContextOptions, report: OperationReport) {
  let writesWithoutIdentity = 0;
  return <Result>(region: Region, change: Change<Result>, run: (send: Send) => Promise<Result>) => {
    const identity = identityOrNull(caller, region);
    if (identity === null && writesWithoutIdentity++ > 0) return run(send);
    const { requestId, globalRequestId } = caller;
    return audit({ requestId, globalRequestId, identity, operation: report.name, region, change, send, run });
  };
}

/** Null if there are no credentials for the region. Whether it is available is known all the same. */
function identityOrNull(caller: Caller, region: Region): Identity | null {
  try {
    return caller.identity(region);
  } catch {
    return null;
  }
}

/** The existing object that a write changes, and whose followers shall see the change soon; null if there is none. */
function changedBy(change: Change<never>): string | null {
  if ('uuid' in change) return change.uuid;
  return change.changesSource ? change.source : null;
}

function isOutcomeUnknown(error: unknown): boolean {
  return (error instanceof BlockStorageError || error instanceof UpstreamError) && error.outcomeUnknown;
}
