import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import ValidationPlugin from '@pothos/plugin-validation';
import type { Failure } from '../aggregation/merge.ts';
import type { Wire } from '../block-storage/decode.ts';
import type { Context } from '../context.ts';
import { cost } from '../cost/field-cost.ts';
import { ofPage } from '../cost/figures.ts';
import { type ArgumentPath, badArgument } from '../errors/coded-error.ts';
import type { Region } from '../regions.ts';

/** The field `id`, the same on every object that has one. It is resolved at once: a list has it a thousand times. */
export const idField = { nullable: false, description: 'Relay’s global identifier; opaque.' } as const;

/** Every type of the schema is added to this builder by the file that has its name. */
export const builder = new SchemaBuilder<{
  Context: Context;
  Connection: ConnectionExtras;
  DefaultNodeNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: string; Output: string };
    UUID: { Input: string; Output: string };
    JSONObject: { Input: Wire; Output: Wire };
    _Any: { Input: unknown; Output: unknown };
  };
}>({
  plugins: [RelayPlugin, ValidationPlugin],
  relay: {
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodesOnConnection: {
      extensions: cost({ length: ofPage }),
      description: 'The objects of this page, for those who need no cursors.',
    },
    edgesFieldOptions: {
      nullable: { list: false, items: false },
      extensions: cost({ length: ofPage }),
      description: 'The objects of this page with their cursors.',
    },
    nodeFieldOptions: { nullable: false, description: 'The object.' },
    cursorFieldOptions: { description: 'Opaque; pass it as `after` to go on behind this object.' },
    pageInfoFieldOptions: { description: 'Whether more follows, and from where.' },
    idFieldOptions: idField,
    nodeTypeOptions: { description: 'An object that can be read again by its global identifier.' },
    pageInfoTypeOptions: { description: 'Where a page lies in its list.' },
    hasNextPageFieldOptions: { description: 'Whether more follows. Go on with `endCursor` while it is true.' },
    hasPreviousPageFieldOptions: {
      description: 'Whether something lies before this page. Lists are read forwards only.',
    },
    startCursorFieldOptions: { description: 'Cursor of the first object of this page.' },
    endCursorFieldOptions: { description: 'Cursor to go on behind this page: pass it as `after`.' },
  },
  validation: {
    // Only the first mistake is reported: the error names one argument.
    validationError: ({ issues: [issue] }) => badArgument(pathOf(issue?.path), issue?.message ?? 'is invalid.'),
  },
});

/** What connections have beside Relay's own fields; `connection.ts` adds the fields. */
export interface ConnectionExtras {
  readonly regions: readonly Region[];
  /** Where it is asked for, started with the page, or free. */
  readonly count: Count | Promise<Count> | null;
  /** Of the page alone. */
  readonly pageFailures: readonly Failure[];
}

interface Count {
  readonly total: number | null;
  readonly failures: readonly Failure[];
}

/** Validation is of all arguments of a field together, so a path begins with the name of one. */
function pathOf(path: readonly unknown[] | undefined): ArgumentPath {
  const keys = (path ?? []).map((step) => (typeof step === 'object' && step && 'key' in step ? step.key : step));
  const [argument, ...within] = keys.map((key) => (typeof key === 'number' ? key : String(key)));
  return [String(argument ?? 'input'), ...within];
}
