import { GraphQLError, isObjectType } from 'graphql';
import { handleError } from './field-error.ts';
import type { CompositePlan, PlannedField, ValuePlan } from './field-plan.ts';
import { nextPause, pauseInLine } from './pause.ts';
import { endWriting, takeCharacters } from './remaining.ts';
import { callResolver, ResolveInfo } from './resolver.ts';
import type { Path, Run } from './run-state.ts';
import { runtimeType } from './runtime-type.ts';
import {
  addTo,
  createParts,
  flatten,
  forget,
  isPending,
  isPromise,
  type Parts,
  type Written,
  whole,
} from './text-parts.ts';
import { writeObject } from './write-object.ts';

/** A field with objects in its value. */
export function writeField(run: Run, plan: PlannedField, source: unknown, parentPath: Path | undefined): Written {
  const { field, value } = plan;
  const path = pathOf(plan, parentPath);
  try {
    let result: unknown;
    if (!field.resolve && typeof source === 'object' && source !== null) {
      result = (source as Record<string, unknown>)[field.name];
      if (typeof result === 'function') result = callResolver(run, plan, source, parentPath);
    } else result = callResolver(run, plan, source, parentPath);
    const written = writeResult(run, plan, result, path);
    return isPending(written) ? written.catch((error) => handleError(run, plan, value, error, path)) : written;
  } catch (error) {
    return handleError(run, plan, value, error, path);
  }
}

/** What a field is resolved to, also where it is promised. Errors of promised results are handled. */
export function writeResult(run: Run, plan: PlannedField, result: unknown, path: Path): Written {
  return isPromise(result)
    ? writePromised(run, plan, plan.value, result, path)
    : writeValue(run, plan, plan.value, result, path);
}

export function pathOf({ key, parent }: PlannedField, parentPath: Path | undefined): Path {
  return { prev: parentPath, key, typename: parent.name };
}

async function writePromised(
  run: Run,
  plan: PlannedField,
  value: ValuePlan,
  promised: PromiseLike<unknown>,
  path: Path,
): Promise<string | null> {
  run.promised++;
  try {
    if (run.promised > run.limits.promised) endWriting(run, promised);
    const result = await promised;
    // A field that is not quiet is written at once, so that its sub-fields ask their loaders in the same tick and are batched.
    const pause = run.quiet.has(plan) ? pauseInLine(run) : null;
    if (pause) await pause;
    const before = run.promised;
    const written = writeValue(run, plan, value, result, path);
    if (run.promised > before) run.quiet.delete(plan);
    else if (result != null && isOfOneType(value)) run.quiet.add(plan);
    const text = await written;
    if (text !== null) flatten(text);
    return text;
  } catch (error) {
    return handleError(run, plan, value, error, path);
  }
}

function writeValue(run: Run, plan: PlannedField, value: ValuePlan, result: unknown, path: Path): Written {
  if (result instanceof Error) throw result;
  if (result == null) return value.isNonNull ? nullForbidden(plan) : null;
  if (value.kind === 'leaf') {
    const text = value.write(result);
    takeCharacters(run, text.length);
    return text;
  }
  if (value.kind === 'list') return writeList(run, plan, value.item, result, path);
  return writeComposite(run, plan, value, result, path);
}

function nullForbidden({ parent, field }: PlannedField): never {
  throw new Error(`Cannot return null for non-nullable field ${parent.name}.${field.name}.`);
}

function isOfOneType(value: ValuePlan): boolean {
  return value.kind === 'list' ? isOfOneType(value.item) : value.kind === 'leaf' || isObjectType(value.type);
}

function writeList(run: Run, plan: PlannedField, item: ValuePlan, result: unknown, path: Path): Written {
  if (typeof result !== 'object' || result === null || !(Symbol.iterator in result))
    throw new GraphQLError(
      `Expected Iterable, but did not find one for field "${plan.parent.name}.${plan.field.name}".`,
    );
  // It was found to be one.
  const entries: readonly unknown[] = Array.isArray(result) ? result : Array.from(result as Iterable<unknown>);
  const list = { plan, item, path, entries, index: 0 };
  const parts = createParts();
  parts.text = '[';
  const pause = writeItems(run, list, parts);
  return pause ? writeRest(run, list, parts, pause) : whole(parts);
}

/** A list that is being written. */
interface List {
  readonly plan: PlannedField;
  readonly item: ValuePlan;
  readonly path: Path;
  readonly entries: readonly unknown[];
  /** Of the next entry. */
  index: number;
}

/**
 * Writes the entries of a list; gives the pause to make where one is due before its end, else null. No pause is made
 * between entries whose resolvers wait for something: what they ask for together is read together.
 */
function writeItems(run: Run, list: List, parts: Parts): Promise<void> | null {
  const { plan, item, path, entries } = list;
  const { promised } = run;
  try {
    while (list.index < entries.length) {
      if (list.index > 0) parts.text += ',';
      const entry = entries[list.index];
      addTo(parts, writeItem(run, plan, item, entry, { prev: path, key: list.index, typename: undefined }));
      list.index++;
      const pause = run.promised === promised ? nextPause(run) : null;
      if (pause) return pause;
    }
  } catch (error) {
    forget(parts);
    forgetEntries(list);
    throw error;
  }
  parts.text += ']';
  return null;
}

async function writeRest(run: Run, list: List, parts: Parts, firstPause: Promise<void>): Promise<string> {
  // What comes later may fail during a pause, or never be waited for.
  forgetEntries(list);
  for (let pause: Promise<void> | null = firstPause; pause; pause = writeItems(run, list, parts)) {
    // What waits already may fail during the pause; it is heard at the end.
    forget(parts);
    flatten(parts.text);
    // What is put together stays a piece of its own, so that it is not copied at each pause.
    addTo(parts, nothing);
    await pause;
  }
  return whole(parts);
}

const nothing = Promise.resolve('');

/** Ignores the rejections of entries that are not written yet. */
function forgetEntries({ entries, index }: List): void {
  for (let at = index; at < entries.length; at++) {
    const entry = entries[at];
    if (isPromise(entry)) entry.then(undefined, () => {});
  }
}

function writeItem(run: Run, plan: PlannedField, item: ValuePlan, entry: unknown, path: Path): Written {
  if (isPromise(entry)) return writePromised(run, plan, item, entry, path);
  try {
    const written = writeValue(run, plan, item, entry, path);
    return isPending(written) ? written.catch((error) => handleError(run, plan, item, error, path)) : written;
  } catch (error) {
    return handleError(run, plan, item, error, path);
  }
}

function writeComposite(
  run: Run,
  plan: PlannedField,
  { type, planOf }: CompositePlan,
  result: unknown,
  path: Path,
): Written {
  if (isObjectType(type)) return writeObject(run, planOf(type), result, path);
  const resolveType = type.resolveType ?? run.args.typeResolver;
  const name = resolveType(
    result,
    run.args.contextValue,
    new ResolveInfo(run.args, plan, fieldPathOf(path).prev),
    type,
  );
  const write = (settled: unknown) => writeObject(run, planOf(runtimeType(run, plan, type, settled)), result, path);
  return isPromise(name) ? Promise.resolve(name).then(write) : write(name);
}

/** The path of the field that a value belongs to: a value in a list has the path of its place in the list. */
function fieldPathOf(path: Path): Path {
  let at = path;
  while (typeof at.key === 'number' && at.prev) at = at.prev;
  return at;
}
