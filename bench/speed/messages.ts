/* Requests as they go over the wire, as short as they may be. */

/** A POST as a browser's fetch sends it. */
export function postRequest(path: string, headers: Readonly<Record<string, string>>, body: string): Buffer {
  const head = {
    ...common,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${linesOf(head)}\r\n${body}`);
}

export function getRequest(path: string, headers: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${linesOf({ ...common, ...headers })}\r\n`);
}

const common = { host: 'localhost', accept: 'application/json' };

const linesOf = (headers: Readonly<Record<string, string>>) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
