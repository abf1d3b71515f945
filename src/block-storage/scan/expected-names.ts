import { comma, openBrace, quote, type Source, separatorEnd, spaceEnd, stringEnd } from './grammar.ts';

/**
 * The bytes before the value of a member, from the brace or comma to the colon: `, "size":`. Nearly all rows name the same
 * members in the same order with the same white space, so each prefix knows which one followed it last. To compare bytes
 * with an expected prefix is much faster than to read a name.
 *
 * A prefix is right forever: only valid JSON becomes one, and its member depends on its bytes alone. What follows it is only
 * a guess, so no answer can make the next one be read wrongly.
 */
export interface Prefix {
  /** The bytes, in little-endian integers. The last integer holds the last four bytes and may overlap the one before. */
  readonly fours: readonly number[];
  readonly length: number;
  readonly name: string;
  /** The position of the member among the wanted ones; -1 if it is not wanted. */
  readonly position: number;
  next: Prefix | null;
}

/** The prefixes that objects of one kind are expected to have. */
export interface ExpectedNames {
  /** Stands before the first prefix of each object. */
  readonly start: Prefix;
  /** The prefix at an offset, which follows another prefix and its value. Null if no prefix stands there. */
  readonly next: (source: Source, from: number, previous: Prefix) => Prefix | null;
}

/** @param members those that are wanted; each has its position in this list. */
export function createExpectedNames(members: readonly string[]): ExpectedNames {
  const positions = new Map(members.map((member, position) => [member, position]));
  const known = new Map<string, Prefix>();
  const start: Prefix = { name: '', fours: [], length: 0, position: -1, next: null };

  /** All are forgotten at once if objects bring ever more. `start` is the only one that leads from here to forgotten ones. */
  function keep(text: string, prefix: Prefix): void {
    if (known.size === mostPrefixes) {
      known.clear();
      start.next = null;
    }
    known.set(text, prefix);
  }

  /** Reads a prefix that is not the expected one, and expects it there from now on. */
  function read(source: Source, from: number, previous: Prefix): Prefix | null {
    const end = prefixEnd(source, from, previous === start ? openBrace : comma);
    if (end === 0) return null;
    const text = source.bytes.toString('latin1', from, end);
    let prefix = known.get(text);
    if (!prefix) {
      const name = nameIn(source.bytes.toString('utf8', from, end));
      prefix = {
        name,
        fours: foursIn(source, from, end),
        length: end - from,
        position: positions.get(name) ?? -1,
        next: null,
      };
      if (prefix.length > longestPrefix) return prefix;
      keep(text, prefix);
    }
    previous.next = prefix;
    return prefix;
  }

  return {
    start,
    next(source, from, previous) {
      const expected = previous.next;
      return expected !== null && standsAt(expected, source, from) ? expected : read(source, from, previous);
    },
  };
}

/** Whether a prefix stands at an offset. */
function standsAt({ fours, length }: Prefix, { view }: Source, from: number): boolean {
  const last = from + length - 4;
  if (last + 4 > view.byteLength) return false;
  const overlapping = fours.length - 1;
  for (let index = 0; index < overlapping; index++)
    if (view.getInt32(from + 4 * index, true) !== fours[index]) return false;
  return view.getInt32(last, true) === fours[overlapping];
}

/** Goes through `( begin-object / value-separator ) string name-separator`, with the white space around them. */
function prefixEnd(source: Source, from: number, before: number): number {
  const { bytes } = source;
  const at = spaceEnd(source, from);
  if (bytes[at] !== before) return 0;
  const nameAt = spaceEnd(source, at + 1);
  const nameEnd = bytes[nameAt] === quote ? stringEnd(source, nameAt) : 0;
  return nameEnd === 0 ? 0 : separatorEnd(source, Math.abs(nameEnd));
}

/** The name in a prefix. */
function nameIn(prefix: string): string {
  return JSON.parse(prefix.slice(prefix.indexOf('"'), prefix.lastIndexOf('"') + 1));
}

/** The bytes from one offset to another, as in `Prefix`. There are four at least: the shortest prefix is `{"":`. */
function foursIn({ view }: Source, from: number, to: number): number[] {
  const fours: number[] = [];
  for (let at = from; at < to - 4; at += 4) fours.push(view.getInt32(at, true));
  fours.push(view.getInt32(to - 4, true));
  return fours;
}

/** The most prefixes that are kept. A row of the guide has about 25 members. */
const mostPrefixes = 64;

/** In bytes. A longer prefix is read each time. */
const longestPrefix = 128;
