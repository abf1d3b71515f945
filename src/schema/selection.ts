import { type FieldNode, type GraphQLResolveInfo, isObjectType } from 'graphql';
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

/** The fields that will be resolved on an object of a type; none if a condition of `@skip` or `@include` has no value. */
function fieldsBelow(info: GraphQLResolveInfo, parents: readonly FieldNode[], typeName: string): FieldNode[] {
  const { schema, fragments, variableValues: variables } = info;
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`${typeName} is no object type`);
  const selections = parents.flatMap(({ selectionSet }) => selectionSet ?? []);
  try {
    return [...collectFields({ schema, fragments, variables }, type, selections).values()].flat();
  } catch {
    // Execution reports the error.
    return [];
  }
}
