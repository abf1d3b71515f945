import {
  GraphQLError,
  type GraphQLSchema,
  isEnumType,
  isInputType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { type InputReader, mistakesIn } from './input-mistake.ts';
import { shorten } from './shorten.ts';

/** Mistakes that are listed: a list of a hundred thousand values can hold as many. */
const maxMistakes = 10;

type Values = Readonly<Record<string, unknown>>;

/**
 * Says what is wrong with variables that GraphQL has refused.
 * @param hideSuggestions whether the schema is secret: fields and enum values are not listed then.
 */
export function variableErrors(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  values: Values,
  hideSuggestions: boolean,
): GraphQLError[] {
  const mistakes = definitions.values().flatMap((definition) => errorsOf(schema, definition, values, hideSuggestions));
  const errors = mistakes.take(maxMistakes + 1).toArray();
  if (errors.length === 0) return [refused('The variables do not have the types that the operation declares.')];
  if (errors.length <= maxMistakes) return errors;
  return [...errors.slice(0, maxMistakes), refused('More mistakes in the variables are not listed.')];
}

function* errorsOf(
  schema: GraphQLSchema,
  definition: VariableDefinitionNode,
  values: Values,
  hideSuggestions: boolean,
): Generator<GraphQLError> {
  const type = typeFromAST(schema, definition.type);
  if (!isInputType(type)) return;
  const { value: name } = definition.variable.name;
  const subject = `Variable "$${shorten(name)}"`;
  if (Object.hasOwn(values, name)) {
    for (const { place, problem } of mistakesIn({ reader: jsonReader, hideSuggestions }, values[name], type))
      yield refused(`${subject} is invalid${place}: ${problem}.`, definition);
  } else if (isNonNullType(type) && !definition.defaultValue)
    yield refused(`${subject} of type "${String(type)}" is missing.`, definition);
}

function refused(message: string, node: VariableDefinitionNode | null = null): GraphQLError {
  const variable = node && { variable: node.variable.name.value };
  return new GraphQLError(message, { nodes: node, extensions: { code: 'BAD_USER_INPUT', ...variable } });
}

const jsonReader: InputReader<unknown> = {
  isVariable: () => false,
  isNull: (value) => value === null,
  itemsOf: (value) => (Array.isArray(value) ? value : null),
  fieldsOf(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return Object.entries(value).map(([name, value]) => ({ name, value, node: null }));
  },
  fits(value, type) {
    // The enum itself looks for similar words at once, in time that grows with the number of its values.
    if (isEnumType(type)) return typeof value === 'string' && type.getValue(value) !== undefined;
    try {
      return type.coerceInputValue(value) !== undefined;
    } catch {
      return false;
    }
  },
  nodeOf: () => null,
};
