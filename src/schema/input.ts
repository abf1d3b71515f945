import { z } from 'zod';

/*
 * What inputs may hold, checked before any call. The limits are the upstream's own (FACTS 10; cinder/api/schemas and
 * cinder/api/validation). Lengths count code points, as Python's do. Texts are never repeated in messages: one of them is
 * a secret.
 */

const maxCharacters = 255;
/* Messages go on behind the name of the argument. */
const tooLong = `has more than ${maxCharacters} characters.`;
/** What a client makes of an emoji that it cuts in two. JSON can carry it, and no region can store it. */
const malformed = 'holds half of a surrogate pair, which is no character.';

/** Text that is well-formed and of any length: the upstream limits it, if anything does. */
export const freeText = z
  .string()
  .refine((text) => text.isWellFormed(), malformed)
  .nullish();

/** A name or a description, which the upstream trims. */
export const trimmedText = freeText.refine((text) => isShort(text?.trim() ?? ''), tooLong);

/** A text that the upstream does not trim. */
export const shortText = freeText.refine((text) => isShort(text ?? ''), tooLong);

/** A text to filter by. In a long name a long part would be looked for in time with the square of their length. */
export const filterText = z.string().refine(isShort, tooLong).nullish();

/** A text that must not be blank. */
export const requiredText = z
  .string()
  .refine((text) => text.isWellFormed(), malformed)
  .refine((text) => text.trim().length > 0, 'must not be blank.')
  .refine(isShort, tooLong);

/** Texts to filter by. */
export const filterTexts = z.array(z.string().refine(isShort, tooLong)).nullish();

/** Keys and values of at most 255 characters; the values are text. */
export const metadataObject = z
  .unknown()
  .refine(isMetadata, 'must have keys of 1 to 255 characters, and text of at most 255 as values.');

function isMetadata(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return Object.entries(value).every(
    ([key, text]) => key.length > 0 && isMetadataText(key) && typeof text === 'string' && isMetadataText(text),
  );
}

function isMetadataText(text: string): boolean {
  return isShort(text) && text.isWellFormed();
}

function isShort(text: string): boolean {
  // A code point has two units at most, so a long text need not be counted.
  return text.length <= maxCharacters || (text.length <= 2 * maxCharacters && Array.from(text).length <= maxCharacters);
}
