import type { Region } from '../regions.ts';

/** What is wrong with a region, as the operator sees it in logs, metrics and spans. Callers never see it. */
export interface Fault {
  /**
   * The error's own code (`ECONNREFUSED`, `CERT_HAS_EXPIRED`, `PROXY_407`), `CONNECT_TIMEOUT`, `HEADERS_TIMEOUT` or
   * `BODY_TIMEOUT`, `HTTP_` and the status, or `NOT_THE_API` for an answer of another server.
   */
  readonly code: string;
  readonly class: FaultClass;
  /** What the error says, at most 300 characters of it. Only faults of connections have it. */
  readonly detail?: string;
}

/** The kinds of faults, few enough for a label of a metric. */
export const faultClasses = ['dns', 'tls', 'refused', 'reset', 'timeout', 'proxy', '5xx', 'unreadable'] as const;

export type FaultClass = (typeof faultClasses)[number];

/** What became of a call: a class of statuses or of faults; `other` if the region is not the reason. */
export type CallClass = '2xx' | '3xx' | '4xx' | FaultClass | 'other';

/** The statuses by which a proxy says that the region behind it is out of order. */
export const outageStatuses: ReadonlySet<number> = new Set([502, 503]);

/** The status by which a proxy says that the region behind it did not answer in time. */
export const timeoutStatus = 504;

/** Whether a proxy answered, because the region behind it did not. */
export function isOfProxy(status: number): boolean {
  return outageStatuses.has(status) || status === timeoutStatus;
}

/** The fault that an error of a connection shows. */
export function faultOf(error: Error): Fault {
  const { code, message } = coded(error);
  const [, found = 'reset'] = codeClasses.find(([pattern]) => pattern.test(code)) ?? [];
  return { code, class: found, detail: message.slice(0, mostDetail) };
}

const mostDetail = 300;

/** The fault of a call whose time was up before it had a connection. */
export function connectTimeout({ proxy }: Region): Fault {
  return proxy ? { code: 'PROXY_TIMEOUT', class: 'proxy' } : { code: 'CONNECT_TIMEOUT', class: 'timeout' };
}

/** The code of an error of Node, OpenSSL or undici; null if it has none. */
export function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** By code. Everything else is a connection that ended too early. */
const codeClasses: readonly (readonly [RegExp, FaultClass])[] = [
  [/^PROXY_/, 'proxy'],
  [/^(ENOTFOUND|ENODATA|EAI_\w+)$/, 'dns'],
  [/^(ECONNREFUSED|E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL)$/, 'refused'],
  [/TIMEOUT$|^ETIMEDOUT$/, 'timeout'],
  // The names of OpenSSL's X509_V_ERR_* are the codes of errors of certificates (Node, "X509 certificate error codes").
  [
    /^(EPROTO$|ERR_(TLS|SSL)_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERROR_IN_C|INVALID_(CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_)/,
    'tls',
  ],
  // undici gives no code to a response that is not HTTP.
  [/^(HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW$)/, 'unreadable'],
];

/** The error that has a code: of several addresses of a host, that of the first. */
function coded(error: Error): { readonly code: string; readonly message: string } {
  const { message } = error;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  const code = codeOf(error);
  if (code !== null) return { code, message: message || (inner instanceof Error ? inner.message : '') };
  if (inner instanceof Error) return coded(inner);
  return { code: error.name, message };
}
