import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
  type VariableValues,
  visit,
} from 'graphql';
import { argumentsOf, collectFields, type Selected } from './collect.ts';
import type { CompositePlan, FieldGroup, FieldPlan, ObjectPlan, PlannedField, ValuePlan } from './field-plan.ts';
import { leafWriterOf } from './leaf.ts';
import { leafFieldWriter } from './leaf-field.ts';
import { writeField } from './write.ts';

/** What a plan is made from. It is kept with the plan, so nothing of a request is in it. */
interface Scope extends Selected {
  readonly hasLeafWriters: boolean;
  /** Only those that `@skip` and `@include` ask for. */
  readonly variables: VariableValues;
  /** To be called for each field that is planned. A plan grows until objects of all types have been met. */
  readonly countField: () => void;
}

/** The plans of an operation, by the values of the variables in its conditions. The schema is always the same. */
interface OperationPlans {
  readonly conditionNames: readonly string[];
  readonly plans: Map<string, ObjectPlan>;
  /** In the units of `maxSize`. */
  size: number;
}

/** The plans that are kept of one operation. */
const maxPlans = 4;

/**
 * The most that all plans take together with the syntax trees of their documents, in units of about 1 KB: a planned field, or four
 * nodes of a tree. Fragments make many fields of a short document; `@skip` leaves few fields of a long one.
 */
const maxSize = 25_000;
const nodesPerUnit = 4;

/**
 * Plans operations. The plans of the operations that were asked for least recently are dropped when all exceed `maxSize`.
 * @param options.hasLeafWriters whether leaf fields get writers of their own; if false, they are written as all other fields.
 */
export function createPlanner({
  hasLeafWriters,
}: {
  readonly hasLeafWriters: boolean;
}): (args: ValidatedExecutionArgs, root: GraphQLObjectType) => ObjectPlan {
  /** The operation that was asked for least recently comes first. */
  const operations = new Map<OperationDefinitionNode, OperationPlans>();
  let size = 0;

  function plansOf({ operation, document }: ValidatedExecutionArgs): OperationPlans {
    const known = operations.get(operation);
    const own = known ?? { ...readDocument(document), plans: new Map<string, ObjectPlan>() };
    if (!known) size += own.size;
    operations.delete(operation);
    operations.set(operation, own);
    return own;
  }

  function makeRoom(operation: OperationDefinitionNode): void {
    for (const [oldest, plans] of operations) {
      if (size <= maxSize || oldest === operation) return;
      operations.delete(oldest);
      size -= plans.size;
    }
  }

  return (args, root) => {
    const { operation } = args;
    const own = plansOf(args);
    makeRoom(operation);
    const { sources, coerced } = args.variableValues;
    const key = JSON.stringify(own.conditionNames.map((name) => coerced[name] ?? null));
    const known = own.plans.get(key);
    if (known) return known;
    const isKept = own.plans.size < maxPlans;
    const scope: Scope = {
      schema: args.schema,
      fragments: args.fragmentDefinitions,
      variables: { sources: pick(sources, own.conditionNames), coerced: pick(coerced, own.conditionNames) },
      hasLeafWriters,
      countField() {
        if (!isKept || operations.get(operation) !== own) return;
        own.size++;
        size++;
      },
    };
    const plan = planObject(scope, root, [operation.selectionSet]);
    if (isKept) own.plans.set(key, plan);
    return plan;
  };
}

/** The names of the variables in directives, and the size of the syntax tree. */
function readDocument(document: DocumentNode): Pick<OperationPlans, 'conditionNames' | 'size'> {
  const names = new Set<string>();
  let nodes = 0;
  visit(document, {
    enter(node) {
      nodes++;
      if (node.kind !== 'Directive') return;
      for (const { value } of node.arguments ?? []) if (value.kind === 'Variable') names.add(value.name.value);
    },
  });
  return { conditionNames: [...names], size: Math.ceil(nodes / nodesPerUnit) };
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
    const fields: FieldPlan[] = [];
    for (const [key, nodes] of collectFields(scope, type, selections)) {
      const field = planField(scope, type, key, nodes, fields.length === 0);
      if (field) fields.push(field);
    }
    return { type, fields, groups: groupsOf(fields), failure: null };
  } catch (failure) {
    return { type, fields: [], groups: [], failure };
  }
}

function groupsOf(fields: readonly FieldPlan[]): FieldGroup[] {
  const groups: (Omit<FieldGroup, 'fields'> & { readonly fields: FieldPlan[] })[] = [];
  for (const field of fields) {
    const last = groups.at(-1);
    if (last?.isOfObject === field.isOfObject) last.fields.push(field);
    else groups.push({ id: Symbol(), fields: [field], isOfObject: field.isOfObject });
  }
  return groups;
}

function planField(
  scope: Scope,
  parent: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
  isFirst: boolean,
): FieldPlan | null {
  const [node] = nodes;
  const field = node && scope.schema.getField(parent, node.name.value);
  if (!field) return null;
  scope.countField();
  const value = planValue(scope, field.type, nodes);
  const keyText = `${JSON.stringify(key)}:`;
  return withWriter(scope, {
    key,
    keyText,
    lead: `${isFirst ? '{' : ','}${keyText}`,
    nodes,
    field,
    parent,
    args: constantArgs(scope, field, node),
    value,
    isOfObject: isResolvedOfObject(field) && isValueOfObject(value),
  });
}

function withWriter({ hasLeafWriters }: Scope, field: PlannedField): FieldPlan {
  const { value } = field;
  const write = value.kind === 'leaf' && hasLeafWriters ? leafFieldWriter({ ...field, value }) : fieldWriter(field);
  return { ...field, write };
}

function fieldWriter(field: PlannedField): FieldPlan['write'] {
  return (run, source, parentPath) => writeField(run, field, source, parentPath);
}

/** Whether a field's resolver takes the object alone. `__typename` is the same for all objects of a plan. */
function isResolvedOfObject({ name, resolve }: GraphQLField<unknown, unknown>): boolean {
  return resolve === undefined || resolve.length === 1 || name === '__typename';
}

/** Whether all fields below a value depend on their objects alone: then the value depends on its own object alone. */
function isValueOfObject(value: ValuePlan): boolean {
  if (value.kind === 'leaf') return true;
  if (value.kind === 'list') return isValueOfObject(value.item);
  return isObjectType(value.type) && value.planOf(value.type).groups.every(({ isOfObject }) => isOfObject);
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
  const planOf: CompositePlan['planOf'] = (runtimeType) => {
    const plan = plans.get(runtimeType) ?? planObject(scope, runtimeType, selections);
    plans.set(runtimeType, plan);
    return plan;
  };
  return { kind: 'object', isNonNull: false, type, planOf };
}
