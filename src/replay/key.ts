import type { IncomingMessage } from 'node:http';
import { createDigest } from '../digest.ts';

/** Names requests, and the credentials in them, without holding either. */
export interface Keys {
  /** All that an answer can depend on beside what the regions say. */
  ofRequest(request: IncomingMessage, body: string): string;
}

export function createKeys(documentsVersion: () => number): Keys {
  const digest = createDigest();
  return {
    ofRequest(request, body) {
      const { method = '', url = '', headers } = request;
      const { 'content-type': type = '', 'content-encoding': encoding = '', accept = '', origin = '' } = headers;
      const version = String(documentsVersion());
      return digest([version, method, url, body, type, encoding, accept, origin, ...credentialsIn(request)]);
    },
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
