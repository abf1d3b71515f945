import {
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLResolveInfo,
  isObjectType,
  locatedError,
  responsePathAsArray,
  type ValidatedExecutionArgs,
} from 'graphql';
import { argumentsOf } from './collect.ts';
import type { FieldPlan, ObjectPlan, ValuePlan } from './plan.ts';

/** What resolvers may do with work that goes on behind their backs; nothing here needs to know of it. */
const asyncHelpers: ReturnType<GraphQLResolveInfo['getAsyncHelpers']> = {
  promiseAll: (values) => Promise.all(values),
  track: () => {},
};

/** The text of a value, or null; later where it has to be waited for. */
type Written = string | null | Promise<string | null>;

type Path = NonNullable<GraphQLResolveInfo['path']>;

/** One execution. */
interface Run {
  readonly args: ValidatedExecutionArgs;
  readonly errors: GraphQLError[];
  /** Where a value has become null because of an error: what fails below it later is of no interest. */
  readonly nulled: Set<Path | undefined>;
  readonly room: Room;
  /** Characters that may still be written. */
  left: number;
  readonly pace: Pace;
  /** Resolvers so far that have given a promise. */
  promised: number;
  /** Fields of one type below whose last promised value no resolver has given a promise. */
  readonly quiet: Set<FieldPlan>;
  /** Promised values that are here, and wait until they may be written. */
  readonly waiting: Set<Waiting>;
}

interface Waiting {
  readonly goOn: () => void;
  readonly giveUp: (error: unknown) => void;
}

/** What an operation came to. */
export interface Executed {
  /** As JSON; undefined where there was no room for it. */
  readonly data: string | null | undefined;
  readonly errors: readonly GraphQLError[];
}

/** How large an answer may become, and what is said of one that is larger. */
export interface Room {
  readonly characters: number;
  /** Values that resolvers may promise: each holds memory until the answer is written. */
  readonly promised: number;
  readonly tooLarge: () => GraphQLError;
  readonly tooManyPromised: () => GraphQLError;
}

/**
 * Asked between the entries of lists: null while the answer may be written on, else resolves when it may. Rejects if the
 * request's time is up first.
 * @param written characters of the answer so far.
 */
export type Pace = (written: number) => Promise<void> | null;

/**
 * Carries out a plan as GraphQL's specification says (section 6), writing the answer as it goes, and no further than
 * there is room.
 */
export function runPlan(
  args: ValidatedExecutionArgs,
  plan: ObjectPlan,
  room: Room,
  pace: Pace,
): Executed | Promise<Executed> {
  const run: Run = {
    args,
    errors: [],
    nulled: new Set(),
    room,
    left: room.characters,
    pace,
    promised: 0,
    quiet: new Set(),
    waiting: new Set(),
  };
  const failed = (error: unknown): Executed => {
    if (run.promised > room.promised) return { data: undefined, errors: [room.tooManyPromised()] };
    if (run.left < 0) return { data: undefined, errors: [room.tooLarge()] };
    addError(run, error as GraphQLError, undefined);
    return { data: null, errors: run.errors };
  };
  try {
    const data =
      args.operation.operation === 'mutation'
        ? writeSerially(run, plan, args.rootValue)
        : writeObject(run, plan, args.rootValue, undefined);
    if (!isPending(data)) return { data, errors: run.errors };
    return data.then((text) => ({ data: text, errors: run.errors }), failed);
  } catch (error) {
    return failed(error);
  }
}

/** The fields of an object; what has to be waited for is waited for together. */
function writeObject(run: Run, { fields, failure }: ObjectPlan, source: unknown, path: Path | undefined): Written {
  if (failure) throw failure;
  const parts = createParts();
  try {
    for (let index = 0; index < fields.length; index++) {
      // The index is within the list.
      const field = fields[index] as FieldPlan;
      takeRoom(run, field.keyText.length);
      parts.text += index === 0 ? `{${field.keyText}` : `,${field.keyText}`;
      addTo(parts, writeField(run, field, source, path));
    }
  } catch (error) {
    forget(parts);
    throw error;
  }
  parts.text += fields.length === 0 ? '{}' : '}';
  return whole(parts);
}

/** Text, and in it the places of what has to be waited for. */
interface Parts {
  /** Behind the last place. */
  text: string;
  /** What stands before each place, and what will stand there. */
  before: string[] | null;
  waiting: Promise<string | null>[] | null;
}

function createParts(): Parts {
  return { text: '', before: null, waiting: null };
}

