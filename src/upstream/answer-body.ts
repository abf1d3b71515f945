import type { UpstreamAnswer } from './send.ts';

const byteOrderMark = Buffer.from('\ufeff');

/**
 * The body of an answer in one piece, without a leading byte order mark, which .NET writes and JSON parsers may ignore
 * (RFC 8259, 8.1).
 */
export function jsonOf({ chunks }: UpstreamAnswer): Buffer {
  const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  const isMarked = body.subarray(0, byteOrderMark.length).equals(byteOrderMark);
  return isMarked ? body.subarray(byteOrderMark.length) : body;
}

/** The size of an answer's body. */
export function bytesOf({ chunks }: UpstreamAnswer): number {
  let bytes = 0;
  for (const { length } of chunks) bytes += length;
  return bytes;
}
