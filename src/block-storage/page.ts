import { type Answer, type Client, segment } from './client.ts';
import { decodeObjects, decodeUuid, isObject, type Wire } from './decode.ts';
import { BlockStorageError } from './error.ts';
import type { Order } from './order.ts';

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

/** The most rows one call may ask for (guide: "Default is 1000"). */
export const maxLimit = 1000;

/** From so many ids on a list is read in place of single objects: that costs fewer calls. */
export const manyIds = 10;

/** Rows of one region that are looked through at most, or kept, for one request. */
export const maxRows = 10_000;

/** What the guide calls a thing, and how it is decoded. */
export interface Resource<Row> {
  /** `/volumes`; one is read at `/volumes/{id}`. */
  readonly path: string;
  /** The member of an answer that holds one: `volume`. A list stands in `volumes`. */
  readonly member: string;
  readonly decode: (wire: Wire, uuid: string, client: Client) => Row;
  /** The member of a row that names its tenant, if it has one. */
  readonly tenantMember?: string;
}

/**
 * Reads one page of the list at `path`.
 * A row without a usable id is left out; a row of another tenant fails the call and closes the region's connections.
 */
export async function readPage<Row>(
  client: Client,
  resource: Resource<Row>,
  query: PageQuery,
  path = resource.path,
): Promise<Page<Row>> {
  const answer = await client.send('GET', path + queryText(query));
  const member = `${resource.member}s`;
  const json = isObject(answer.json) ? answer.json : {};
  if (!Array.isArray(json[member])) throw answer.disown(`no list of ${member}`);
  const values: readonly unknown[] = json[member];
  // One row tells it of all: they are of one answer.
  const tenant = tenantInLinks(values[0]);
  if (tenant !== undefined && tenant !== client.tenant()) throw answer.disown('a row of another tenant');
  const rows: Row[] = [];
  for (const value of values) {
    const row = isObject(value) ? decodeRow(client, resource, value, answer) : null;
    if (row) rows.push(row);
    else client.warn(`${path}: a row without a usable id was left out`);
  }
  // Cinder names the links of types in the singular (FACTS 18).
  const links = json[`${member}_links`] ?? json[`${resource.member}_links`];
  // Nothing follows an empty page, whatever its link says.
  return { rows, next: values.length === 0 ? null : nextMarker(links, values, query) };
}

/** Reads one by its id. Null when there is none. */
export async function readOne<Row extends { readonly uuid: string }>(
  client: Client,
  resource: Resource<Row>,
  uuid: string,
): Promise<Row | null> {
  try {
    const answer = await client.send('GET', `${resource.path}/${segment(uuid)}`);
    const row = decodeOne(client, resource, answer);
    if (row.uuid !== uuid) throw answer.disown(`another ${resource.member}`);
    return row;
  } catch (error) {
    if (error instanceof BlockStorageError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/**
 * The one thing that an answer holds.
 * @param known what the answer leaves out, or says nothing of.
 */
export function decodeOne<Row>(client: Client, resource: Resource<Row>, answer: Answer, known?: Wire): Row {
  const wire = isObject(answer.json) ? answer.json[resource.member] : null;
  const row = isObject(wire) ? decodeRow(client, resource, wire, answer, known) : null;
  if (!row) throw answer.disown(`no ${resource.member}`);
  return row;
}

function decodeRow<Row>(client: Client, resource: Resource<Row>, wire: Wire, answer: Answer, known?: Wire): Row | null {
  const tenant = resource.tenantMember && wire[resource.tenantMember];
  if (typeof tenant === 'string' && tenant !== client.tenant()) throw answer.disown('a row of another tenant');
  const uuid = decodeUuid(wire.id);
  return uuid === null ? null : resource.decode(known ? { ...wire, ...known } : wire, uuid, client);
}

/** A row of a short list names its tenant in its links alone: `…/v2/{tenant}/volumes/{id}`. */
function tenantInLinks(row: unknown): string | undefined {
  const [link] = isObject(row) ? decodeObjects(row.links) : [];
  return typeof link?.href === 'string' ? /\/([0-9a-f]{32})\/[a-z]+\/[0-9a-f-]{36}$/.exec(link.href)?.[1] : undefined;
}

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
function nextMarker(links: unknown, values: readonly unknown[], { limit }: PageQuery): string | null {
  const last = decodeObjects(values).findLast(({ id }) => decodeUuid(id) !== null);
  const link = decodeObjects(links).find(({ rel }) => rel === 'next');
  if (link) return markerOf(link.href) ?? decodeUuid(last?.id);
  return values.length > 0 && values.length === limit ? decodeUuid(last?.id) : null;
}

function markerOf(href: unknown): string | null {
  if (typeof href !== 'string') return null;
  return decodeUuid(new URLSearchParams(href.slice(href.indexOf('?'))).get('marker'));
}
