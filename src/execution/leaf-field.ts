import { handleError } from './field-error.ts';
import type { FieldWriter, LeafPlan, PlannedField } from './field-plan.ts';
import { takeCharacters } from './remaining.ts';
import { callResolver } from './resolver.ts';
import type { Path, Run } from './run-state.ts';
import { isPromise, type Written } from './text-parts.ts';
import { pathOf, writeResult } from './write.ts';

/*
 * Lists have thousands of leaf fields. Each gets a writer that makes nothing beside the text: a path only for an error, and
 * the information for a resolver only if the resolver takes it. Whatever is not a plain value is left to `writeResult`.
 */

type LeafField = PlannedField & { readonly value: LeafPlan };

export function leafFieldWriter(plan: LeafField): FieldWriter {
  const { field, parent, isOfObject } = plan;
  if (field.name === '__typename') return objectResolverWriter(plan, () => parent.name);
  if (!field.resolve) return propertyWriter(plan, field.name);
  // Such a resolver takes the object alone.
  return isOfObject ? objectResolverWriter(plan, field.resolve as (source: unknown) => unknown) : resolverWriter(plan);
}

/** For a field without a resolver: the object's member of the same name. */
function propertyWriter(plan: LeafField, name: string): FieldWriter {
  return (run, source, parentPath) => {
    try {
      // A text or number as the source has no fields.
      const value = typeof source === 'object' ? (source as Record<string, unknown>)[name] : undefined;
      const result = typeof value === 'function' ? callResolver(run, plan, source, parentPath) : value;
      return writeLeaf(run, plan, result, parentPath);
    } catch (error) {
      return handleError(run, plan, plan.value, error, pathOf(plan, parentPath));
    }
  };
}

function objectResolverWriter(plan: LeafField, resolve: (source: unknown) => unknown): FieldWriter {
  return (run, source, parentPath) => {
    try {
      return writeLeaf(run, plan, resolve(source), parentPath);
    } catch (error) {
      return handleError(run, plan, plan.value, error, pathOf(plan, parentPath));
    }
  };
}

function resolverWriter(plan: LeafField): FieldWriter {
  return (run, source, parentPath) => {
    try {
      return writeLeaf(run, plan, callResolver(run, plan, source, parentPath), parentPath);
    } catch (error) {
      return handleError(run, plan, plan.value, error, pathOf(plan, parentPath));
    }
  };
}

function writeLeaf(run: Run, plan: LeafField, result: unknown, parentPath: Path | undefined): Written {
  const { value } = plan;
  if (result == null && !value.isNonNull) return null;
  if (!isPlain(result)) return writeResult(run, plan, result, pathOf(plan, parentPath));
  const text = value.write(result);
  takeCharacters(run, text.length);
  return text;
}

/** Whether it is a value that can be written: not missing, promised, or an error. */
function isPlain(result: unknown): boolean {
  if (typeof result === 'string' || typeof result === 'number' || typeof result === 'boolean') return true;
  return result != null && !(result instanceof Error) && !isPromise(result);
}
