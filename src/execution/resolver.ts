import type { FieldNode, GraphQLResolveInfo, ValidatedExecutionArgs } from 'graphql';
import { argumentsOf } from './collect.ts';
import type { PlannedField } from './field-plan.ts';
import type { Path, Run } from './run-state.ts';

export function callResolver(run: Run, plan: PlannedField, source: unknown, parentPath: Path | undefined): unknown {
  const { args } = run;
  const resolve = plan.field.resolve ?? args.fieldResolver;
  // A field is asked for by one node at least.
  const [node] = plan.nodes as [FieldNode];
  const given = plan.args ?? argumentsOf(plan.field, node, args.variableValues, args.hideSuggestions);
  return resolve(source, given, args.contextValue, new ResolveInfo(args, plan, parentPath));
}

/** What resolvers are told beside their arguments. Made for every value and hardly ever asked, so it holds little. */
export class ResolveInfo implements GraphQLResolveInfo {
  readonly #args: ValidatedExecutionArgs;
  readonly #plan: PlannedField;
  readonly #parentPath: Path | undefined;

  constructor(args: ValidatedExecutionArgs, plan: PlannedField, parentPath: Path | undefined) {
    this.#args = args;
    this.#plan = plan;
    this.#parentPath = parentPath;
  }

  get path() {
    return { prev: this.#parentPath, key: this.#plan.key, typename: this.#plan.parent.name };
  }

  get fieldName() {
    return this.#plan.field.name;
  }
  get fieldNodes() {
    return this.#plan.nodes;
  }
  get returnType() {
    return this.#plan.field.type;
  }
  get parentType() {
    return this.#plan.parent;
  }
  get schema() {
    return this.#args.schema;
  }
  get fragments() {
    return this.#args.fragmentDefinitions;
  }
  get rootValue() {
    return this.#args.rootValue;
  }
  get operation() {
    return this.#args.operation;
  }
  get variableValues() {
    return this.#args.variableValues;
  }
  getAbortSignal() {
    return this.#args.externalAbortSignal;
  }
  getAsyncHelpers() {
    return asyncHelpers;
  }
}

/** The hooks by which resolvers announce work that they do not wait for. This executor does not use them. */
const asyncHelpers: ReturnType<GraphQLResolveInfo['getAsyncHelpers']> = {
  promiseAll: (values) => Promise.all(values),
  track: () => {},
};
