import {
  type FieldNode,
  type GraphQLResolveInfo,
  isObjectType,
  type OperationDefinitionNode,
  type VariableValues,
  visit,
} from 'graphql';
import { collectFields } from '../execution/collect.ts';

/** What a query selects of an object: looked at before the object is there, to fetch beside it what it will need. */
export interface Selection {
  /** Names of the selected fields, not their aliases. */
  readonly fields: ReadonlySet<string>;
  /** What is selected of the object of type `type` in a field. */
  below(field: string, type: string): Selection;
  /** What is selected of the objects of type `type` in a connection, through `nodes` and `edges` together. */
  nodes(type: string): Selection;
}

/** What is selected of the object of type `type` that the field being resolved gives. */
export function selectionOf(info: GraphQLResolveInfo, type: string): Selection {
  const { fieldNodes, operation, fragments, schema, variableValues: variables } = info;
  if (hasConditions(operation, fragments)) return select({ schema, fragments, variables }, fieldNodes, type);
  const byType = selections.get(fieldNodes) ?? new Map<string, Selection>();
  selections.set(fieldNodes, byType);
  const selection = byType.get(type) ?? select({ schema, fragments, variables: noVariables }, fieldNodes, type);
  byType.set(type, selection);
  return selection;
}

/**
 * The selections of documents without `@skip` and `@include`, which are the same for each request. They hold parts of their
 * document and no variables.
 */
const selections = new WeakMap<readonly FieldNode[], Map<string, Selection>>();

const noVariables: VariableValues = { sources: Object.create(null), coerced: Object.create(null) };

const conditions = new WeakMap<OperationDefinitionNode, boolean>();

/** Whether a directive may leave out a part of the operation. */
function hasConditions(operation: OperationDefinitionNode, fragments: GraphQLResolveInfo['fragments']): boolean {
  const known = conditions.get(operation);
  if (known !== undefined) return known;
  let isFound = false;
  const visitor = {
    Directive() {
      isFound = true;
    },
  };
  for (const node of [operation, ...Object.values(fragments)]) visit(node, visitor);
  conditions.set(operation, isFound);
  return isFound;
}

/** What selections are read with. */
interface Scope extends Pick<GraphQLResolveInfo, 'schema' | 'fragments'> {
  readonly variables: VariableValues;
}

function select(scope: Scope, parents: readonly FieldNode[], type: string): Selection {
  const fields = Map.groupBy(fieldsBelow(scope, parents, type), ({ name }) => name.value);
  const children = new Map<string, Selection>();
  const below = (field: string) => fields.get(field) ?? [];
  const remember = (key: string, make: () => Selection) => {
    const child = children.get(key) ?? make();
    children.set(key, child);
    return child;
  };
  return {
    fields: new Set(fields.keys()),
    below: (field, childType) => remember(`${field} ${childType}`, () => select(scope, below(field), childType)),
    nodes: (nodeType) =>
      remember(nodeType, () => {
        const inEdges = fieldsBelow(scope, below('edges'), `${nodeType}Edge`);
        const nodes = inEdges.filter(({ name }) => name.value === 'node');
        return select(scope, [...below('nodes'), ...nodes], nodeType);
      }),
  };
}

/** The fields that will be resolved on an object of a type; none if a condition of `@skip` or `@include` has no value. */
function fieldsBelow(scope: Scope, parents: readonly FieldNode[], typeName: string): FieldNode[] {
  const { schema } = scope;
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`${typeName} is no object type`);
  const selectionSets = parents.flatMap(({ selectionSet }) => selectionSet ?? []);
  try {
    return [...collectFields(scope, type, selectionSets).values()].flat();
  } catch {
    // Execution reports the error.
    return [];
  }
}
