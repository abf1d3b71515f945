import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type VariableValues,
} from 'graphql';
import { argumentsOf, isIncluded } from '../execution/collect.ts';

/** Upper bounds of what a query reads and returns, counted before it is executed. */
export interface QuerySize {
  /** The levels of nesting. */
  depth: number;
  /**
   * Selected fields. The fields of a fragment count once for each spread. Fragments, and what `@skip` leaves out, count too:
   * measuring them takes the same time.
   */
  fields: number;
  /** Root fields. */
  rootFields: number;
  /** Aliases. Those of a fragment count once for each spread. */
  aliases: number;
  /** The number of characters of the longest alias. */
  aliasLength: number;
  /** The entries of all lists in the arguments. */
  listEntries: number;
  /** The objects of the answer if every list has its greatest length. */
  objects: number;
  /** Those of the objects that are entries of lists. */
  rows: number;
  /** The leaf values of these objects. */
  values: number;
  /** The REST calls if no two fields share one. */
  calls: number;
  /** Lists of one region that may be read to the end: for filters, totals, summaries and relations of many rows. */
  scans: number;
}

/** A validated operation and its variables. */
export interface MeasuredQuery {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: VariableValues;
  /** The number of configured regions. */
  readonly regions: number;
}

/** What is known of the objects that a selection is applied to. */
interface Scope {
  /** The number of objects that it is selected on. */
  readonly parents: number;
  readonly depth: number;
  /** The page size of the enclosing connection, or the number of identifiers given to the enclosing mutation. */
  readonly page: number;
  /** The number of regions that these objects may be in. */
  readonly regions: number;
  /** Whether `totalCount` needs no scan of its own. */
  readonly isCountFree: boolean;
}

/**
 * Far beyond every limit. Without it products become Infinity, which no metric takes. The sums over all fields that are
 * measured have fifteen digits at most, as integers of structured fields do (RFC 9651).
 */
const mostCounted = 1e10;

/** The assumed length of a list that no argument bounds. */
const shortList = 10;

/**
 * Measures a query. Stops beyond `maxFields` fields, so that measuring stays cheap however large the query is. The arguments
 * of a fragment are read once, however often it is spread: their lists may have as many entries as a request has room for.
 */
export function measure(query: MeasuredQuery, maxFields: number): QuerySize {
  const size: QuerySize = {
    depth: 0,
    fields: 0,
    rootFields: 0,
    aliases: 0,
    aliasLength: 0,
    listEntries: 0,
    objects: 0,
    rows: 0,
    values: 0,
    calls: 0,
    scans: 0,
  };
  const argumentsByNode = new Map<FieldNode, Arguments | null>();

  function visit(selection: SelectionSetNode, type: GraphQLNamedOutputType, scope: Scope): void {
    size.depth = Math.max(size.depth, scope.depth);
    for (const node of selection.selections) {
      if (size.fields++ >= maxFields) return;
      if (node.directives?.length && !readOr(true, () => isIncluded(node, query.variables))) continue;
      if (node.kind === 'Field') visitField(node, type, scope);
      else if (node.kind === 'InlineFragment')
        visit(node.selectionSet, typeNamed(node.typeCondition?.name.value) ?? type, scope);
      else {
        const fragment = query.fragments.get(node.name.value);
        if (fragment) visit(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value) ?? type, scope);
      }
    }
  }

  function visitField(node: FieldNode, parent: GraphQLNamedOutputType, scope: Scope): void {
    if (scope.depth === 1) size.rootFields++;
    if (node.alias) {
      size.aliases++;
      size.aliasLength = Math.max(size.aliasLength, node.alias.value.length);
    }
    const field = fieldOf(parent, node.name.value);
    if (!field) return;
    // Fast path: most fields have no arguments, and every request is measured.
    const given = field.args.length === 0 ? noArguments : argumentsIn(field, node);
    // The field fails, and reads nothing.
    if (!given) return;
    const { values } = given;
    size.listEntries += given.listEntries;
    size.calls += callsOf(parent.name, field, values, query.regions);
    const isScan = isScanned(parent.name, field.name, values, scope);
    const regions = regionsOf(parent.name, field.name, values, { ...scope, all: query.regions });
    if (isScan) size.scans += regions;
    if (!node.selectionSet) {
      size.values += scope.parents;
      return;
    }
    const type = getNamedType(field.type);
    const count = Math.min(scope.parents * lengthOf(parent.name, field, values, scope.page), mostCounted);
    size.objects += count;
    if (isListType(getNullableType(field.type))) size.rows += count;
    // A negative number is refused when the field is executed. Here it must not make up for other lists.
    const page = typeof values.first === 'number' ? Math.max(0, values.first) : (entriesIn(values.input, 'ids') ?? 50);
    // The scan for a filter counts the matching rows too.
    const isCountFree = values.filter != null || !isList(parent.name, field.name);
    visit(node.selectionSet, type, { parents: count, depth: scope.depth + 1, page, regions, isCountFree });
  }

  /** The arguments of a field; null if they are not valid. A node always selects the same field. */
  function argumentsIn(field: GraphQLField<unknown, unknown>, node: FieldNode): Arguments | null {
    const known = argumentsByNode.get(node);
    if (known !== undefined) return known;
    const values = readOr(null, () => argumentsOf(field, node, query.variables));
    const given = values && { values, listEntries: listEntriesIn(values) };
    argumentsByNode.set(node, given);
    return given;
  }

  function typeNamed(name: string | undefined): GraphQLNamedOutputType | undefined {
    const type = name === undefined ? undefined : query.schema.getType(name);
    return isObjectType(type) || isInterfaceType(type) ? type : undefined;
  }

  function fieldOf(parent: GraphQLNamedOutputType, name: string): GraphQLField<unknown, unknown> | undefined {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined;
    return query.schema.getField(parent, name);
  }

  const root = query.schema.getRootType(query.operation.operation);
  const scope = { parents: 1, depth: 1, page: 0, regions: query.regions, isCountFree: true };
  if (root) visit(query.operation.selectionSet, root, scope);
  return size;
}

