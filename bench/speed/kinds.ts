/*
 * The kinds of answers and callers that a server meets.
 */

/** What differs between one request and the next, and how that is called in the report. */
export const kinds = {
  same: 'The upstream answers the same bytes every time',
  oneRow: 'The first row of every answer differs from the answer before',
  everyRow: 'Every row of every answer differs from the answer before',
  cold: 'Every request comes from another tenant and token, which the server has not seen before',
} as const;

export type Kind = keyof typeof kinds;

// The keys of an object literal are those of its type.
export const kindNames = Object.keys(kinds) as Kind[];

/** How the upstream answers from now on. */
export interface Mood {
  readonly kind: Kind;
  readonly delayMs: number;
}

/** What is measured with load: the kinds, and a slow upstream that answers the same bytes every time. */
export const loadNames = [...kindNames, 'delayed'] as const;
export type LoadName = (typeof loadNames)[number];

export const moodOf = (load: LoadName): Mood =>
  load === 'delayed' ? { kind: 'same', delayMs: 10 } : { kind: load, delayMs: 0 };
