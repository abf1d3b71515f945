import { hash } from 'node:crypto';
import { BlockStorageError } from '../block-storage/error.ts';
import type { FollowableList } from '../block-storage/followable.ts';
import type { Row } from '../block-storage/row.ts';
import { createDigest } from '../digest.ts';
import { createFingerprints, type Fingerprints } from '../recording/fingerprint.ts';
import type { Region } from '../regions.ts';
import type { Caller, Identity } from '../upstream/send.ts';
import { createListMemory, type ListMemory } from './list-memory.ts';
import { type ListPoll, startListPoll } from './list-poll.ts';
import { createListReader } from './list-reader.ts';
import type { ListedRow } from './list-rows.ts';
import type { ListFilter, ListFollower } from './list-view.ts';
import type { CoveredObject } from './live-objects.ts';
import type { LiveOptions } from './reader.ts';

/**
 * The lists that somebody follows. One poll serves all who follow the same list of a region with the same credentials,
 * whatever their filters.
 */
export interface LiveLists {
  /** Reports the changes of a region's list to a follower. Returns a function that ends this. */
  follow<Listed extends FollowedRow>(
    region: Region,
    list: FollowableList<Listed>,
    options: FollowListOptions<Listed>,
    follower: ListFollower<Listed>,
  ): () => void;
  /** The tenant's lists may have changed: reads them now if somebody follows them. */
  noteChange(region: Region, tenant: string): void;
  /** Whether an object is in this state in its list, which is read with the same credentials, so that a change is noticed. */
  covers(object: CoveredObject): boolean;
  /** Lists that are read again and again. */
  readonly count: number;
  close(): void;
}

export type FollowedRow = Row & ListedRow;

export interface FollowListOptions<Listed> {
  readonly identity: Identity;
  /** The span of the request that follows the list; null without a trace. */
  readonly spanContext: Caller['spanContext'];
  readonly filter: ListFilter<Listed>;
  /** Few rows: no other one can match the filter. Null if any row can. */
  readonly uuids: readonly string[] | null;
}

export interface LiveListsOptions extends LiveOptions {
  /** Called when objects have changed or are gone. */
  readonly onChange: (region: Region, uuids: ReadonlySet<string>, tenant: string) => void;
}

interface LiveList {
  /** Of any row: the key of the list determines what it reads. */
  readonly poll: ListPoll<never>;
  readonly region: Region;
  readonly tenant: string;
  readonly spans: Set<NonNullable<Caller['spanContext']>>;
}

/** What all lists share. */
interface Shared {
  readonly options: LiveListsOptions;
  readonly fingerprints: Fingerprints;
  readonly memory: ListMemory;
}

/**
 * What is charged for a row, in bytes: for its UUID and digest, and for its UUID in each filter that it matches. 125 and 26 bytes were
 * measured; maps that have just grown take more.
 */
const bytesOf = { row: 200, match: 50 };

export function createLiveLists(options: LiveListsOptions): LiveLists {
  const digest = createDigest();
  const shared = { options, fingerprints: createFingerprints(), memory: createListMemory(options.memory) };
  const lists = new Map<string, LiveList>();

  const keyOf = (region: Region, noun: string, { token, tenant }: Identity, uuids: readonly string[] | null) =>
    digest([region.code, noun, token, tenant, ...(uuids ? ['few', ...uuids] : ['all'])]);

  function start<Listed extends FollowedRow>(key: string, list: ListToFollow<Listed>): LiveList {
    const started = startList(shared, list, () => lists.delete(key));
    lists.set(key, started);
    return started;
  }

  return {
    follow<Listed extends FollowedRow>(
      region: Region,
      list: FollowableList<Listed>,
      { identity, spanContext, filter, uuids }: FollowListOptions<Listed>,
      follower: ListFollower<Listed>,
    ) {
      const wholeKey = keyOf(region, list.noun, identity, null);
      // Few rows are read one by one, unless the whole list is read anyway.
      const few = uuids && !lists.has(wholeKey) ? uuids.toSorted() : null;
      const key = few ? keyOf(region, list.noun, identity, few) : wholeKey;
      const { poll, spans } = lists.get(key) ?? start(key, { region, list, identity, uuids: few });
      if (spanContext) spans.add(spanContext);
      // The key contains the noun, and the polls of a noun read its rows.
      // A long filter is held once, by the view.
      const unfollow = (poll as ListPoll<Listed>).follow({ ...filter, key: digest([filter.key]) }, follower);
      return () => {
        if (spanContext) spans.delete(spanContext);
        unfollow();
      };
    },
    noteChange(region, tenant) {
      for (const list of lists.values()) if (list.region === region && list.tenant === tenant) list.poll.noteChange();
    },
    covers: ({ region, noun, uuid, identity, state }) =>
      lists.get(keyOf(region, noun, identity, null))?.poll.covers(uuid, digestOf(state)) ?? false,
    get count() {
      return lists.size;
    },
    close() {
      for (const { poll } of lists.values()) poll.stop();
    },
  };
}

interface ListToFollow<Listed extends FollowedRow> {
  readonly region: Region;
  readonly list: FollowableList<Listed>;
  readonly identity: Identity;
  readonly uuids: readonly string[] | null;
}

function startList<Listed extends FollowedRow>(
  { options, fingerprints, memory }: Shared,
  { region, list, identity, uuids }: ListToFollow<Listed>,
  onEnd: () => void,
): LiveList {
  const { ownerOf, turns, intervalMs, timeoutMs, onChange } = options;
  const { tenant, token } = identity;
  const spans: LiveList['spans'] = new Set();
  const charge = memory.open(ownerOf(token));
  const reader = { region, identity, owner: () => ownerOf(token) };
  const poll = startListPoll<Listed>({
    reader: createListReader({ ...options, fingerprints }, reader, { list, uuids, spans }),
    digestOf: (row) => digestOf(list.stateOf(row)),
    intervalMs,
    timeoutMs,
    goOn: (until) => turns.goOn(ownerOf(token), until),
    charge({ rows, matching }) {
      const hasRoom = charge.resize(rows * bytesOf.row + matching * bytesOf.match);
      return hasRoom ? null : noMemory(region, list.noun);
    },
    onChanged: (uuids) => onChange(region, uuids, tenant),
    onEnd() {
      charge.close();
      onEnd();
    },
  });
  return { poll, region, tenant, spans };
}

/** 96 bits in a short string: a list keeps one for each of its rows. */
function digestOf(state: string): string {
  return hash('sha256', state, 'buffer').toString('latin1', 0, 12);
}

function noMemory(region: Region, noun: string): BlockStorageError {
  const message = `The gateway has no memory to follow your ${noun}s of region ${region.enumName}. Follow fewer lists, or try again later.`;
  return new BlockStorageError('OVERLOADED', message, { region, retryAfter: 10 });
}
