/** A time as the API writes it: UTC without a zone, microseconds, `2026-11-24T15:57:52.401048` (FACTS 12). */
export function formatTime(epochMs: number): string {
  const micros = Math.round(epochMs * 1000);
  const wholeMs = Math.floor(micros / 1000);
  const rest = String(micros - wholeMs * 1000).padStart(3, '0');
  return `${new Date(wholeMs).toISOString().slice(0, -1)}${rest}`;
}

/** A time as the database keeps it: MariaDB keeps whole seconds, `2026-11-24T15:57:52.000000` (FACTS 12). */
export function storedTime(time: string, mariadb: boolean): string {
  return mariadb ? `${time.slice(0, 19)}.000000` : time;
}

/** Milliseconds since 1970 with microsecond resolution: rows made in a burst still have an order. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
