import { bytesOf, jsonOf } from '../upstream/answer-body.ts';
import type { Caller, Send, UpstreamAnswer, UpstreamRequest } from '../upstream/send.ts';
import { errorOf, otherTenant, unreadable } from './answer-error.ts';
import { gatewayBusy } from './error.ts';
import type { Failures } from './failures.ts';
import { largeBytes, parseLarge } from './large-json.ts';

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

/** Makes a call and decodes its answer. Holds only what is decoded from the body, and frees the body. */
export async function callAndDecode<Content>(
  send: Send,
  request: UpstreamRequest,
  caller: Caller,
  decoder: Decoder<Content>,
  { noted, report }: Failures,
): Promise<DecodedAnswer<Content>> {
  try {
    const answer = await send(request, caller);
    const { held } = answer;
    try {
      const decoded = decode(request, answer, caller, decoder);
      const content = decoded instanceof Promise ? await decoded : decoded;
      held?.hold.keep(held.decodedBytes, 'rows');
      return {
        content,
        held: { bytes: held?.decodedBytes ?? 0, release: () => held?.hold.keep(0) },
        complain: (what) => report(unreadable(request, answer, what)),
        disown(what) {
          answer.retireConnection();
          return noted(unreadable(request, answer, what));
        },
        refuseTenant: (noun) => noted(otherTenant(request, answer, noun)),
      };
    } catch (error) {
      held?.hold.keep(0);
      throw error;
    } finally {
      answer.free();
    }
  } catch (error) {
    throw report(error);
  }
}

/** Decodes the JSON itself. */
export const jsonDecoder: Decoder<unknown> = { ofBody: (body) => JSON.parse(body.toString()), ofJson: (json) => json };

/** Decodes a small body at once. A larger one waits for the caller's turns. */
function decode<Content>(
  request: UpstreamRequest,
  answer: UpstreamAnswer,
  caller: Caller,
  decoder: Decoder<Content>,
): Content | Promise<Content> {
  if (answer.status < 200 || answer.status > 299) throw errorOf(request, answer);
  const bytes = bytesOf(answer);
  if (bytes === 0) return decoder.ofJson(null);
  if (answer.contentType !== 'application/json') throw unreadable(request, answer, 'a body that is no JSON');
  if (bytes > decodedAtOnceBytes) return decodeInTurn(request, answer, caller, decoder);
  try {
    return decoder.ofBody(jsonOf(answer));
  } catch (error) {
    throw unreadableIfSyntax(request, answer, error);
  }
}

/** In bytes. Decoding a body of this size takes less than 1 ms. */
const decodedAtOnceBytes = 64 * 1024;

async function decodeInTurn<Content>(
  request: UpstreamRequest,
  answer: UpstreamAnswer,
  caller: Caller,
  { ofBody, ofJson }: Decoder<Content>,
): Promise<Content> {
  const bytes = bytesOf(answer);
  try {
    if (bytes > largeBytes)
      return ofJson(await parseLarge(jsonOf(answer), (group) => takeTurn(request, caller, group)));
    await takeTurn(request, caller, bytes);
    return ofBody(jsonOf(answer));
  } catch (error) {
    throw unreadableIfSyntax(request, answer, error);
  }
}

function unreadableIfSyntax(request: UpstreamRequest, answer: UpstreamAnswer, error: unknown): unknown {
  return error instanceof SyntaxError ? unreadable(request, answer, 'JSON that cannot be read', error) : error;
}

/** Waits for the caller's turn to decode `bytes` bytes; up to `decodedAtOnceBytes` are decoded without waiting. */
async function takeTurn(request: UpstreamRequest, caller: Caller, bytes: number): Promise<void> {
  if (bytes <= decodedAtOnceBytes) return;
  if (!(await caller.turns.take(caller.owner, bytes, caller))) throw gatewayBusy(request);
  caller.memory.noteProgress();
}
