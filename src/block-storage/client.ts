import type { Region } from '../regions.ts';
import type { Caller, Send } from '../upstream/send.ts';
import { callAndDecode, type DecodedAnswer, type Decoder, jsonDecoder } from './decoded-answer.ts';
import { gatewayBusy } from './error.ts';
import { noteFailures } from './failures.ts';
import type { KeptPages } from './kept-pages.ts';

/** Reads from the Block Storage API of one region on behalf of one caller. */
export interface Client {
  readonly region: Region;
  /** The tenant whose objects are asked for; throws a coded error where there is none. */
  readonly tenant: () => string;
  /** Called when part of a response had to be left out. */
  readonly warn: (message: string) => void;
  readonly breathe: Breathe;
  /** The pages that are kept, and who is charged for those of this caller. Null if every page is decoded completely. */
  readonly kept: { readonly pages: KeptPages; readonly owner: string } | null;
  /** Whether the answer of the request is one object without others in it: then nothing can be read together with it. */
  readonly readsOneObject: boolean;
  /** Calls back when the request is over: none of its rows is read any more, except those of kept pages. */
  readonly onEnd: (free: () => void) => void;
  /** Makes a GET. */
  readonly read: <Content>(path: string, decoder: Decoder<Content>) => Promise<DecodedAnswer<Content>>;
}

/** A client that also writes. Resolvers get one from `Context.write` alone, so that each write is in the audit log. */
export interface Writer extends Client {
  readonly send: (method: 'POST' | 'DELETE', path: string, body?: unknown) => Promise<DecodedAnswer>;
}

/**
 * To be called right before each step of long work on rows. If it returns null, do the step at once, without `await`: otherwise
 * other work would start in the same slice of time. If it returns a promise, await it first. Few rows never wait.
 * @throws `OVERLOADED` at the end of the request's time, or when the client has left.
 */
export type Breathe = (rows: number) => Promise<void> | null;

export interface ClientOptions extends Partial<Pick<Client, 'warn' | 'readsOneObject'>> {
  /** The pages of earlier requests; null if none are kept. */
  readonly pages?: KeptPages | null;
}

export function createClient(
  send: Send,
  caller: Caller,
  region: Region,
  { warn = () => {}, pages = null, readsOneObject = false }: ClientOptions = {},
): Writer {
  const failures = noteFailures(caller, region, warn);

  /** Nothing is sent for a caller who has no credentials. */
  function checkIdentity(): void {
    try {
      caller.identity(region);
    } catch (error) {
      throw failures.report(error);
    }
  }

  return {
    region,
    tenant: () => caller.identity(region).tenant,
    warn,
    breathe: breatheFor(caller, region),
    onEnd: (free) => caller.memory.onRelease(free),
    readsOneObject,
    kept: pages && { pages, owner: caller.owner },
    async read(path, decoder) {
      checkIdentity();
      return callAndDecode(send, { region, method: 'GET', path }, caller, decoder, failures);
    },
    async send(method, path, body) {
      checkIdentity();
      const request = { region, method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      return callAndDecode(send, request, caller, jsonDecoder, failures);
    },
  };
}

/** Encodes a path segment. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}

/** Rows of a step that takes less than a millisecond, and never waits. */
const fewRows = 100;

function breatheFor(caller: Caller, region: Region): Breathe {
  async function checkTurn(turn: Promise<boolean>): Promise<void> {
    if (await turn) return;
    caller.noteUnrepeatable();
    throw gatewayBusy({ region, method: 'GET' });
  }

  return (rows) => {
    if (rows <= fewRows) return null;
    const turn = caller.turns.goOn(caller.owner, caller);
    return turn && checkTurn(turn);
  };
}
