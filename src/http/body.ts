import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { smallBytes } from '../fairness/memory.ts';
import { compressed, notJson, notUtf8, tooLarge, tooMuchToDo, unknownCoding } from './refusal.ts';

/** The most bytes a request's body may have. */
const maxBodyBytes = 1024 * 1024;

/**
 * Reads a request's body; null where there is none. A client that waits for `100 Continue` gets it before the body is
 * read.
 * @throws `Refusal` at once when it is too large, and when it is no JSON, compressed or no UTF-8.
 */
export type ReadBody = (request: IncomingMessage, response: ServerResponse) => Promise<string | null>;

/**
 * Whether a request has no body, or one whose declared length is within the limit. If it is answered before its body has
 * been read, Node discards the rest and the connection can be kept; after any other request it has to be closed.
 */
export function hasBoundedBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= maxBodyBytes;
}

/** @param mostBytes of all bodies together that are on their way in: whoever sends slowly keeps what has come in memory. */
export function createBodyReader(mostBytes: number): ReadBody {
  let bytesTogether = 0;

  /** Not as an async iterator: for a small body that makes more promises and listeners than there are bytes to read. */
  function readAll(request: IncomingMessage, response: ServerResponse): Promise<Buffer[]> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let bytes = 0;

      function end(settle: () => void): void {
        bytesTogether -= bytes;
        bytes = 0;
        request.off('data', take).off('end', finish).off('close', lose);
        settle();
      }
      function take(chunk: Buffer): void {
        bytes += chunk.length;
        bytesTogether += chunk.length;
        chunks.push(chunk);
        // A few large bodies must not keep out small ones.
        const isRefused = bytesTogether > mostBytes && bytes > smallBytes;
        if (bytes <= maxBodyBytes && !isRefused) return;
        request.pause();
        // The rest is discarded once the answer is written. That may take long behind earlier answers, and nothing
        // limits what the client sends until then.
        response.once('finish', () => request.resume());
        const refusal = bytes > maxBodyBytes ? tooLarge(maxBodyBytes) : tooMuchToDo;
        end(() => reject(refusal));
      }
      const finish = () => end(() => resolve(chunks));
      const lose = () => end(() => reject(new Error('the client left before its body was there')));
      request.on('data', take).on('end', finish).on('close', lose);
    });
  }

  return async (request, response) => {
    checkHead(request);
    // Node has refused every other expectation with 417. HTTP/1.0 has none.
    if (request.headers.expect !== undefined && request.httpVersion === '1.1') response.writeContinue();
    const chunks = await readAll(request, response);
    const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    if (body.length === 0) return null;
    // Read as anything else its text would not be what was meant.
    if (!isUtf8(body) || !/^utf-?8$/i.test(charsetOf(request) ?? 'utf-8')) throw notUtf8;
    const text = body.toString();
    // .NET and PowerShell write a byte order mark, which JSON does not allow (RFC 8259, 8.1).
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  };
}

/** What the headers say already. */
function checkHead(request: IncomingMessage): void {
  const { 'content-encoding': encoding, 'content-length': length, 'content-type': type } = request.headers;
  const { 'transfer-encoding': coding } = request.headers;
  // Also so that no page can send one unasked: a form's types are allowed to every page.
  if (request.method === 'POST' && !/^application\/(graphql\+)?json\s*(;|$)/i.test(type ?? '')) throw notJson;
  // A small compressed body can be an enormous one.
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') throw compressed;
  // A coding that is not undone hides the body as well (RFC 9112, 6.1).
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') throw unknownCoding;
  if (Number(length ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes);
}

function charsetOf({ headers }: IncomingMessage): string | undefined {
  return /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
}
