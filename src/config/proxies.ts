import type { HttpProxy } from '../regions.ts';
import type { Environment } from './environment.ts';

/** Says for each endpoint through which proxy it is reached. */
export interface Proxies {
  /** The proxy for an endpoint; null if the endpoint is reached directly. */
  readonly proxyOf: (endpoint: string) => HttpProxy | null;
  /** Every problem found, as a sentence. No sentence holds a value, because a value may hold a password. */
  readonly problems: readonly string[];
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. The lower-case name of a variable wins. As with curl, each proxy serves
 * the endpoints of its own scheme only.
 */
export function readProxies(environment: Environment): Proxies {
  const problems: string[] = [];
  const textOf = (name: string) => environment[name]?.trim() ?? '';
  const setOf = (name: string) => (textOf(name.toLowerCase()) === '' ? name : name.toLowerCase());
  const read = (name: string) => {
    const variable = setOf(name);
    const text = textOf(variable);
    if (text === '') return null;
    const problem = proxyProblem(text);
    if (problem) problems.push(`${variable}: ${problem}`);
    return problem ? null : proxyAt(new URL(text));
  };
  const byScheme = new Map([
    ['https:', read('HTTPS_PROXY')],
    ['http:', read('HTTP_PROXY')],
  ]);
  const noProxy = textOf(setOf('NO_PROXY'));
  return {
    problems,
    proxyOf(endpoint) {
      const url = new URL(endpoint);
      return isExempt(url, noProxy) ? null : (byScheme.get(url.protocol) ?? null);
    },
  };
}

const example = 'write a URL such as http://proxy.example:3128';

/** What is wrong with the URL of a proxy, without quoting it; null if it can be used. */
function proxyProblem(text: string): string | null {
  if (!/^https?:\/\//i.test(text)) return `must begin with http:// or https://: ${example}`;
  const url = URL.parse(text);
  // A slash, `?` or `#` in a password that is not percent-encoded ends the host.
  if (url?.pathname !== '/' || url.search || url.hash)
    return `is not the URL of a proxy: ${example}, and percent-encode special characters in user and password`;
  if (decoded(url.username) === null || decoded(url.password) === null)
    return 'has a user or password that is not percent-encoded UTF-8: write %25 for %';
  return null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function proxyAt({ origin, username, password }: URL): HttpProxy {
  if (username === '' && password === '') return { origin, headers: () => ({}) };
  const credentials = `${decoded(username)}:${decoded(password)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return { origin, headers: () => ({ 'proxy-authorization': authorization }) };
}

/** Whether `NO_PROXY` names the endpoint, by the rules of undici's EnvHttpProxyAgent. */
export function isExempt({ protocol, hostname, port }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[(.+)\]$/, '$1').replace(/(.)\.$/, '$1');
  const portNumber = Number(port) || (protocol === 'https:' ? 443 : 80);
  const entries = noProxy.split(/[,\s]+/).filter((entry) => entry !== '');
  return entries.map(readEntry).some((entry) => {
    if (entry.port !== null && entry.port !== portNumber) return false;
    if (entry.name === '*') return true;
    return (host === entry.name && !entry.isWildcard) || host.endsWith(`.${entry.name}`);
  });
}

/** Reads `host`, `.domain`, `*.domain` or `*`, each also with `:port`; an IPv6 address with a port is in brackets. */
function readEntry(entry: string): { name: string; port: number | null; isWildcard: boolean } {
  const [, host, port] = /^\[(.+)\]:(\d+)$/.exec(entry) ?? /^([^:]+):(\d+)$/.exec(entry) ?? [];
  const name = (host ?? entry.replace(/^\[(.+)\]$/, '$1'))
    .replace(/^\*?\./, '')
    .replace(/(.)\.$/, '$1')
    .toLowerCase();
  return { name, port: Number(port) || null, isWildcard: entry.startsWith('*') };
}
