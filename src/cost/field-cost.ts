import type { GraphQLField } from 'graphql';

/**
 * What a field costs. It is declared beside the field, in its extensions: `extensions: cost({ calls: 1 })`. Every root field
 * declares `calls`, every list `length`, and every connection `page`; a test demands it. Most other fields cost nothing of
 * their own and declare nothing. The words for declarations are in `figures.ts`.
 */
export interface FieldCost {
  /**
   * The REST calls of the field itself. Relations of rows cost a few further calls, which are not counted.
   * By default none; a root field is assumed to ask every region.
   */
  readonly calls?: Figure;
  /** The most entries of the list that the field returns. By default as many as the largest page has. */
  readonly length?: Figure;
  /** The most entries of the lists directly below the field whose length is `ofPage`. By default those of the largest page. */
  readonly page?: Figure;
  /** The regions that the field asks, and that the objects below it may be in. By default those of the object above. */
  readonly regions?: Figure;
  /** Whether the field may read a list to its end, in each of its regions. By default it reads no such list. */
  readonly scans?: Condition;
  /** Whether the field `totalCount` of the connection that this field returns reads the list to its end. By default it does. */
  readonly totalScans?: Condition;
}

/** A figure that is fixed, or that follows from the arguments of the field and from the objects that it is selected on. */
export type Figure = number | ((args: Args, scope: Scope) => number);

export type Condition = boolean | ((args: Args, scope: Scope) => boolean);

/** The arguments of a field, coerced. */
export type Args = Readonly<Record<string, unknown>>;

/** What is known of the objects that a field is selected on. */
export interface Scope {
  /** The number of objects. */
  readonly parents: number;
  /** The level of nesting: 1 at the root. */
  readonly depth: number;
  /** As the field above declares it. */
  readonly page: number;
  /** The number of regions that these objects may be in. */
  readonly regions: number;
  /** As the field above declares it. */
  readonly totalScans: boolean;
}

/** A declaration with all its members, so that all declarations have one shape: null for what is not declared. */
export type DeclaredCost = { readonly [Name in keyof FieldCost]-?: Required<FieldCost>[Name] | null };

/** The extensions of a field that costs this. */
export function cost(declared: FieldCost): { readonly cost: DeclaredCost } {
  return { cost: { ...undeclared, ...declared } };
}

/** What a field declares. */
export function costOf({ extensions }: GraphQLField<unknown, unknown>): DeclaredCost {
  // `cost` alone writes this member.
  return (extensions.cost as DeclaredCost | undefined) ?? undeclared;
}

const undeclared: DeclaredCost = {
  calls: null,
  length: null,
  page: null,
  regions: null,
  scans: null,
  totalScans: null,
};
