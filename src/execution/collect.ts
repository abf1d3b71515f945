import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  isAbstractType,
  type SelectionNode,
  type SelectionSetNode,
  type VariableValues,
} from 'graphql';

/** What selections are read with. */
export interface Selected {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode | undefined>>;
  readonly variables: VariableValues;
}

/**
 * The fields that are resolved on objects of a type, by their keys in the answer and in its order: fragments opened,
 * `@skip` and `@include` obeyed (GraphQL, 6.3.2). The only place that does so: plan, look-ahead and cost cannot disagree.
 * @throws `BAD_USER_INPUT` where a condition has no value.
 */
export function collectFields(
  selected: Selected,
  type: GraphQLObjectType,
  selectionSets: Iterable<SelectionSetNode>,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const opened = new Set<string>();

  function visit({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (!isIncluded(selection, selected.variables)) continue;
      if (selection.kind === 'Field') {
        const key = (selection.alias ?? selection.name).value;
        const nodes = fields.get(key);
        if (nodes) nodes.push(selection);
        else fields.set(key, [selection]);
      } else if (selection.kind === 'InlineFragment') {
        if (applies(selection.typeCondition?.name.value)) visit(selection.selectionSet);
      } else if (!opened.has(selection.name.value)) {
        const fragment = selected.fragments[selection.name.value];
        if (!fragment || !applies(fragment.typeCondition.name.value)) continue;
        opened.add(selection.name.value);
        visit(fragment.selectionSet);
      }
    }
  }

  function applies(condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const asked = selected.schema.getType(condition);
    return isAbstractType(asked) && selected.schema.isSubType(asked, type);
  }

  for (const selectionSet of selectionSets) visit(selectionSet);
  return fields;
}

/**
 * Whether `@skip` and `@include` let a selection stand.
 * @throws `BAD_USER_INPUT` where a condition has no value.
 */
export function isIncluded(selection: SelectionNode, variables: VariableValues): boolean {
  if (!selection.directives?.length) return true;
  return readValues(
    () =>
      getDirectiveValues(GraphQLSkipDirective, selection, variables)?.if !== true &&
      getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.if !== false,
  );
}

/**
 * The arguments of a field.
 * @throws `BAD_USER_INPUT` where a variable is null and must not be, which validation lets pass if it has a default.
 */
export function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: VariableValues,
  hideSuggestions?: boolean,
): { [argument: string]: unknown } {
  return readValues(() => getArgumentValues(field, node, variables, undefined, hideSuggestions));
}

/** Reads values that depend on variables. */
function readValues<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw argumentMistake(error) ?? error;
  }
}

/**
 * What graphql-js finds wrong with arguments that have passed validation is the client's mistake. Null for any other error.
 */
export function argumentMistake(error: unknown): GraphQLError | null {
  if (!(error instanceof GraphQLError)) return null;
  // `Argument "Query.volumes(orderBy:)" has invalid value at [0].direction: …`
  const pattern = /^Argument "[^"]*\((\w+):\)" (?:has invalid value at ([\w.[\]]+))?/;
  const [, argument, place = ''] = pattern.exec(error.message) ?? [];
  if (argument === undefined) return null;
  const within = Array.from(place.matchAll(/\[(\d+)\]|\.(\w+)/g), ([, index, name]) => name ?? Number(index));
  return new GraphQLError(error.message, {
    nodes: error.nodes,
    extensions: { code: 'BAD_USER_INPUT', argument: [argument, ...within] },
  });
}
