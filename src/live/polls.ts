import { randomUUID } from 'node:crypto';
import { Repeater, SlidingBuffer } from '@repeaterjs/repeater';
import { createClient } from '../block-storage/client.ts';
import type { Followable } from '../block-storage/followable.ts';
import { createDigest } from '../digest.ts';
import type { Memory } from '../fairness/memory.ts';
import type { Turns } from '../fairness/turns.ts';
import type { Region } from '../regions.ts';
import { tracePoll } from '../telemetry/poll-span.ts';
import {
  type Caller,
  createCallBudget,
  type Exchange,
  globalRequestIdOf,
  type Identity,
  type Send,
} from '../upstream/send.ts';
import { type Poll, startPoll } from './poll.ts';

/** What becomes of objects that somebody follows: one poll serves all who ask for the same with the same credentials. */
export interface Polls {
  /**
   * Gives the object at once, then at each change; at last null when it is gone, or an error when nothing can be told of
   * it any more. Whoever reads slowly is given the latest state alone.
   */
  follow<Row>(
    region: Region,
    followable: Followable<Row>,
    uuid: string,
    options: FollowOptions<Row>,
  ): AsyncIterable<Row | null | Error>;
  /** The tenant's object may have changed. */
  hasten(region: Region, uuid: string, tenant: string): void;
  /** Objects that are read again and again. */
  readonly count: number;
  close(): void;
}

export interface FollowOptions<Row> {
  readonly identity: Identity;
  /** The span of the request that follows the object; null without a trace. */
  readonly trace: Caller['trace'];
  /** Whether nothing more is wanted after this state. */
  readonly isLast: (row: Row) => boolean;
}

export interface PollsOptions {
  readonly send: Send;
  readonly turns: Turns;
  readonly memory: Memory;
  /** Whose work a poll with this token is. */
  readonly ownerOf: (token: string) => string;
  /** The shortest time from one read of an object to the next, in milliseconds. */
  readonly intervalMs: number;
  /** The longest time for one read, in milliseconds. */
  readonly timeoutMs: number;
  /** Told of every REST call once it is over, and on whose behalf it was made. */
  readonly observe: (exchange: Exchange, identity: Identity) => void;
  /** Told when part of an upstream's answer had to be left out. */
  readonly warn: (message: string, region: string) => void;
}

interface Entry {
  // Whoever finds it by its key knows what it reads.
  readonly poll: Poll<unknown>;
  readonly region: Region;
  readonly uuid: string;
  readonly tenant: string;
  /** The spans of the requests that follow the object, the oldest first. */
  readonly followers: Set<NonNullable<Caller['trace']>>;
}

export function createPolls({
  send,
  turns,
  memory,
  ownerOf,
  intervalMs,
  timeoutMs,
  observe,
  warn,
}: PollsOptions): Polls {
  const digest = createDigest();
  const entries = new Map<string, Entry>();

  function start<Row>(key: string, region: Region, followable: Followable<Row>, uuid: string, identity: Identity) {
    const owner = ownerOf(identity.token);
    const { noun } = followable;
    const followers: Entry['followers'] = new Set();

    async function read(signal: AbortSignal, deadline: number, trace: Caller['trace']): Promise<Row | null> {
      const account = memory.open(owner);
      const caller = pollCaller(identity, { signal, deadline, observe, turns, memory: account, owner, trace });
      try {
        return await followable.read(
          createClient(send, caller, region, (message) => warn(message, region.code)),
          uuid,
        );
      } finally {
        account.close();
      }
    }

    const poll = startPoll<Row>({
      read: (signal, deadline) =>
        tracePoll({ noun, region: region.code, followers, signal }, (trace) => read(signal, deadline, trace)),
      stateOf: followable.stateOf,
      intervalMs,
      timeoutMs,
      onEnd: () => entries.delete(key),
    });
    const entry: Entry = { poll, region, uuid, tenant: identity.tenant, followers };
    entries.set(key, entry);
    return entry;
  }

  return {
    follow<Row>(
      region: Region,
      followable: Followable<Row>,
      uuid: string,
      { identity, trace, isLast }: FollowOptions<Row>,
    ) {
      const key = digest([region.code, followable.noun, uuid, identity.token, identity.tenant]);
      return new Repeater<Row | null | Error>((push, stop) => {
        const { poll, followers } = entries.get(key) ?? start(key, region, followable, uuid, identity);
        if (trace) followers.add(trace);
        // A noun's polls all read its rows.
        const unfollow = (poll as Poll<Row>).follow((state) => {
          void push(state);
          if (state === null || state instanceof Error || isLast(state)) stop();
        });
        void stop.then(() => {
          if (trace) followers.delete(trace);
          unfollow();
        });
      }, new SlidingBuffer(1));
    },
    hasten(region, uuid, tenant) {
      for (const entry of entries.values())
        if (entry.region === region && entry.uuid === uuid && entry.tenant === tenant) entry.poll.hasten();
    },
    get count() {
      return entries.size;
    },
    close() {
      for (const { poll } of entries.values()) poll.stop();
    },
  };
}

/** A caller for one read, with nobody's request behind it. */
function pollCaller(
  identity: Identity,
  {
    signal,
    deadline,
    observe,
    turns,
    memory,
    owner,
    trace,
  }: Pick<Caller, 'signal' | 'deadline' | 'turns' | 'memory' | 'owner' | 'trace'> & Pick<PollsOptions, 'observe'>,
): Caller {
  const requestId = randomUUID();
  return {
    identity: () => identity,
    tenant: () => identity.tenant,
    signal,
    deadline,
    requestId,
    globalRequestId: globalRequestIdOf(requestId),
    owner,
    turns,
    memory,
    // One read and its retries, which have a bound of their own.
    calls: createCallBudget(Number.POSITIVE_INFINITY),
    trace,
    observe: (exchange) => observe(exchange, identity),
    noteUnrepeatable() {},
    isRepeatable: () => false,
  };
}
