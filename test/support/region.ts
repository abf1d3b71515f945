import type { Region } from '../../src/regions.ts';

/** A region at an endpoint that nobody answers at, unless another is given. */
export function regionAt(endpoint = 'http://kr1'): Region {
  return {
    code: 'kr1',
    enumName: 'KR1',
    name: 'Korea (Pangyo)',
    endpoint,
    ownIdentity: false,
    proxy: null,
    clientCertificate: null,
  };
}