function addTo(parts: Parts, written: Written): void {
  if (!isPending(written)) {
    parts.text += written ?? 'null';
    return;
  }
  parts.before ??= [];
  parts.waiting ??= [];
  parts.before.push(parts.text);
  parts.waiting.push(written);
  parts.text = '';
}

function whole({ text, before, waiting }: Parts): string | Promise<string> {
  return before && waiting ? join(before, waiting, text) : text;
}

async function join(before: readonly string[], waiting: readonly Promise<string | null>[], end: string) {
  const values = await Promise.all(waiting);
  let text = '';
  for (let index = 0; index < values.length; index++) text += before[index] + (values[index] ?? 'null');
  return text + end;
}

/** What is no longer waited for may fail unheard. */
function forget({ waiting }: Parts): void {
  for (const promise of waiting ?? []) promise.catch(() => {});
}

/** The same for the entries of a list that are not written yet. */
function forgetEntries({ entries, index }: List): void {
  for (let at = index; at < entries.length; at++) {
    const entry = entries[at];
    if (isPromise(entry)) entry.then(undefined, () => {});
  }
}

/** The fields of a mutation, one after the other. */
async function writeSerially(run: Run, { fields, failure }: ObjectPlan, source: unknown): Promise<string> {
  if (failure) throw failure;
  const texts: string[] = [];
  for (const field of fields) texts.push(field.keyText + ((await writeField(run, field, source, undefined)) ?? 'null'));
  return `{${texts.join(',')}}`;
}

function writeField(run: Run, plan: FieldPlan, source: unknown, parentPath: Path | undefined): Written {
  const { field, value } = plan;
  const { resolve } = field;
  const path: Path = { prev: parentPath, key: plan.key, typename: plan.parent.name };
  try {
    let result: unknown;
    if (!resolve && typeof source === 'object' && source !== null) {
      result = (source as Record<string, unknown>)[field.name];
      if (typeof result === 'function') result = callResolver(run, plan, source, path);
    } else result = callResolver(run, plan, source, path);
    if (isPromise(result)) return writePromised(run, plan, value, result, path);
    const written = writeValue(run, plan, value, result, path);
    return isPending(written) ? written.catch((error) => handleError(run, plan, value, error, path)) : written;
  } catch (error) {
    return handleError(run, plan, value, error, path);
  }
}

function callResolver(run: Run, plan: FieldPlan, source: unknown, path: Path): unknown {
  const { args } = run;
  const resolve = plan.field.resolve ?? args.fieldResolver;
  // A field is asked for by one node at least.
  const [node] = plan.nodes as [FieldNode];
  const given = plan.args ?? argumentsOf(plan.field, node, args.variableValues, args.hideSuggestions);
  return resolve(source, given, args.contextValue, new ResolveInfo(args, plan, path));
}

/** What resolvers are told beside their arguments. Made for every value and hardly ever asked, so it holds little. */
class ResolveInfo implements GraphQLResolveInfo {
  readonly path: Path;
  readonly #args: ValidatedExecutionArgs;
  readonly #plan: FieldPlan;

