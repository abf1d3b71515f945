import type { ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';
import type { Region } from '../regions.ts';
import type { builder } from './builder.ts';
import { type Selection, selectionOf } from './selection.ts';

/*
 * The types whose objects can be read again by a global identifier. The file of each type registers it here, and this is
 * all that the gateway must know of it: `encodeGlobalId` writes identifiers of registered types only, `node` and `nodes`
 * read them, arguments of lookups and mutations accept them, and other subgraphs may refer to the types that are entities.
 *
 * A type need not be ours. It is registered by a module that is imported before `schema/index.ts`, which builds the schema
 * when it is imported, and that module needs no line in another file: docs/adding/resource.md has an example.
 */

/**
 * A registered type. Its identifiers name a region and so many UUIDs. Clients keep them, so the name of the type and the
 * number of its UUIDs must not change.
 */
export interface NodeType<Row extends object = object, Uuids extends string[] = string[]> {
  /** The name of the type in the schema, with which its identifiers begin. */
  readonly name: string;
  readonly ref: ObjectRef<typeof builder.$inferSchemaTypes, Row>;
  /** How many UUIDs an identifier has behind the region. */
  readonly uuids: Uuids['length'];
  /** Whether other subgraphs may refer to its objects by `id`, and add fields to them. */
  readonly isEntity: boolean;
  /**
   * Reads an object that an identifier names, as the caller of the request; null if there is none. It reads through loaders,
   * `context.loaders` or `context.loadersOf`, so that one request reads an object once.
   */
  load(context: Context, region: Region, ...uuids: Uuids): Row | null | Promise<Row | null>;
  /**
   * Reads, while the object is loaded, what its selected fields will ask the same loaders for. Never rejects. Left out if the
   * fields need nothing.
   */
  prefetch?(context: Context, region: Region, selection: Selection, ...uuids: Uuids): Promise<void>;
}

const registered = new Map<string, NodeType>();

/** The registered types by their names. Read it when a request runs, or when the schema is built: files import in any order. */
export const nodeTypes: ReadonlyMap<string, NodeType> = registered;

/**
 * Registers a type. Its objects then need the interface `Node` and an `id`:
 * @example
 * const BackupRef = builder.objectRef<Backup>('Backup');
 *
 * export const backupNode = registerNodeType(BackupRef, {
 *   uuids: 1,
 *   isEntity: true,
 *   load: (context, region, uuid) => context.loadersOf(region, createBackupLoaders).byId.load(uuid),
 * });
 *
 * builder.objectType(BackupRef, {
 *   interfaces: [builder.nodeInterfaceRef()],
 *   fields: (t) => ({
 *     id: t.id({ ...idField, resolve: ({ region, uuid }) => encodeGlobalId(backupNode, region, uuid) }),
 *   }),
 * });
 */
export function registerNodeType<Row extends object, Count extends keyof UuidsByCount>(
  ref: NodeType<Row>['ref'],
  options: Omit<NodeType<Row, UuidsByCount[Count]>, 'name' | 'ref' | 'uuids'> & { readonly uuids: Count },
): NodeType<Row, UuidsByCount[Count]> {
  if (registered.has(ref.name)) throw new Error(`The type ${ref.name} is registered already.`);
  const type = { name: ref.name, ref, ...options };
  registered.set(type.name, type);
  return type;
}

/** Loads an object and, beside it, what a query selects of it. */
export function loadSelected<Row extends object, Uuids extends string[]>(
  context: Context,
  type: NodeType<Row, Uuids>,
  info: GraphQLResolveInfo,
  region: Region,
  ...uuids: Uuids
): Row | null | Promise<Row | null> {
  const object = type.load(context, region, ...uuids);
  void type.prefetch?.(context, region, selectionOf(info, type.name), ...uuids);
  return object;
}

/** The UUIDs of an identifier, by their number. A region has none; an attachment has the one of its volume and its own. */
interface UuidsByCount {
  0: [];
  1: [uuid: string];
  2: [parentUuid: string, uuid: string];
}
