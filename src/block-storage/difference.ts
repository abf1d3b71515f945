/** Where a body differs from the one before: all bytes before `from` and all from `to` on are the same. */
export interface Difference {
  /** An offset in both bodies. */
  readonly from: number;
  /** An offset in the body before. */
  readonly to: number;
}

/** The one range in which two bodies differ, as short as it can be; null if they are equal. */
export function differenceOf(before: Buffer, now: Buffer): Difference | null {
  const shorter = Math.min(before.length, now.length);
  const from = commonPrefix(before, now, shorter);
  if (from === shorter && before.length === now.length) return null;
  return { from, to: before.length - commonSuffix(before, now, shorter - from) };
}

/** Bytes below which comparing them one by one is faster than a call of `compare`. */
const fewBytes = 8;

/** The number of equal bytes at the beginning, at most `most`. Halves the range by comparing whole ranges. */
function commonPrefix(a: Buffer, b: Buffer, most: number): number {
  let [same, end] = [0, most];
  while (end - same > fewBytes) {
    const middle = (same + end) >> 1;
    if (a.compare(b, same, middle, same, middle) === 0) same = middle;
    else end = middle;
  }
  while (same < most && a[same] === b[same]) same++;
  return same;
}

/** The number of equal bytes at the end, at most `most`. */
function commonSuffix(a: Buffer, b: Buffer, most: number): number {
  let [same, end] = [0, most];
  while (end - same > fewBytes) {
    const middle = (same + end) >> 1;
    const inA = a.length - middle;
    const inB = b.length - middle;
    if (a.compare(b, inB, b.length - same, inA, a.length - same) === 0) same = middle;
    else end = middle;
  }
  while (same < most && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  return same;
}
