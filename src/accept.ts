/** What a client can read. */
export interface Accepted {
  /** The media type of one JSON answer; null where it takes none. */
  readonly json: string | null;
  /** Server-sent events. */
  readonly events: boolean;
  /**
   * Parts (`multipart/mixed`) of an answer with `@defer`: in the format of the working draft, or in the one of August
   * 2022 where the client names it; null where it takes none.
   */
  readonly parts: 'current' | 'legacy' | null;
}

const jsonTypes = new Set(['application/graphql-response+json', 'application/json']);

/**
 * Reads `Accept` (RFC 9110, 12.5.1), but for weights: of the JSON types of GraphQL over HTTP the first that is named.
 * Null where none of ours is.
 */
export function readAccept(header?: string): Accepted | null {
  let json: string | null = null;
  let events = false;
  let parts: Accepted['parts'] = null;
  for (const named of (header?.trim() || '*/*').toLowerCase().split(',')) {
    const [type = '', ...parameters] = named.replaceAll(/[\s"]/g, '').split(';');
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$|^charset=(?!utf-8$)/.test(parameter));
    if (isRefused) continue;
    if (jsonTypes.has(type)) json ??= type;
    else if (type === '*/*' || type === 'application/*') json ??= 'application/json';
    else if (type === 'text/event-stream' || type === 'text/*') events = true;
    else if (type === 'multipart/mixed' || type === 'multipart/*')
      parts ??= parameters.includes('deferspec=20220824') ? 'legacy' : 'current';
  }
  return json !== null || events || parts !== null ? { json, events, parts } : null;
}
