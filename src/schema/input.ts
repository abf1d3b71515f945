import { z } from 'zod';

/*
 * What inputs may hold, checked before any call; the upstream's own limits (FACTS 10). Texts are never repeated in
 * messages: one of them is a secret.
 */

/** A name: 255 characters at most once trimmed, as the upstream trims it. */
export const nameText = z
  .string()
  .nullish()
  .refine((name) => (name?.trim().length ?? 0) <= 255, 'at most 255 characters are allowed.');

/** Part of a name. In a long name a long part would be looked for in time with the square of their length. */
export const filterText = z.string().max(255, 'at most 255 characters are allowed.').nullish();

/** Texts to filter by. */
export const filterTexts = z.array(z.string().max(255, 'at most 255 characters are allowed.')).nullish();

/** A text that must not be blank. */
export const requiredText = z
  .string()
  .refine((text) => text.trim().length > 0, 'must not be blank.')
  .refine((text) => text.length <= 255, 'at most 255 characters are allowed.');

/** Keys and values of at most 255 characters; the values are text. */
export const metadataObject = z
  .unknown()
  .refine(isMetadata, 'keys of 1 to 255 characters and text values of at most 255 are allowed.');

function isMetadata(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return Object.entries(value).every(
    ([key, text]) => key.length > 0 && key.length <= 255 && typeof text === 'string' && text.length <= 255,
  );
}
