import {
  type DocumentNode,
  type ExecutionResult,
  experimentalExecuteRootSelectionSet,
  GraphQLDeferDirective,
  legacyExecuteRootSelectionSet,
  visit,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { queryLimits } from '../config/query-limits.ts';
import type { Context } from '../context.ts';
import { maskError } from '../messages/mask-error.ts';
import type { OperationReport } from '../operation.ts';
import { answerLimits } from './answer-limits.ts';
import { noMemory } from './answer-memory.ts';
import { withParts } from './each-result.ts';
import { validatedArgs } from './validated-args.ts';

/**
 * Sends what is marked with `@defer` after the rest, to clients that accept an answer in parts; to all others a deferred
 * field is like any other.
 */
export function useIncrementalDelivery(): Plugin<Context> {
  const deferred = new WeakMap<DocumentNode, boolean>();

  function isDeferred(document: DocumentNode): boolean {
    const known = deferred.get(document) ?? hasDefer(document);
    deferred.set(document, known);
    return known;
  }

  return {
    onExecute({ args, setExecuteFn }) {
      const { document, contextValue } = args;
      const { accepts, report } = contextValue;
      if (!accepts.deferred || isLarge(report) || !isDeferred(document)) return;
      setExecuteFn(async () => {
        const validated = validatedArgs(args);
        if (!('schema' in validated)) return { errors: validated };
        // Deferred fields are read at once all the same, so that they come as early as they can.
        const begun = { ...validated, enableEarlyExecution: true };
        if (accepts.parts === 'legacy') {
          const result = await legacyExecuteRootSelectionSet(begun);
          return 'initialResult' in result
            ? inOrder(contextValue, result.initialResult, result.subsequentResults)
            : result;
        }
        const result = await experimentalExecuteRootSelectionSet(begun);
        return 'initialResult' in result
          ? inOrder(contextValue, result.initialResult, result.subsequentResults)
          : result;
      });
    },
  };
}

/** Whether a document has `@defer` anywhere. */
export function hasDefer(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    Directive({ name }) {
      isFound ||= name.value === GraphQLDeferDirective.name;
    },
  });
  return isFound;
}

/**
 * Whether the answer may have more objects or values than the defaults of the limits allow. GraphQL's executor builds
 * the whole result before its size is known; the gateway's own executor stops at the limit.
 */
function isLarge({ cost }: OperationReport): boolean {
  return cost !== null && (cost.objects > queryLimits.objects.most || cost.values > queryLimits.values.most);
}

async function* inOrder<First extends ExecutionResult, Next extends ExecutionResult>(
  { caller }: Context,
  first: First,
  rest: AsyncIterable<Next>,
) {
  const hold = caller.memory.hold('answers');
  let roomLeft = answerLimits.characters;

  /** Pays for a result: until the last one is sent all of them are held. */
  async function count(result: ExecutionResult): Promise<void> {
    const characters = charactersIn(result, roomLeft);
    roomLeft -= characters;
    if (roomLeft < 0) throw answerLimits.tooLarge();
    const shortage = await hold.grow(characters, caller);
    if (shortage) throw noMemory(shortage);
  }

  await count(first);
  yield first;
  for await (const next of rest) {
    await count(next);
    // The server masks errors of whole results only.
    for (const part of withParts(next)) if (part.errors) Object.assign(part, { errors: part.errors.map(maskError) });
    yield next;
  }
}

/** About how many characters a result is written in; counts no further than beyond `most`. */
function charactersIn(result: ExecutionResult, most: number): number {
  let count = 0;
  const rest: unknown[] = [result];
  while (rest.length > 0 && count <= most) {
    const value = rest.pop();
    if (typeof value === 'string') count += value.length;
    else if (typeof value !== 'object' || value === null) count += 4;
    else {
      for (const [name, member] of Object.entries(value)) {
        if (!Array.isArray(value)) count += name.length;
        rest.push(member);
      }
    }
  }
  return count;
}
