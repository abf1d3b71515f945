import { randomUUID } from 'node:crypto';
import type { Memory } from '../fairness/memory.ts';
import type { Turns } from '../fairness/turns.ts';
import type { Region } from '../regions.ts';
import { createCallBudget, globalRequestIdOf } from '../upstream/caller.ts';
import type { Caller, Exchange, Identity, Send } from '../upstream/send.ts';

/** What reads need that have no request behind them. */
export interface ReaderOptions {
  readonly send: Send;
  readonly turns: Turns;
  readonly memory: Memory;
  /** Called after every REST call, with the credentials that it was made with. */
  readonly observe: (exchange: Exchange, identity: Identity) => void;
  /** Called when part of an upstream's answer had to be left out. */
  readonly warn: (message: string, region: string) => void;
}

/** What all polls need. */
export interface LiveOptions extends ReaderOptions {
  /** The owner to which polls with this token are charged. */
  readonly ownerOf: (token: string) => string;
  /** The shortest time from one read to the next, in milliseconds. */
  readonly intervalMs: number;
  /** The longest time for one read, in milliseconds. */
  readonly timeoutMs: number;
}

/** On whose behalf reads are made. */
export interface Reader {
  readonly region: Region;
  readonly identity: Identity;
  /** The owner to which the reads are charged: another one once a region has accepted the token. */
  readonly owner: () => string;
}

/**
 * Makes one read with the credentials of followers.
 * @param until.spanContext the span of the read; null without a trace.
 * @param run makes the read as this caller.
 */
export async function readFor<Result>(
  { turns, memory, observe }: Pick<ReaderOptions, 'turns' | 'memory' | 'observe'>,
  reader: Reader,
  until: Pick<Caller, 'signal' | 'deadline' | 'spanContext'>,
  run: (caller: Caller) => Promise<Result>,
): Promise<Result> {
  const { identity } = reader;
  const owner = reader.owner();
  const account = memory.open(owner);
  const requestId = randomUUID();
  const caller: Caller = {
    ...until,
    identity: () => identity,
    tenant: () => identity.tenant,
    requestId,
    globalRequestId: globalRequestIdOf(requestId),
    owner,
    turns,
    memory: account,
    // The retries of a read and the pages of a list have bounds of their own.
    calls: createCallBudget(Number.POSITIVE_INFINITY),
    observe: (exchange) => observe(exchange, identity),
    noteUnrepeatable() {},
    isRepeatable: () => false,
  };
  try {
    return await run(caller);
  } finally {
    account.close();
  }
}
