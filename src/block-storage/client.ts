import type { Region } from '../regions.ts';
import { bytesOf, jsonOf, readJson } from '../upstream/answer-body.ts';
import type { Caller, Send, UpstreamAnswer, UpstreamRequest } from '../upstream/send.ts';
import { errorOf, otherTenant, unreadable } from './answer-error.ts';
import { BlockStorageError, gatewayBusy, isOfAnotherServer } from './error.ts';
import type { KeptPages } from './kept-pages.ts';
import { largeBytes, parseLarge } from './large-json.ts';

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
  /** Makes a GET. */
  readonly read: <Content>(path: string, decoder: Decoder<Content>) => Promise<DecodedAnswer<Content>>;
}

/** Decodes bodies of JSON. */
export interface Decoder<Content> {
  /**
   * Decodes a body that takes at most some 15 milliseconds. The bytes of the body are used for another body afterwards.
   * @throws `SyntaxError`
   */
  readonly ofBody: (body: Buffer) => Content;
  /** For a large body, which was parsed in steps; null for an empty one. */
  readonly ofJson: (json: unknown) => Content;
}

/** A client that also writes. Resolvers get one from `Context.write` alone, so that each write is in the audit log. */
export interface Writer extends Client {
  readonly send: (method: 'POST' | 'DELETE', path: string, body?: unknown) => Promise<DecodedAnswer>;
}

/**
 * To be called right before each step of long work on rows: null if the step may be done at once, else to be awaited. Do
 * not await null: other work would ask as well before this step has taken its time. Few rows never wait.
 * @throws `OVERLOADED` at the end of the request's time, or when the client has left.
 */
export type Breathe = (rows: number) => Promise<void> | null;

/** The memory of a response's decoded content. The end of the request gives it back at the latest. */
export interface HeldContent {
  /** The estimated size in bytes; 0 if it is small. */
  readonly bytes: number;
  /** Gives the memory back early. To be called after the last use of the content. */
  readonly release: () => void;
}

/** A successful response, with functions that create errors about its content. */
export interface DecodedAnswer<Content = unknown> {
  /** What was decoded of the JSON. Of a write it is the JSON, null where the body is empty (deletes, FACTS 10). */
  readonly content: Content;
  readonly held: HeldContent;
  /** An `UPSTREAM_ERROR` that says what the answer holds: `what`. */
  readonly complain: (what: string) => Error;
  /** The same for an answer that may belong to another call. The connection that it came on is closed. */
  readonly disown: (what: string) => Error;
  /** A `TENANT_MISMATCH` for the right object that belongs to another tenant, as an administrator may read it. */
  readonly refuseTenant: (noun: string) => Error;
}

export function createClient(
  send: Send,
  caller: Caller,
  region: Region,
  warn: (message: string) => void = () => {},
  pages: KeptPages | null = null,
): Writer {
  /** An answer with this failure, or in spite of it, may not be recorded. */
  function noted<Failure>(error: Failure): Failure {
    caller.noteUnrepeatable();
    return error;
  }

  /** What looks like another server's answer goes to the log: the operator can check the endpoint. */
  function report<Failure>(error: Failure): Failure {
    if (error instanceof BlockStorageError && isOfAnotherServer(error) && isDue(region))
      warn(`${error.message} If it stays so, check the endpoint in REGIONS.`);
    return noted(error);
  }

  /** Nothing is sent for a caller who has no credentials. */
  function checkIdentity(): void {
    try {
      caller.identity(region);
    } catch (error) {
      throw report(error);
    }
  }

  async function call<Content>(request: UpstreamRequest, decoder: Decoder<Content>): Promise<DecodedAnswer<Content>> {
    try {
      const answer = await send(request, caller);
      return {
        content: await decode(request, answer, caller, decoder),
        held: { bytes: answer.held?.decodedBytes ?? 0, release: () => answer.held?.hold.keep(0) },
        complain: (what) => report(unreadable(request, answer, what)),
        disown(what) {
          answer.retireConnection();
          return noted(unreadable(request, answer, what));
        },
        refuseTenant: (noun) => noted(otherTenant(request, answer, noun)),
      };
    } catch (error) {
      throw report(error);
    }
  }

  return {
    region,
    tenant: () => caller.identity(region).tenant,
    warn,
    breathe: breatheFor(caller, region),
    kept: pages && { pages, owner: caller.owner },
    async read(path, decoder) {
      checkIdentity();
      return call({ region, method: 'GET', path }, decoder);
    },
    async send(method, path, body) {
      checkIdentity();
      const request = { region, method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      return call(request, jsonDecoder);
    },
  };
}

const jsonDecoder: Decoder<unknown> = { ofBody: (body) => JSON.parse(body.toString()), ofJson: (json) => json };

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

/** The shortest time between two pieces of advice on one endpoint, in milliseconds: every call may fail. */
const adviceMs = 60_000;

const advised = new WeakMap<Region, number>();

function isDue(region: Region): boolean {
  const now = performance.now();
  if (now - (advised.get(region) ?? Number.NEGATIVE_INFINITY) < adviceMs) return false;
  advised.set(region, now);
  return true;
}

/** Holds only what is decoded from a body, and frees the body. */
async function decode<Content>(
  request: UpstreamRequest,
  answer: UpstreamAnswer,
  caller: Caller,
  decoder: Decoder<Content>,
): Promise<Content> {
  const { held } = answer;
  try {
    if (answer.status < 200 || answer.status > 299) throw errorOf(request, answer);
    const content = await decodeJson(request, answer, caller, decoder);
    held?.hold.keep(held.decodedBytes, 'rows');
    return content;
  } catch (error) {
    held?.hold.keep(0);
    throw error;
  } finally {
    held?.free();
  }
}

async function decodeJson<Content>(
  request: UpstreamRequest,
  answer: UpstreamAnswer,
  caller: Caller,
  { ofBody, ofJson }: Decoder<Content>,
): Promise<Content> {
  const bytes = bytesOf(answer);
  if (bytes === 0) return ofJson(null);
  if (answer.contentType !== 'application/json') throw unreadable(request, answer, 'a body that is no JSON');
  try {
    if (bytes > largeBytes)
      return ofJson(await parseLarge(jsonOf(answer), (group) => takeTurn(request, caller, group)));
    await takeTurn(request, caller, bytes);
    return readJson(answer, ofBody);
  } catch (error) {
    throw error instanceof SyntaxError ? unreadable(request, answer, 'JSON that cannot be read', error) : error;
  }
}

/** In bytes. A body up to this size is decoded without waiting for a turn, because decoding it takes less than 1 ms. */
const decodedAtOnceBytes = 64 * 1024;

/** Waits for the caller's turn to decode a body of `bytes` bytes. A small body does not wait. */
async function takeTurn(request: UpstreamRequest, caller: Caller, bytes: number): Promise<void> {
  if (bytes <= decodedAtOnceBytes) return;
  if (!(await caller.turns.take(caller.owner, bytes, caller))) throw gatewayBusy(request);
  caller.memory.noteProgress();
}
