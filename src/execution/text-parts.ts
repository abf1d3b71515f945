/** The text of a value, or null; later where it has to be waited for. */
export type Written = string | null | Promise<string | null>;

export function isPending(written: Written): written is Promise<string | null> {
  return typeof written === 'object' && written !== null;
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Text, and in it the places of what has to be waited for. */
export interface Parts {
  /** Behind the last place. */
  text: string;
  /** What stands before each place, and what will stand there. */
  before: string[] | null;
  waiting: Promise<string | null>[] | null;
}

export function createParts(): Parts {
  return { text: '', before: null, waiting: null };
}

export function addTo(parts: Parts, written: Written): void {
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

export function whole({ text, before, waiting }: Parts): string | Promise<string> {
  return before && waiting ? join(before, waiting, text) : text;
}

async function join(before: readonly string[], waiting: readonly Promise<string | null>[], end: string) {
  const values = await Promise.all(waiting);
  let text = '';
  for (let index = 0; index < values.length; index++) text += before[index] + (values[index] ?? 'null');
  return text + end;
}

/** Ignores the rejections of promises that are not awaited: an unhandled rejection would end the process. */
export function forget({ waiting }: Parts): void {
  for (const promise of waiting ?? []) promise.catch(() => {});
}

/**
 * Joined text is a tree until its bytes are asked for; then V8 puts it together. Done at each pause, because to put
 * together a large answer at its end would be one long turn; and to promised text, because a tree keeps all that it was
 * made of, rows included, and the promise keeps the tree until the next full collection. Also done to text that is kept with
 * an object: a tree of twelve fields takes five times the memory, and every later answer would walk it again.
 */
export function flatten(text: string): void {
  Buffer.byteLength(text);
}
