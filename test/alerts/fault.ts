import { randomUUID } from 'node:crypto';
import { postOf } from '../support/post.ts';
import { until } from './until.ts';

/* Faults of a gateway process, and the requests under which its alerts fire. */

/** For `start`: a fault of the process. It begins and ends with SIGWINCH, a signal that the gateway has no use for. */
export const faultOnSignal = (begin: string, end: string, imports = '') => `
  ${imports}
  let isFaulty = false;
  process.on('SIGWINCH', () => {
    isFaulty = !isFaulty;
    if (isFaulty) { ${begin} } else { ${end} }
  });`;

/** Breaks the hash of documents. */
export const breakHash = faultOnSignal(
  `crypto.hash = (name, data, ...rest) => {
     if (String(data).includes('__typename')) throw new Error('injected');
     return hash(name, data, ...rest);
   };
   syncBuiltinESMExports();`,
  'crypto.hash = hash; syncBuiltinESMExports();',
  `import crypto from 'node:crypto';
   import { syncBuiltinESMExports } from 'node:module';
   const { hash } = crypto;`,
);

/** Resolves with the first fault. */
export function isBroken(url: string): Promise<void> {
  return until(async () => (await ask(url, nothing)).includes('INTERNAL_SERVER_ERROR'), 'the gateway is broken');
}

export async function ask(url: string, query: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, postOf(query));
  return response.text();
}

/** Sends the query `perSecond` times a second, and ignores the answers. */
export function keepAsking(url: string, query: string | (() => string), perSecond = 10): Disposable {
  const next = typeof query === 'string' ? () => query : query;
  const timer = setInterval(() => void ask(url, next()).catch(() => {}), 1000 / perSecond);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

export const nothing = '{ __typename }';
export const allRegions = '{ volumes(first: 1) { nodes { name } } }';
export const oneRegion = '{ region(code: KR1) { volumes(first: 1) { nodes { name } } } }';

/** Different objects, none of which exists: a call for each. */
export const severalCalls = () =>
  `{ ${Array.from({ length: 9 }, (_, index) => `v${index}: volume(id: "${randomUUID()}", region: KR1) { name }`).join(' ')} }`;