type Values = Readonly<Record<string, unknown>>;

/** Reads what depends on variables. What is wrong with them is said where the field is executed. */
function readOr<Value>(otherwise: Value, read: () => Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** The arguments of one field. */
interface Arguments {
  readonly values: Values;
  readonly listEntries: number;
}

const noArguments: Arguments = { values: {}, listEntries: 0 };

/** The most objects that a field returns for one parent. */
function lengthOf(parent: string, field: GraphQLField<unknown, unknown>, values: Values, page: number): number {
  if (!isListType(getNullableType(field.type))) return 1;
  if (parent.endsWith('Connection')) return field.name === 'failures' ? shortList : page;
  // One for each identifier that was given.
  if (parent.endsWith('Payload')) return page;
  const named = values.ids ?? values.representations;
  return Array.isArray(named) ? named.length : shortList;
}

/** The REST calls of a field itself. The relations of its rows are read in a few further calls, which are not counted. */
function callsOf(parent: string, field: GraphQLField<unknown, unknown>, values: Values, regions: number): number {
  if (parent === 'Mutation') return entriesIn(values.input, 'ids') ?? 1;
  if (parent === 'Subscription') return 1;
  if ((parent !== 'Query' && parent !== 'Region') || isLeafType(getNamedType(field.type))) return 0;
  if (field.name === 'regions' || field.name === 'region' || field.name.startsWith('__')) return 0;
  if (Array.isArray(values.ids)) return values.ids.length;
  // More ids than this are read as a list: see `readByIds`.
  if (Array.isArray(values.representations)) return Math.min(values.representations.length, 100);
  if (values.id !== undefined || parent === 'Region') return 1;
  return Array.isArray(values.regions) ? values.regions.length : regions;
}

/** Whether a field is a paged list. The list of volume types is short and always read whole. */
function isList(parent: string, field: string): boolean {
  return (parent === 'Query' || parent === 'Region') && (field === 'volumes' || field === 'snapshots');
}

/** Whether a field may scan lists. Relations of few rows are read one by one. */
function isScanned(parent: string, field: string, values: Values, { parents, isCountFree, regions }: Scope): boolean {
  if (field === 'totalCount') return !isCountFree;
  if (field === 'storageSummary') return true;
  if (parent === 'StorageSummary') return field === 'snapshots';
  if (isList(parent, field))
    return (
      (values.filter != null && !namesFew(values.filter)) ||
      (parent === 'Query' && isMergedBehindOffset(values, regions))
    );
  if (parents < manyRows) return false;
  if (parent === 'Volume') return ['snapshots', 'sourceVolume', 'sourceSnapshot'].includes(field);
  if (parent === 'Snapshot' || parent === 'DeleteVolumeResult') return field === 'volume';
  return parent === 'DeleteSnapshotResult' && field === 'snapshot';
}

/** From this number of rows on, their relations are read as a list. Equal to `manyIds` of block-storage. */
const manyRows = 10;

/** The rows that an offset leaves out of several regions' list are read. */
function isMergedBehindOffset({ offset, regions }: Values, all: number): boolean {
  const asked = Array.isArray(regions) ? regions.length : all;
  return typeof offset === 'number' && offset > 0 && asked > 1;
}

function namesFew(filter: unknown): boolean {
  return (entriesIn(filter, 'uuids') ?? manyRows) < manyRows;
}

function regionsOf(
  parent: string,
  field: string,
  values: Values,
  { regions, all }: { regions: number; all: number },
): number {
  if (parent !== 'Query') return regions;
  if (Array.isArray(values.regions)) return values.regions.length;
  return field === 'region' || values.id !== undefined ? 1 : all;
}

/** Counts without recursion, because the client’s value may be nested deeper than the call stack allows. */
function listEntriesIn(values: Values): number {
  let entries = 0;
  const left: unknown[] = [values];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) entries += value.length;
    for (const member of Object.values(value)) left.push(member);
  }
  return entries;
}

/** The length of a list in an input object; null if there is none. */
function entriesIn(input: unknown, member: string): number | null {
  if (typeof input !== 'object' || input === null) return null;
  const list: unknown = Reflect.get(input, member);
  return Array.isArray(list) ? list.length : null;
}
