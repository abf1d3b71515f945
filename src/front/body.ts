import type { IncomingMessage } from 'node:http';

/** The most bytes a request's body may have. */
const maxBodyBytes = 1024 * 1024;

/** A request's body has more than {@link maxBodyBytes}. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';

  constructor() {
    super(`The request is larger than ${maxBodyBytes} bytes. Send less at once.`);
  }
}

/** Reads a request's body; null where there is none. Gives up at once when it is too large. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw new BodyTooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return bytes === 0 ? null : Buffer.concat(chunks).toString();
}
