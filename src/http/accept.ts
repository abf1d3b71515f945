import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';
import { type Accepted, graphqlResponse } from '../operation.ts';

/** The types with the parameters that clients may ask for. Ties are broken in this order: any type means `application/json`. */
const types = {
  json: 'application/json;charset=utf-8',
  graphql: `${graphqlResponse};charset=utf-8`,
  page: 'text/html;charset=utf-8',
  events: 'text/event-stream;charset=utf-8',
  parts: 'multipart/mixed;charset=utf-8',
  legacyParts: 'multipart/mixed;charset=utf-8;deferspec=20220824',
};

/** In characters. A longer header counts as accepting none of our types: to parse it takes milliseconds. */
const maxLength = 2_000;

/** Headers that were parsed. Clients send few different ones, and to parse one costs as much as to parse a small request. */
const known = new LRUCache<string, { readonly accepted: Accepted | null }>({ max: 100 });

/** Reads an `Accept` header; one that is missing or empty accepts everything. Null if the client accepts no type of ours. */
export function readAccept(header = ''): Accepted | null {
  if (header.length > maxLength) return null;
  const text = header.trim() || '*/*';
  const entry = known.get(text);
  if (entry) return entry.accepted;
  const accepted = read(text);
  known.set(text, { accepted });
  return accepted;
}

/** Whether the client prefers an HTML page to JSON, as browsers do. */
export function prefersPage(header = ''): boolean {
  if (header.length > maxLength || !/\btext\/html\b/i.test(header)) return false;
  return rank(header, [types.json, types.graphql, types.page])[0] === types.page;
}

function read(header: string): Accepted | null {
  const [json] = rank(header, [types.json, types.graphql]);
  // A client that accepts anything is sent one whole answer. Streams are for clients that name them.
  const [events] = /\btext\/(event-stream|\*)/i.test(header) ? rank(header, [types.events]) : [];
  const [parts] = /\bmultipart\//i.test(header) ? rank(header, [types.parts, types.legacyParts]) : [];
  const streams = [events, parts].filter((type) => type !== undefined);
  if (json === undefined && streams.length === 0) return null;
  const isJsonPreferred = streams.every((stream) => json !== undefined && weighsMore(header, json, stream));
  const isStreamPreferred = streams.some((stream) => json !== undefined && weighsMore(header, stream, json));
  const areEventsPreferred = events !== undefined && parts !== undefined && weighsMore(header, events, parts);
  return {
    json: json === undefined || isStreamPreferred ? null : json === types.json ? 'application/json' : graphqlResponse,
    events: events !== undefined,
    parts: parts === undefined || areEventsPreferred ? null : parts === types.parts ? 'current' : 'legacy',
    deferred: !isJsonPreferred,
  };
}

/** The offered types that a client accepts, the one that it prefers first. */
function rank(header: string, offered: string[]): string[] {
  return new Negotiator({ headers: { accept: header.replace(otherParameters, '') } }).mediaTypes(offered);
}

/** Parameters that our types do not have, such as the boundary that a client proposes. They exclude none of our types. */
const otherParameters = /;\s*(?!q=|charset=|deferspec="?20220824\b)[^\s=;,"]+=("[^"]*"|[^\s;,"]*)/gi;

/**
 * Whether a type has a higher weight than another one. negotiator prefers the more specific of types with equal weights, and
 * then the first. So ranges are replaced by the types that they stand for, and the header is read backwards too.
 */
function weighsMore(header: string, type: string, other: string): boolean {
  const offered = [bareOf(other), bareOf(type)];
  const json = offered.find((name) => name.startsWith('application/')) ?? 'none/none';
  const ranges = header
    .replace(otherThanWeights, '')
    .replace(/\btext\/\*/gi, 'text/event-stream')
    .replace(/\bmultipart\/\*/gi, 'multipart/mixed')
    .replace(/(?:\bapplication|\*)\/\*/gi, json)
    .split(',');
  return [ranges, ranges.toReversed()].every(
    (texts) => new Negotiator({ headers: { accept: texts.join(',') } }).mediaTypes(offered)[0] === offered[1],
  );
}

const otherThanWeights = /;\s*(?!q=)[^\s=;,"]+=("[^"]*"|[^\s;,"]*)/gi;

function bareOf(type: string): string {
  return type.replace(/;.*/, '');
}
