import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
  type VariableValues,
  visit,
} from 'graphql';
import { argumentsOf, collectFields, type Selected } from './collect.ts';
import { type LeafWriter, leafWriterOf } from './leaf.ts';

/** What is done for the objects of one type at one place of a document, worked out once. */
export interface ObjectPlan {
  readonly type: GraphQLObjectType;
  readonly fields: readonly FieldPlan[];
  /** Why it is not known which fields there are: a condition has no value. Null as a rule. */
  readonly failure: unknown;
}

/** One field of an answer. */
export interface FieldPlan {
  readonly key: string;
  /** The key as JSON, with its colon. */
  readonly keyText: string;
  /** All that ask for it under this key; the first has the arguments. */
  readonly nodes: readonly FieldNode[];
  readonly field: GraphQLField<unknown, unknown>;
  readonly parent: GraphQLObjectType;
  /** Where no variable is in them; null where they are read for each execution. */
  readonly args: { readonly [argument: string]: unknown } | null;
  readonly value: ValuePlan;
}

/** How a value becomes text. */
export type ValuePlan =
  | { readonly kind: 'leaf'; readonly isNonNull: boolean; readonly write: LeafWriter }
  | { readonly kind: 'list'; readonly isNonNull: boolean; readonly item: ValuePlan }
  | {
      readonly kind: 'object';
      readonly isNonNull: boolean;
      readonly type: GraphQLCompositeType;
      /** By the type that the object turns out to have. */
      readonly planOf: (type: GraphQLObjectType) => ObjectPlan;
    };

/** What a plan is made from. It is kept with the document, so nothing of a request is in it. */
interface Scope extends Selected {
  /** Only those that `@skip` and `@include` ask for. */
  readonly variables: VariableValues;
}

/** The plans of a document, by operation and by what its conditions come to. */
interface DocumentPlans {
  readonly conditionNames: readonly string[];
  readonly plans: Map<string, ObjectPlan>;
}

/** Plans that are kept of one document: a few variables switch parts of it on and off. */
const maxPlans = 16;

/** Plans operations, each once. */
export function createPlanner(): (args: ValidatedExecutionArgs, root: GraphQLObjectType) => ObjectPlan {
  const documents = new WeakMap<DocumentNode, DocumentPlans>();
  return (args, root) => {
    const { conditionNames, plans } = documents.get(args.document) ?? {
      conditionNames: conditionNamesOf(args.document),
      plans: new Map<string, ObjectPlan>(),
    };
    documents.set(args.document, { conditionNames, plans });
    const { sources, coerced } = args.variableValues;
    const key = JSON.stringify([args.operation.name?.value, ...conditionNames.map((name) => coerced[name] ?? null)]);
    const known = plans.get(key);
    if (known) return known;
    const variables = { sources: pick(sources, conditionNames), coerced: pick(coerced, conditionNames) };
    const scope = { schema: args.schema, fragments: args.fragmentDefinitions, variables };
    const plan = planObject(scope, root, [args.operation.selectionSet]);
    if (plans.size < maxPlans) plans.set(key, plan);
    return plan;
  };
}

/** Of the variables that directives ask for. */
function conditionNamesOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ arguments: given }) {
      for (const { value } of given ?? []) if (value.kind === 'Variable') names.add(value.name.value);
    },
  });
  return [...names];
}

function pick<Value>(values: { readonly [name: string]: Value }, names: readonly string[]): { [name: string]: Value } {
  const picked: { [name: string]: Value } = Object.create(null);
  for (const name of names) {
    const value = values[name];
    if (name in values) picked[name] = value as Value;
  }
  return picked;
}

function planObject(scope: Scope, type: GraphQLObjectType, selections: readonly SelectionSetNode[]): ObjectPlan {
  try {
    const nodesByKey = collectFields(scope, type, selections);
    const fields = Array.from(nodesByKey, ([key, nodes]) => planField(scope, type, key, nodes));
    return { type, fields: fields.filter((field) => field !== null), failure: null };
  } catch (failure) {
    return { type, fields: [], failure };
  }
}

function planField(
  scope: Scope,
  parent: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
): FieldPlan | null {
  const [node] = nodes;
  const field = node && scope.schema.getField(parent, node.name.value);
  if (!field) return null;
  return {
    key,
    keyText: `${JSON.stringify(key)}:`,
    nodes,
    field,
    parent,
    args: constantArgs(scope, field, node),
    value: planValue(scope, field.type, nodes),
  };
}

function constantArgs(scope: Scope, field: GraphQLField<unknown, unknown>, node: FieldNode) {
  let isConstant = true;
  visit(node, {
    SelectionSet: () => false,
    Variable() {
      isConstant = false;
    },
  });
  if (!isConstant) return null;
  try {
    return argumentsOf(field, node, scope.variables);
  } catch {
    // What is wrong with them is said where the field is executed.
    return null;
  }
}

function planValue(scope: Scope, type: GraphQLOutputType, nodes: readonly FieldNode[]): ValuePlan {
  if (isNonNullType(type)) return { ...planValue(scope, type.ofType, nodes), isNonNull: true };
  if (isListType(type)) return { kind: 'list', isNonNull: false, item: planValue(scope, type.ofType, nodes) };
  if (isLeafType(type)) return { kind: 'leaf', isNonNull: false, write: leafWriterOf(type) };
  const selections = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const plans = new Map<GraphQLObjectType, ObjectPlan>();
  const planOf = (runtimeType: GraphQLObjectType): ObjectPlan => {
    const plan = plans.get(runtimeType) ?? planObject(scope, runtimeType, selections);
    plans.set(runtimeType, plan);
    return plan;
  };
  return { kind: 'object', isNonNull: false, type, planOf };
}
