import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  getArgumentValues,
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

/** What a query asks for, counted before anything is read: the most it can come to. */
export interface QuerySize {
  /** Fields within each other. */
  depth: number;
  /** Fields selected, each as often as a fragment brings it in. */
  fields: number;
  /** Fields at the top. */
  rootFields: number;
  /** Fields under another name, each as often as a fragment brings it in. */
  aliases: number;
  /** Characters of the longest alias. */
  aliasLength: number;
  /** Entries of all lists among the arguments. */
  listEntries: number;
  /** Objects of the answer, if every list is as long as it may be. */
  objects: number;
  /** Fields of these objects that hold no objects. */
  values: number;
  /** REST calls, if no two fields share one. */
  calls: number;
  /** Lists of one region that may be read to the end: for filters, totals, summaries and relations of many rows. */
  scans: number;
}

/** A document that was validated, and what it is asked with. */
export interface MeasuredQuery {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: VariableValues;
  /** How many regions a list over all of them asks. */
  readonly regions: number;
}

/** The place of a selection in the query. */
interface Scope {
  /** The number of objects that it is selected on. */
  readonly parents: number;
  readonly depth: number;
  /** The rows of a connection. */
  readonly page: number;
  /** The number of regions that these objects may be in. */
  readonly regions: number;
  /** Whether `totalCount` needs no scan of its own. */
  readonly isCountFree: boolean;
}

/** How long a list is taken to be that no argument bounds. */
const shortList = 10;

/** Adds up a query. Stops beyond `maxFields`, so that counting stays cheap however large the query is. */
export function measure(query: MeasuredQuery, maxFields: number): QuerySize {
  const size: QuerySize = {
    depth: 0,
    fields: 0,
    rootFields: 0,
    aliases: 0,
    aliasLength: 0,
    listEntries: 0,
    objects: 0,
    values: 0,
    calls: 0,
    scans: 0,
  };

  function visit(selection: SelectionSetNode, type: GraphQLNamedOutputType, scope: Scope): void {
    size.depth = Math.max(size.depth, scope.depth);
    for (const node of selection.selections) {
      if (size.fields > maxFields) return;
      if (node.kind === 'Field') visitField(node, type, scope);
      else if (node.kind === 'InlineFragment')
        visit(node.selectionSet, typeNamed(node.typeCondition?.name.value) ?? type, scope);
      else {
        const fragment = query.fragments.get(node.name.value);
        // Counted, so that fragments which bring in each other over and over come to an end.
        size.fields++;
        if (fragment) visit(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value) ?? type, scope);
      }
    }
  }

  function visitField(node: FieldNode, parent: GraphQLNamedOutputType, scope: Scope): void {
    size.fields++;
    if (scope.depth === 1) size.rootFields++;
    if (node.alias) {
      size.aliases++;
      size.aliasLength = Math.max(size.aliasLength, node.alias.value.length);
    }
    const field = fieldOf(parent, node.name.value);
    if (!field) return;
    // Most fields have no arguments, and each step counts: every request is measured.
    const values = field.args.length === 0 ? noValues : getArgumentValues(field, node, query.variables);
    if (values !== noValues) size.listEntries += listEntriesIn(values);
    size.calls += callsOf(parent.name, field, values, query.regions);
    const isScan = isScanned(parent.name, field.name, values, scope);
    const regions = regionsOf(parent.name, field.name, values, { ...scope, all: query.regions });
    if (isScan) size.scans += regions;
    if (!node.selectionSet) {
      size.values += scope.parents;
      return;
    }
    const type = getNamedType(field.type);
    const count = scope.parents * lengthOf(parent.name, field, values, scope.page);
    size.objects += count;
    const page = typeof values.first === 'number' ? values.first : 50;
    // The scan for a filter also counts.
    const isCountFree = values.filter != null || !isList(parent.name, field.name);
    visit(node.selectionSet, type, { parents: count, depth: scope.depth + 1, page, regions, isCountFree });
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

const noValues: Values = {};

/** How many objects a field gives of one parent. */
function lengthOf(parent: string, field: GraphQLField<unknown, unknown>, values: Values, page: number): number {
  if (!isListType(getNullableType(field.type))) return 1;
  if (parent.endsWith('Connection')) return field.name === 'failures' ? shortList : page;
  const named = values.ids ?? values.representations;
  return Array.isArray(named) ? named.length : shortList;
}

/** REST calls that a field makes for itself; what its rows are related to is read once beside it, and not counted. */
function callsOf(parent: string, field: GraphQLField<unknown, unknown>, values: Values, regions: number): number {
  if (parent === 'Mutation') return entriesIn(values.input, 'ids') ?? 1;
  if (parent === 'Subscription') return 1;
  if ((parent !== 'Query' && parent !== 'Region') || isLeafType(getNamedType(field.type))) return 0;
  if (field.name === 'regions' || field.name === 'region' || field.name.startsWith('__')) return 0;
  if (Array.isArray(values.ids)) return values.ids.length;
  // Beyond that many a list is read on, see `readByIds`.
  if (Array.isArray(values.representations)) return Math.min(values.representations.length, 100);
  if (values.id !== undefined || parent === 'Region') return 1;
  return Array.isArray(values.regions) ? values.regions.length : regions;
}

/** A paged list. The list of types is short and always read whole. */
function isList(parent: string, field: string): boolean {
  return (parent === 'Query' || parent === 'Region') && (field === 'volumes' || field === 'snapshots');
}

/** Whether a field may scan lists. Relations of few rows are read one by one. */
function isScanned(parent: string, field: string, values: Values, { parents, isCountFree }: Scope): boolean {
  if (field === 'totalCount') return !isCountFree;
  if (field === 'storageSummary') return true;
  if (parent === 'StorageSummary') return field === 'snapshots';
  if (isList(parent, field)) return values.filter != null && !namesFew(values.filter);
  if (parents < manyRows) return false;
  if (parent === 'Volume') return ['snapshots', 'sourceVolume', 'sourceSnapshot'].includes(field);
  return parent === 'Snapshot' && field === 'volume';
}

/** From this number of rows on their relations are read as a list. */
const manyRows = 10;

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

/** Counts without calling itself: what a client sends may be nested deeper than the stack is. */
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

/** The length of a list that an input object holds; null where it holds none. */
function entriesIn(input: unknown, member: string): number | null {
  if (typeof input !== 'object' || input === null) return null;
  const list: unknown = Reflect.get(input, member);
  return Array.isArray(list) ? list.length : null;
}
