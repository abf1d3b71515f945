/** How Python prints a JSON value inside a message: `repr()`. Cinder quotes what it was sent that way. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object') {
    const items = Object.entries(value).map(([key, item]) => `${quote(key)}: ${pythonRepr(item)}`);
    return `{${items.join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** How Python prints a JSON value on its own: `str()`, which leaves a string bare. */
export function pythonStr(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** Python's `int()` of a text: spaces around, a sign and underscores between digits are fine; `undefined` if it is none. */
export function pythonInt(text: string): number | undefined {
  return /^\s*[+-]?\d+(_\d+)*\s*$/.test(text) ? Number(text.replaceAll('_', '')) : undefined;
}

/** The words Cinder takes for a boolean, in the order its message lists them. */
export const BOOLEAN_WORDS: readonly (boolean | string)[] = [
  ...[true, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', 'y', 't'],
  ...[false, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no', 'n', 'f'],
];

/** Reads one of {@link BOOLEAN_WORDS}; anything else, also nothing at all, is false. */
export function pythonBool(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(true|1|on|yes|y|t)$/i.test(value.trim()));
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(mark, `\\${mark}`);
  return `${mark}${escaped}${mark}`;
}
