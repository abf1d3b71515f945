import { type Client, segment, type Writer } from './client.ts';
import { decodeObjects, decodeUuid, isObject, type Wire } from './decode.ts';
import { type DecodedAnswer, type HeldContent, jsonDecoder } from './decoded-answer.ts';
import { BlockStorageError } from './error.ts';
import type { Order } from './order.ts';
import { pageDecoder } from './page-decoder.ts';
import type { Resource } from './resource.ts';
import type { Row } from './row.ts';

/** The query of a list. `marker` and `offset` exclude each other: the server would apply both (FACTS 19). */
export interface PageQuery {
  readonly sort?: Order;
  /** Rows wanted; the server may cut it to its own maximum without a word (FACTS 17). */
  readonly limit?: number;
  readonly offset?: number;
  /** The row after which to go on. */
  readonly marker?: string;
  /** Only snapshots of this volume; the guide does not promise that it is honoured (FACTS 23). */
  readonly volumeId?: string;
}

/** Part of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** The marker to go on with; null at the end. The page it leads to may be empty (FACTS 18). */
  readonly next: string | null;
}

/** A page as it was read. */
export interface ReadPage<Row> extends Page<Row> {
  /** What its rows hold of the gateway's memory. */
  readonly held: HeldContent;
}

/** The most rows one call may ask for (guide: "Default is 1000"). */
export const maxLimit = 1000;

/** If at least this number of ids is asked for, a list is read instead of single objects: that costs fewer calls. */
export const manyIds = 10;

/** The most objects that are read one by one. While more are missing, further pages of the list are read instead. */
export const manySingly = 100;

/** Rows of one region that are looked through at most, or kept, for one request. */
export const maxRows = 10_000;

/**
 * Reads one page of the list at `path`. A row without a usable id is left out.
 * @throws `UPSTREAM_ERROR` where the answer holds no such list, or a row of another tenant: then it may belong to another
 * call.
 */
export async function readPage<Own extends Row>(
  client: Client,
  resource: Resource<Own>,
  query: PageQuery,
  path = resource.path,
): Promise<ReadPage<Own>> {
  const target = path + queryText(query);
  const answer = await client.read(target, pageDecoder(client, resource, target));
  const { values, rest, source, keep } = answer.content;
  if (!values) throw notIn(answer, `no list of ${resource.member}s`, rest);
  const tenant = client.tenant();
  const rows: Own[] = [];
  let read = 0;
  for (const value of values) {
    // A server that knows no limit gives all rows in one page.
    const pause = read++ % maxLimit === maxLimit - 1 ? client.breathe(maxLimit) : null;
    if (pause) await pause;
    if (value instanceof resource.row) {
      rows.push(value);
      continue;
    }
    const wire = isObject(value) ? value : {};
    const owner = ownerOf(wire, resource) ?? tenantInLinks(wire);
    if (owner !== null && owner !== tenant) throw answer.disown('a row of another tenant');
    const uuid = decodeUuid(wire.id);
    if (uuid !== null) rows.push(new resource.row(wire, uuid, source));
    else client.warn(`${path}: a row without a usable id was left out`);
  }
  if (rows.length === values.length) keep?.(rows);
  // Cinder names the links of types in the singular (FACTS 18).
  const links = rest[`${resource.member}s_links`] ?? rest[`${resource.member}_links`];
  // Nothing follows an empty page, whatever its link says.
  const next = values.length === 0 ? null : nextMarker(links, rows.at(-1)?.uuid ?? null, values.length === query.limit);
  return { rows, next, held: answer.held };
}

/**
 * Reads one by its id. Null when there is none.
 * @throws `TENANT_MISMATCH` where it belongs to another tenant, `UPSTREAM_ERROR` where the answer is about anything else.
 */
