import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  type SelectionNode,
} from 'graphql';

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
  return select(info, info.fieldNodes, type);
}

function select(info: GraphQLResolveInfo, parents: readonly FieldNode[], type: string): Selection {
  const fields = Map.groupBy(fieldsBelow(info, parents, type), ({ name }) => name.value);
  const below = (field: string) => fields.get(field) ?? [];
  return {
    fields: new Set(fields.keys()),
    below: (field, childType) => select(info, below(field), childType),
    nodes(nodeType) {
      const inEdges = fieldsBelow(info, below('edges'), `${nodeType}Edge`).filter(({ name }) => name.value === 'node');
      return select(info, [...below('nodes'), ...inEdges], nodeType);
    },
  };
}

/** The fields that will be resolved on an object of type `type`, fragments opened, `@skip` and `@include` obeyed. */
function fieldsBelow(info: GraphQLResolveInfo, parents: readonly FieldNode[], type: string): FieldNode[] {
  const fields: FieldNode[] = [];
  const opened = new Set<string>();
  const visit = (selections: readonly SelectionNode[]) => {
    for (const selection of selections) {
      if (!isIncluded(info, selection)) continue;
      if (selection.kind === 'Field') fields.push(selection);
      else if (selection.kind === 'InlineFragment') {
        if (applies(info, selection.typeCondition?.name.value, type)) visit(selection.selectionSet.selections);
      } else if (!opened.has(selection.name.value)) {
        opened.add(selection.name.value);
        const fragment = info.fragments[selection.name.value];
        if (fragment && applies(info, fragment.typeCondition.name.value, type)) visit(fragment.selectionSet.selections);
      }
    }
  };
  for (const { selectionSet } of parents) visit(selectionSet?.selections ?? []);
  return fields;
}

function isIncluded(info: GraphQLResolveInfo, selection: SelectionNode): boolean {
  if (!selection.directives?.length) return true;
  if (getDirectiveValues(GraphQLSkipDirective, selection, info.variableValues)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, selection, info.variableValues)?.if !== false;
}

function applies(info: GraphQLResolveInfo, condition: string | undefined, type: string): boolean {
  return condition === undefined || condition === type || isAbstractType(info.schema.getType(condition));
}
