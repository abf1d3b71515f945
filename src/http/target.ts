import type { IncomingMessage } from 'node:http';

/** Path and query of the request’s target, which may also be an absolute URL (RFC 9112, 3.2.2). */
export function targetOf({ url = '/' }: IncomingMessage): string {
  return url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
}

/** False for repeated or malformed Host headers: another server on the path may read them differently (RFC 9112, 3.2). */
export function isForOneHost({ headers: { host = '' }, rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts <= 1 && /^[^\s\\/?#@]*$/.test(host);
}
