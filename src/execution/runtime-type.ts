import { type GraphQLAbstractType, GraphQLError, isObjectType } from 'graphql';
import type { PlannedField } from './field-plan.ts';
import type { Run } from './run-state.ts';

export function runtimeType({ args }: Run, plan: PlannedField, type: GraphQLAbstractType, name: unknown) {
  const { schema } = args;
  const { parent, field, nodes } = plan;
  if (name == null)
    throw new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${parent.name}.${field.name}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  const runtime = typeof name === 'string' ? schema.getType(name) : null;
  if (isObjectType(runtime) && schema.isSubType(type, runtime)) return runtime;
  throw new GraphQLError(`Abstract type "${type.name}" was not resolved to one of its object types.`, { nodes });
}
