import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Names requests, and the credentials in them, without holding either. */
export interface Keys {
  /** All that an answer can depend on beside what the regions say. */
  ofRequest(request: IncomingMessage, body: string): string;
  /** The credentials alone. */
  ofCaller(request: IncomingMessage): string;
}

/** The names are of this process alone: its key is random. */
export function createKeys(): Keys {
  const secret = createSecretKey(randomBytes(32));
  const digest = (fields: readonly string[]) => {
    let text = '';
    // With its length before each, no two lists of fields read the same.
    for (const field of fields) text += `${field.length}:${field}`;
    return createHmac('sha256', secret).update(text).digest('base64');
  };
  return {
    ofRequest(request, body) {
      const { method = '', url = '', headers } = request;
      const { 'content-type': type = '', 'content-encoding': encoding = '', accept = '', origin = '' } = headers;
      return digest([method, url, body, type, encoding, accept, origin, ...credentialsIn(request)]);
    },
    ofCaller: (request) => digest(credentialsIn(request)),
  };
}

/** Every credential header as it was sent, repeated ones too: name, value, name, value. */
function credentialsIn({ rawHeaders }: IncomingMessage): string[] {
  const found: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (name === 'authorization' || name.startsWith('x-auth-token') || name.startsWith('x-tenant-id'))
      found.push(name, rawHeaders[index + 1] ?? '');
  }
  return found;
}