  constructor(args: ValidatedExecutionArgs, plan: FieldPlan, path: Path) {
    this.#args = args;
    this.#plan = plan;
    this.path = path;
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

async function writePromised(
  run: Run,
  plan: FieldPlan,
  value: ValuePlan,
  promised: PromiseLike<unknown>,
  path: Path,
): Promise<string | null> {
  run.promised++;
  try {
    if (run.promised > run.room.promised) leaveNoRoom(run, promised);
    const result = await promised;
    // Where more is asked for below them, values are written at once: what they ask for together is read together.
    const pause = run.quiet.has(plan) ? pauseInLine(run) : null;
    if (pause) await pause;
    const before = run.promised;
    const written = writeValue(run, plan, value, result, path);
    if (run.promised > before) run.quiet.delete(plan);
    else if (result != null && isOfOneType(value)) run.quiet.add(plan);
    return await written;
  } catch (error) {
    return handleError(run, plan, value, error, path);
  }
}

/** Ends the writing of an answer for which too much is promised. */
function leaveNoRoom(run: Run, promised: PromiseLike<unknown>): never {
  // Nothing waits for this promise any more. Without a handler its rejection would end the process.
  promised.then(undefined, () => {});
  run.left = Number.NEGATIVE_INFINITY;
  throw new Error('Too much is promised.');
}

function pace({ room, left, pace }: Run): Promise<void> | null {
  return pace(room.characters - left);
}

/** Null while values may be written on; else resolves when it is this one's turn: thousands may wait. */
function pauseInLine(run: Run): Promise<void> | null {
  const { waiting } = run;
  const pause = waiting.size > 0 ? null : pace(run);
  if (waiting.size === 0 && !pause) return null;
  return new Promise((goOn, giveUp) => {
    waiting.add({ goOn, giveUp });
    if (pause) void serveInLine(run, pause);
  });
}

async function serveInLine(run: Run, firstPause: Promise<void>): Promise<void> {
  const { waiting } = run;
  try {
    await firstPause;
    for (const value of waiting) {
      value.goOn();
      // It is written before this goes on.
      await Promise.resolve();
      const pause = pace(run);
      if (pause) await pause;
      waiting.delete(value);
    }
  } catch (error) {
    for (const { giveUp } of waiting) giveUp(error);
    waiting.clear();
  }
}

function isOfOneType(value: ValuePlan): boolean {
  return value.kind === 'list' ? isOfOneType(value.item) : value.kind === 'leaf' || isObjectType(value.type);
}

function writeValue(run: Run, plan: FieldPlan, value: ValuePlan, result: unknown, path: Path): Written {
  if (result instanceof Error) throw result;
  if (result == null) return value.isNonNull ? nullForbidden(plan) : null;
  if (value.kind === 'leaf') {
    const text = value.write(result);
    takeRoom(run, text.length);
    return text;
  }
  if (value.kind === 'list') return writeList(run, plan, value.item, result, path);
  return writeComposite(run, plan, value, result, path);
}

function takeRoom(run: Run, characters: number): void {
  run.left -= characters;
  if (run.left < 0) throw new Error('There is no room for it.');
}

function nullForbidden({ parent, field }: FieldPlan): never {
  throw new Error(`Cannot return null for non-nullable field ${parent.name}.${field.name}.`);
}

function writeList(run: Run, plan: FieldPlan, item: ValuePlan, result: unknown, path: Path): Written {
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
  readonly plan: FieldPlan;
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
      const pause = run.promised === promised ? pace(run) : null;
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

/**
 * Joined text is a tree until its bytes are asked for; then V8 puts it together. Done at each pause, because to put
 * together a large answer at its end would be one long turn.
 */
function flatten(text: string): void {
  Buffer.byteLength(text);
}

function writeItem(run: Run, plan: FieldPlan, item: ValuePlan, entry: unknown, path: Path): Written {
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
  plan: FieldPlan,
  { type, planOf }: Extract<ValuePlan, { kind: 'object' }>,
  result: unknown,
  path: Path,
): Written {
  if (isObjectType(type)) return writeObject(run, planOf(type), result, path);
  const resolveType = type.resolveType ?? run.args.typeResolver;
  const name = resolveType(result, run.args.contextValue, new ResolveInfo(run.args, plan, path), type);
  const write = (settled: unknown) => writeObject(run, planOf(runtimeType(run, plan, type, settled)), result, path);
  return isPromise(name) ? Promise.resolve(name).then(write) : write(name);
}

function runtimeType({ args }: Run, plan: FieldPlan, type: GraphQLAbstractType, name: unknown) {
  const { schema } = args;
  const { parent, field, nodes } = plan;
  if (name == null)
    throw new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${parent.name}.${field.name}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  const runtime = typeof name === 'string' ? schema.getType(name) : null;
  if (isObjectType(runtime) && schema.isSubType(type, runtime)) return runtime;
  throw new GraphQLError(`Abstract type "${type.name}" was not resolved to one of its object types.`, { nodes });
}

/** Notes an error; throws it on where null is not allowed, so that the parent becomes null. */
function handleError(run: Run, { nodes }: FieldPlan, value: ValuePlan, error: unknown, path: Path): null {
  if (run.left < 0) throw error;
  const located = locatedError(error, nodes, responsePathAsArray(path));
  if (value.isNonNull) throw located;
  takeRoom(run, charactersOf(located));
  addError(run, located, path);
  return null;
}

/** The approximate size of an error in the answer: with its code, its locations, and its path, which repeats every alias. */
function charactersOf({ message, path = [] }: GraphQLError): number {
  let characters = 100 + message.length;
  for (const key of path) characters += typeof key === 'string' ? key.length + 3 : 4;
  return characters;
}

function addError({ errors, nulled }: Run, error: GraphQLError, path: Path | undefined): void {
  for (let place = path; place; place = place.prev) if (nulled.has(place)) return;
  if (nulled.has(undefined)) return;
  nulled.add(path);
  errors.push(error);
}

function isPending(written: Written): written is Promise<string | null> {
  return typeof written === 'object' && written !== null;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
