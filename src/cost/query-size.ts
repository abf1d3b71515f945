import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  type VariableValues,
} from 'graphql';
import { isIncluded } from '../execution/collect.ts';
import { type ReadArguments, readArguments, readOr } from './arguments.ts';
import { type Args, type Condition, costOf, type Figure, type Scope } from './field-cost.ts';
import { largestPage, shortList } from './figures.ts';

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

/**
 * Far beyond every limit. Without it products become Infinity, which no metric takes. The sums over all fields that are
 * measured have fifteen digits at most, as integers of structured fields do (RFC 9651).
 */
const mostCounted = 1e10;

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
  const root = query.schema.getRootType(query.operation.operation);
  const scope = { parents: 1, depth: 1, page: 0, regions: query.regions, totalScans: false };
  if (root) visit({ query, maxFields, size, read: new Map() }, query.operation.selectionSet, root, scope);
  return size;
}

/** A measurement in progress. */
interface Measuring {
  readonly query: MeasuredQuery;
  readonly maxFields: number;
  readonly size: QuerySize;
  readonly read: ReadArguments;
}

function visit(
  measuring: Measuring,
  { selections }: SelectionSetNode,
  type: GraphQLNamedOutputType,
  scope: Scope,
): void {
  const { query, size } = measuring;
  size.depth = Math.max(size.depth, scope.depth);
  for (const node of selections) {
    if (size.fields++ >= measuring.maxFields) return;
    if (node.directives?.length && !readOr(true, () => isIncluded(node, query.variables))) continue;
    if (node.kind === 'Field') visitField(measuring, node, type, scope);
    else if (node.kind === 'InlineFragment')
      visit(measuring, node.selectionSet, typeNamed(query, node.typeCondition?.name.value) ?? type, scope);
    else {
      const fragment = query.fragments.get(node.name.value);
      if (fragment)
        visit(measuring, fragment.selectionSet, typeNamed(query, fragment.typeCondition.name.value) ?? type, scope);
    }
  }
}

function visitField(measuring: Measuring, node: FieldNode, parent: GraphQLNamedOutputType, scope: Scope): void {
  const { query, size } = measuring;
  countName(size, node, scope);
  const field = fieldOf(query.schema, parent, node.name.value);
  const given = field && readArguments(measuring.read, field, node, query.variables);
  // A field whose arguments are not valid fails, and reads nothing.
  if (!given) return;
  const { values } = given;
  const cost = costOf(field);
  const regions = figure(cost.regions, values, scope) ?? scope.regions;
  size.listEntries += given.listEntries;
  size.calls += figure(cost.calls, values, scope) ?? assumedCalls(query, field, scope);
  if (isMet(cost.scans, values, scope)) size.scans += regions;
  if (!node.selectionSet) {
    size.values += scope.parents;
    return;
  }
  const isList = isListType(getNullableType(field.type));
  const length = isList ? (figure(cost.length, values, scope) ?? assumedLength(parent)) : 1;
  const parents = Math.min(scope.parents * length, mostCounted);
  size.objects += parents;
  if (isList) size.rows += parents;
  visit(measuring, node.selectionSet, getNamedType(field.type), {
    parents,
    depth: scope.depth + 1,
    page: figure(cost.page, values, scope) ?? largestPage,
    regions,
    totalScans: cost.totalScans === null || isMet(cost.totalScans, values, scope),
  });
}

function countName(size: QuerySize, { alias }: FieldNode, { depth }: Scope): void {
  if (depth === 1) size.rootFields++;
  if (!alias) return;
  size.aliases++;
  size.aliasLength = Math.max(size.aliasLength, alias.value.length);
}

function typeNamed({ schema }: MeasuredQuery, name: string | undefined): GraphQLNamedOutputType | undefined {
  const type = name === undefined ? undefined : schema.getType(name);
  return isObjectType(type) || isInterfaceType(type) ? type : undefined;
}

function fieldOf(
  schema: GraphQLSchema,
  parent: GraphQLNamedOutputType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined;
  return schema.getField(parent, name);
}

/** A declared figure; null if it is not declared. */
function figure(declared: Figure | null, args: Args, scope: Scope): number | null {
  return typeof declared === 'function' ? declared(args, scope) : declared;
}

function isMet(declared: Condition | null, args: Args, scope: Scope): boolean {
  return typeof declared === 'function' ? declared(args, scope) : declared === true;
}

/** The calls of a field that declares none. A root field may ask every region, or change something in one. */
function assumedCalls(query: MeasuredQuery, field: GraphQLField<unknown, unknown>, { depth }: Scope): number {
  if (depth > 1) return 0;
  if (query.operation.operation !== 'query') return 1;
  const isMeta = field === TypeNameMetaFieldDef || isIntrospectionType(getNamedType(field.type));
  return isMeta ? 0 : query.regions;
}

/** The length of a list that declares none. Those of introspection are short. */
function assumedLength(parent: GraphQLNamedOutputType): number {
  return isIntrospectionType(parent) ? shortList : largestPage;
}
