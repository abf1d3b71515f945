import { Repeater, SlidingBuffer } from '@repeaterjs/repeater';
import { createClient } from '../block-storage/client.ts';
import type { Followable } from '../block-storage/followable.ts';
import { createDigest } from '../digest.ts';
import type { Region } from '../regions.ts';
import { recordPollSpan } from '../telemetry/poll-span.ts';
import type { Caller, Identity } from '../upstream/send.ts';
import { type Poll, startPoll } from './poll.ts';
import { type LiveOptions, readFor } from './reader.ts';

/** The objects that somebody follows. One poll serves all who follow the same object with the same credentials. */
export interface LiveObjects {
  /**
   * Gives the object at once, then at each change; at last null when it is gone, or an error when it can no longer be
   * read. A slow reader gets only the latest state.
   */
  follow<Row>(
    region: Region,
    followable: Followable<Row>,
    uuid: string,
    options: FollowOptions<Row>,
  ): AsyncIterable<Row | null | Error>;
  /** Objects of the tenant may have changed: reads those now that somebody follows. */
  noteChange(region: Region, uuids: ReadonlySet<string>, tenant: string): void;
  /** Objects that are read again and again. */
  readonly count: number;
  close(): void;
}

export interface FollowOptions<Row> {
  readonly identity: Identity;
  /** The span of the request that follows the object; null without a trace. */
  readonly spanContext: Caller['spanContext'];
  /** Whether nothing more is wanted after this state. */
  readonly isLast: (row: Row) => boolean;
}

export interface LiveObjectsOptions extends LiveOptions {
  /** Whether a change of an object is noticed without reading it, because its list is read: see `noteChange`. */
  readonly isCovered: (object: CoveredObject) => boolean;
}

export interface CoveredObject {
  readonly region: Region;
  readonly noun: string;
  readonly uuid: string;
  readonly identity: Identity;
  /** The object as its followers know it: see `Followable.stateOf`. */
  readonly state: string;
}

export function createLiveObjects(options: LiveObjectsOptions): LiveObjects {
  const digest = createDigest();
  const objects = new Map<string, LiveObject>();

  function start<Row>(key: string, object: ObjectOptions<Row>): LiveObject {
    const started = startObject(options, object, () => objects.delete(key));
    objects.set(key, started);
    return started;
  }

  return {
    follow<Row>(
      region: Region,
      followable: Followable<Row>,
      uuid: string,
      { identity, spanContext, isLast }: FollowOptions<Row>,
    ) {
      const key = digest([region.code, followable.noun, uuid, identity.token, identity.tenant]);
      return new Repeater<Row | null | Error>((push, stop) => {
        const { poll, spans } = objects.get(key) ?? start(key, { region, followable, uuid, identity });
        if (spanContext) spans.add(spanContext);
        // The key contains the noun, and the polls of a noun read its rows.
        const unfollow = (poll as Poll<Row>).follow((state) => {
          void push(state);
          if (state === null || state instanceof Error || isLast(state)) stop();
        });
        void stop.then(() => {
          if (spanContext) spans.delete(spanContext);
          unfollow();
        });
      }, new SlidingBuffer(1));
    },
    noteChange(region, uuids, tenant) {
      for (const object of objects.values())
        if (object.region === region && object.tenant === tenant && uuids.has(object.uuid)) object.poll.noteChange();
    },
    get count() {
      return objects.size;
    },
    close() {
      for (const { poll } of objects.values()) poll.stop();
    },
  };
}

interface LiveObject {
  /** Of any row: the key of the object determines what it reads. */
  readonly poll: Poll<unknown>;
  readonly region: Region;
  readonly uuid: string;
  readonly tenant: string;
  readonly spans: Spans;
}

/** The spans of the requests that follow an object, the oldest first. */
type Spans = Set<NonNullable<Caller['spanContext']>>;

interface ObjectOptions<Row> {
  readonly region: Region;
  readonly followable: Followable<Row>;
  readonly uuid: string;
  readonly identity: Identity;
}

function startObject<Row>(
  options: LiveObjectsOptions,
  { region, followable, uuid, identity }: ObjectOptions<Row>,
  onEnd: () => void,
): LiveObject {
  const { send, warn, intervalMs, timeoutMs, ownerOf } = options;
  const { noun, stateOf } = followable;
  const reader = { region, identity, owner: () => ownerOf(identity.token) };
  const spans: Spans = new Set();
  const poll = startPoll<Row>({
    read: (signal, deadline) =>
      recordPollSpan({ noun, region: region.code, followers: spans, signal }, (spanContext) =>
        readFor(options, reader, { signal, deadline, spanContext }, (caller) =>
          followable.read(createClient(send, caller, region, { warn: (message) => warn(message, region.code) }), uuid),
        ),
      ),
    stateOf,
    intervalMs,
    timeoutMs,
    isCovered: (state) => options.isCovered({ region, noun, uuid, identity, state }),
    onEnd,
  });
  return { poll, region, uuid, tenant: identity.tenant, spans };
}
