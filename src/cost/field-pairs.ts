import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';

/** Deeper levels are not counted: `queryLimits` refuses them, and a fragment may contain itself. */
const maxDepth = 30;

/**
 * Counts the pairs of fields that validation compares, because they have the same response name in the same place
 * (`OverlappingFieldsCanBeMerged`): their number grows with the square of such fields. Stops beyond `most`, so counting
 * takes time in proportion to it. Fields that are visited count too.
 */
export function countFieldPairs({ definitions }: DocumentNode, most: number): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions)
    if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition);
  const reached = new Set<FragmentDefinitionNode>();
  let count = 0;

  /** Collects the fields of selection sets in one place by their response names. */
  function collect(sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    const rest = [...sets];
    for (let set = rest.pop(); set && count <= most; set = rest.pop()) {
      for (const node of set.selections) {
        count++;
        if (node.kind === 'Field') {
          const name = (node.alias ?? node.name).value;
          const same = fields.get(name);
          if (same) same.push(node);
          else fields.set(name, [node]);
        } else if (node.kind === 'InlineFragment') rest.push(node.selectionSet);
        else if (!spread.has(node.name.value)) {
          spread.add(node.name.value);
          const fragment = fragments.get(node.name.value);
          if (fragment) {
            reached.add(fragment);
            rest.push(fragment.selectionSet);
          }
        }
      }
    }
    return fields;
  }

  function visit(sets: readonly SelectionSetNode[], depth: number): void {
    if (depth > maxDepth || count > most) return;
    for (const same of collect(sets).values()) {
      count += (same.length * (same.length - 1)) / 2;
      const children = same.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (children.length > 0) visit(children, depth + 1);
    }
  }

  for (const definition of definitions)
    if (definition.kind === 'OperationDefinition') visit([definition.selectionSet], 1);
  // Fragments that nothing spreads are validated too.
  for (const fragment of fragments.values()) if (!reached.has(fragment)) visit([fragment.selectionSet], 1);
  return count;
}
