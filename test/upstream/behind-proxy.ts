import type { ServerResponse } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type CannedAnswer, type CannedRequest, startCanned } from '../support/canned.ts';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import { alice, bob, startGateway } from '../support/stack.ts';

/* A region that is reached through a proxy. Only the proxy knows where its name leads. */

export const list = '{ region(code: KR1) { volumes { nodes { name } } } }';
export const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
export const empty = { region: { volumes: { nodes: [] } } };
export const name = 'kr1.company.invalid';
export const password = 'secret-password-of-the-proxy';

export let authority: Authority;
export let certificate: Certificate;
const defaultAuthorities = getCACertificates('default');

/** Makes an authority that the gateways trust, and the certificate of the region. */
export function startAuthority(): void {
  authority = createAuthority();
  certificate = authority.issue(name);
  setDefaultCACertificates([...defaultAuthorities, authority.cert]);
}

export function stopAuthority(): void {
  setDefaultCACertificates(defaultAuthorities);
  authority[Symbol.dispose]();
}

type Answer = (request: CannedRequest, response: ServerResponse) => CannedAnswer | null;

/** An https region with a name that only the proxy knows, its proxy, and what starts gateways over it. */
export async function startBehindProxy(
  options: { answer?: Answer; scheme?: 'http' | 'https'; proxyTls?: Certificate } = {},
) {
  const { answer = () => ({ body: { volumes: [] } }), scheme = 'https', proxyTls } = options;
  const region = await startCanned(answer, scheme === 'https' ? certificate : undefined);
  const proxy = await startConnectProxy(region.endpoint, proxyTls);
  const endpoint = `${scheme}://${name}`;
  const variable = scheme === 'https' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  return {
    region,
    proxy,
    gateway: (environment: Record<string, string> = {}) =>
      startGateway({ kr1: endpoint }, { ALLOW_HTTP: 'true', [variable]: proxy.url, ...environment }, [
        alice.token,
        bob.token,
        password,
        Buffer.from(`user:${password}`).toString('base64'),
        new URL(proxy.url).port,
      ]),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await region[Symbol.asyncDispose]();
    },
  };
}

/** The URL of a proxy with credentials. */
export const withUser = ({ url }: ConnectProxy, user: string) => url.replace('://', `://${user}@`);
