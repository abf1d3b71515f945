import type { FieldNode, GraphQLCompositeType, GraphQLField, GraphQLObjectType } from 'graphql';
import type { LeafWriter } from './leaf.ts';
import type { Path, Run } from './run-state.ts';
import type { Written } from './text-parts.ts';

/** What is done for the objects of one type at one place of a document, worked out once. */
export interface ObjectPlan {
  readonly type: GraphQLObjectType;
  readonly fields: readonly FieldPlan[];
  /** The same fields in groups. */
  readonly groups: readonly FieldGroup[];
  /** The error if the fields are unknown, because a condition of `@skip` or `@include` has no value; usually null. */
  readonly failure: unknown;
}

/** Fields of an object that follow each other, and either all depend on the object alone or all on more. */
export interface FieldGroup {
  /** Names the group, and refers to nothing of its document: the texts of an object may outlive the document. */
  readonly id: symbol;
  readonly fields: readonly FieldPlan[];
  readonly isOfObject: boolean;
}

/** One field of an answer. */
export interface PlannedField {
  readonly key: string;
  /** The key as JSON, with its colon. */
  readonly keyText: string;
  /** What stands before the value: the key, and before the key a brace for the first field of an object, else a comma. */
  readonly lead: string;
  /** All that ask for it under this key; the first has the arguments. */
  readonly nodes: readonly FieldNode[];
  readonly field: GraphQLField<unknown, unknown>;
  readonly parent: GraphQLObjectType;
  /** The values of the arguments if no variable is in them; null if they are read for each execution. */
  readonly args: { readonly [argument: string]: unknown } | null;
  readonly value: ValuePlan;
  /** Whether the value depends on the object alone: not on arguments, the request, or the place in the answer. */
  readonly isOfObject: boolean;
}

export interface FieldPlan extends PlannedField {
  readonly write: FieldWriter;
}

/** Writes the value of a field of `source`, without its key. */
export type FieldWriter = (run: Run, source: unknown, parentPath: Path | undefined) => Written;

/** How a value becomes text. */
export type ValuePlan = LeafPlan | ListPlan | CompositePlan;

export interface LeafPlan {
  readonly kind: 'leaf';
  readonly isNonNull: boolean;
  readonly write: LeafWriter;
}

interface ListPlan {
  readonly kind: 'list';
  readonly isNonNull: boolean;
  readonly item: ValuePlan;
}

export interface CompositePlan {
  readonly kind: 'object';
  readonly isNonNull: boolean;
  readonly type: GraphQLCompositeType;
  /** By the type that the object turns out to have. */
  readonly planOf: (type: GraphQLObjectType) => ObjectPlan;
}
