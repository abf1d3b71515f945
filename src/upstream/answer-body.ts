import type { UpstreamAnswer } from './send.ts';

const byteOrderMark = Buffer.from('\ufeff');

/**
 * The body of an answer in one piece, without a leading byte order mark, which .NET writes and JSON parsers may ignore
 * (RFC 8259, 8.1).
 */
export function jsonOf({ chunks }: UpstreamAnswer): Buffer {
  return withoutMark(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
}

/** In bytes. The memory in which bodies are joined for a moment is not larger. */
const mostScratch = 2 * 1024 * 1024;

let scratch = Buffer.alloc(0);

/**
 * Reads the same as `jsonOf` at once. The bytes stay as they are until `read` returns: the chunks are joined in memory that is
 * used again and again, because memory of its own for each body lets V8 collect garbage more often.
 */
export function readJson<Content>(answer: UpstreamAnswer, read: (body: Buffer) => Content): Content {
  const { chunks } = answer;
  const bytes = bytesOf(answer);
  if (chunks.length === 1 || bytes > mostScratch) return read(jsonOf(answer));
  if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(Math.min(mostScratch, 2 * bytes));
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(scratch, at);
  return read(withoutMark(scratch.subarray(0, at)));
}

function withoutMark(body: Buffer): Buffer {
  const isMarked = body.subarray(0, byteOrderMark.length).equals(byteOrderMark);
  return isMarked ? body.subarray(byteOrderMark.length) : body;
}

/** The size of an answer's body. */
export function bytesOf({ chunks }: UpstreamAnswer): number {
  let bytes = 0;
  for (const { length } of chunks) bytes += length;
  return bytes;
}
