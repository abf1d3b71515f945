import type { FieldNode, GraphQLField, VariableValues } from 'graphql';
import { argumentsOf } from '../execution/collect.ts';
import type { Args } from './field-cost.ts';

/** The arguments of one field. */
export interface Arguments {
  readonly values: Args;
  /** The entries of all lists in them. */
  readonly listEntries: number;
}

/** The arguments that were read, by the node of the field. A node always selects the same field. */
export type ReadArguments = Map<FieldNode, Arguments | null>;

/** The arguments of a field, read once for each node; null if they are not valid. */
export function readArguments(
  read: ReadArguments,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: VariableValues,
): Arguments | null {
  // Fast path: most fields have no arguments, and every request is measured.
  if (field.args.length === 0) return none;
  const known = read.get(node);
  if (known !== undefined) return known;
  const values = readOr(null, () => argumentsOf(field, node, variables));
  const given = values && { values, listEntries: listEntriesIn(values) };
  read.set(node, given);
  return given;
}

/** Reads what depends on variables. What is wrong with them is reported where the field is executed. */
export function readOr<Value>(otherwise: Value, read: () => Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

const none: Arguments = { values: {}, listEntries: 0 };

/** Counts without recursion, because the client’s value may be nested deeper than the call stack allows. */
function listEntriesIn(values: Args): number {
  let entries = 0;
  const rest: unknown[] = [values];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) entries += value.length;
    for (const member of Object.values(value)) rest.push(member);
  }
  return entries;
}
