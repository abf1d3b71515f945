/** What a column holds. */
export type Value = string | number | boolean | null;

/** The order of two column values, ascending: nulls first (FACTS 22), texts by code point or without case (FACTS 30). */
export function compareValues(a: Value, b: Value, ignoreCase: boolean): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(fold(a, ignoreCase), fold(b, ignoreCase));
  return Number(a) - Number(b);
}

/** Whether two texts are one to the database. */
export function sameText(a: string | null, b: string, ignoreCase: boolean): boolean {
  return a !== null && fold(a, ignoreCase) === fold(b, ignoreCase);
}

function fold(text: string, ignoreCase: boolean): string {
  return ignoreCase ? text.toLowerCase() : text;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [unitA, unitB] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (unitA !== unitB) return weight(unitA) - weight(unitB);
  }
  return a.length - b.length;
}

/** Lifts surrogates above the rest of the basic plane, so that code units compare as code points do. */
function weight(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;
}
