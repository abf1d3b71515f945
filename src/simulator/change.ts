/** A status change under way: a row is in its present status until `at`, then in `to`, or gone (FACTS 27). */
export interface Change {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly to: string | typeof GONE;
}

/** What a deleted row changes to. */
export const GONE: unique symbol = Symbol('gone');

/**
 * When and to what a row changes. The name steers the simulated backend: `fail-create…` ends in `error`,
 * `fail-delete…` in `error_deleting`, and `slow-<seconds>…` takes that much longer.
 */
export function planChange(
  name: string | null,
  kind: 'create' | 'delete',
  target: Change['to'],
  start: number,
  delayMs: number,
): Change {
  const slowSeconds = Number(/^slow-(\d+(?:\.\d+)?)/.exec(name ?? '')?.[1] ?? 0);
  const at = start + delayMs + slowSeconds * 1000;
  if (name?.startsWith(`fail-${kind}`)) return { at, to: kind === 'create' ? 'error' : 'error_deleting' };
  return { at, to: target };
}