export async function readOne<Own extends Row>(
  client: Client,
  resource: Resource<Own>,
  uuid: string,
): Promise<Own | null> {
  try {
    const answer = await client.read(`${resource.path}/${segment(uuid)}`, jsonDecoder);
    const { wire, uuid: answered } = objectIn(answer, resource);
    if (answered !== uuid) throw answer.disown(`another ${resource.member}`);
    if ((ownerOf(wire, resource) ?? client.tenant()) !== client.tenant()) throw answer.refuseTenant(resource.member);
    return new resource.row(wire, uuid, client);
  } catch (error) {
    if (error instanceof BlockStorageError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/**
 * The object that an answer to a creation holds.
 * @param known what the answer leaves out, or says nothing of.
 * @throws `UPSTREAM_ERROR` where there is none, or one of another tenant: then the answer may belong to another call.
 */
export function decodeCreated<Own extends Row>(
  client: Client,
  resource: Resource<Own>,
  answer: DecodedAnswer,
  known: Wire,
): Own {
  const { wire, uuid } = objectIn(answer, resource);
  if ((ownerOf(wire, resource) ?? client.tenant()) !== client.tenant())
    throw answer.disown(`a ${resource.member} of another tenant`);
  return new resource.row({ ...wire, ...known }, uuid, client);
}

/**
 * Deletes one by its id.
 * @throws `UPSTREAM_ERROR` where the answer may belong to another call: it should have no body, or be about this object.
 */
export async function deleteOne(client: Writer, { path, member }: Resource<Row>, uuid: string): Promise<void> {
  const answer = await client.send('DELETE', `${path}/${segment(uuid)}`);
  const wire = isObject(answer.content) ? answer.content[member] : null;
  const isAboutIt = isObject(wire) && decodeUuid(wire.id) === uuid;
  if (!isAboutIt && isAnswerOfGuide(answer.content))
    throw answer.disown(`what no deletion of a ${member} is answered with`);
}

/** The one object that an answer holds, and its id. */
function objectIn(answer: DecodedAnswer, { member }: Resource<Row>): { wire: Wire; uuid: string } {
  const wire = isObject(answer.content) ? answer.content[member] : null;
  const uuid = isObject(wire) ? decodeUuid(wire.id) : null;
  if (!isObject(wire) || uuid === null) throw notIn(answer, `no ${member}`);
  return { wire, uuid };
}

/** Why an answer cannot be used. One that would be right for another call of the guide may belong to that call. */
export function notIn(answer: DecodedAnswer, what: string, json = answer.content): Error {
  return isAnswerOfGuide(json) ? answer.disown(what) : answer.complain(what);
}

/**
 * Whether JSON has the shape of an answer to any call of the guide: a member holds an object with an id, or a list of such
 * objects, or the result of an action under the action's name. The shape decides and not the names of the members, so a
 * new resource is recognized too.
 */
function isAnswerOfGuide(json: unknown): boolean {
  const isRow = (value: unknown) => isObject(value) && decodeUuid(value.id) !== null;
  return (
    isObject(json) &&
    Object.entries(json).some(
      ([member, value]) =>
        isRow(value) || (Array.isArray(value) && value.every(isRow)) || (member.startsWith('os-') && isObject(value)),
    )
  );
}

/** The tenant that a row names; null where it names none. */
function ownerOf(wire: Wire, { tenantMember }: Resource<Row>): string | null {
  const owner = tenantMember && wire[tenantMember];
  return typeof owner === 'string' ? owner : null;
}

/** A row of a short list names its tenant in its links alone: `…/v2/{tenant}/volumes/{id}`. */
function tenantInLinks({ links }: Wire): string | null {
  const [link] = Array.isArray(links) ? links : [];
  const href = isObject(link) ? link.href : null;
  return typeof href === 'string' ? (linkPattern.exec(href)?.[1] ?? null) : null;
}

const linkPattern = /\/([0-9a-f]{32})\/[a-z]{1,20}\/[0-9a-f-]{36}$/;

function queryText({ sort, limit, offset, marker, volumeId }: PageQuery): string {
  const query = new URLSearchParams();
  if (sort?.length) query.set('sort', sort.map(({ key, direction }) => `${key}:${direction}`).join(','));
  if (limit !== undefined) query.set('limit', String(limit));
  if (offset !== undefined) query.set('offset', String(offset));
  if (marker !== undefined) query.set('marker', marker);
  if (volumeId !== undefined) query.set('volume_id', volumeId);
  return query.size === 0 ? '' : `?${query}`;
}

/**
 * The marker in the next link. Never the link itself, whose host a proxy may have bent (FACTS 14). A full page
 * without a link may have more behind it, so its last row is the marker.
 */
function nextMarker(links: unknown, lastId: string | null, isFull: boolean): string | null {
  const link = decodeObjects(links).find(({ rel }) => rel === 'next');
  if (link) return markerOf(link.href) ?? lastId;
  return isFull ? lastId : null;
}

function markerOf(href: unknown): string | null {
  if (typeof href !== 'string') return null;
  return decodeUuid(new URLSearchParams(href.slice(href.indexOf('?'))).get('marker'));
}
