/*
 * Readers of single wire values. Each takes anything and gives null for what it cannot read, so that one odd value
 * costs its own field and never the row.
 */

/** A JSON object as it came: every member unknown until read. */
export type Wire = Readonly<Record<string, unknown>>;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** A UUID in lower case. */
export function decodeUuid(value: unknown): string | null {
  return typeof value === 'string' && isUuid(value) ? value.toLowerCase() : null;
}

/** Text; the word `"null"`, which the guide's upload sample has where null is meant, is null. */
export function decodeText(value: unknown): string | null {
  return typeof value === 'string' && value !== 'null' ? value : null;
}

/** A name is the user's own: the word `"null"` may be one. */
export function decodeName(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** An integer of 32 bits, or its digits as text. */
export function decodeInteger(value: unknown): number | null {
  const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && (number | 0) === number ? number : null;
}

/** A boolean, or its word as text, as in `bootable` (FACTS 13). */
export function decodeBoolean(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : null;
  return word === 'true' ? true : word === 'false' ? false : null;
}

/**
 * A time as UTC text with exactly six digits of a second, `2018-12-18T05:43:12.000000Z`, so that times compare as
 * text. The wire has it with or without a fraction, and with no zone (FACTS 12), `Z` or an offset.
 */
export function decodeTime(value: unknown): string | null {
  // As nearly all are, and nothing is to be reckoned.
  if (typeof value === 'string' && plainTimePattern.test(value)) return `${value}Z`;
  const parts = typeof value === 'string' ? timePattern.exec(value) : null;
  if (!parts) return null;
  const [, date, time, fraction = '', zone = 'Z'] = parts;
  const instant = Date.parse(`${date}T${time}${zone}`);
  if (Number.isNaN(instant)) return null;
  return `${new Date(instant).toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

/** A day that every year has, to the microsecond, in UTC. */
const plainTimePattern =
  /^\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}$/;

const timePattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;

export function isObject(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object of free keys, such as metadata. */
export function decodeObject(value: unknown): Wire | null {
  return isObject(value) ? value : null;
}

/** The objects of a list; anything else in it is left out. */
export function decodeObjects(value: unknown): Wire[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
