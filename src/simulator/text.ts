import type { Call } from './call.ts';
import { badRequest } from './error.ts';

/** A text as it is stored: trimmed (FACTS 10); MariaDB's three-byte utf8 has no room for an emoji (FACTS 30). */
export function storedText(call: Call, text: string | null | undefined): string | null {
  if (call.region.store.mariadb && text && hasFourByteCharacter(text)) {
    throw badRequest('Error writing field to database');
  }
  return text?.trim() ?? null;
}

/** Whether the text has a character, such as an emoji, that takes four bytes in UTF-8. */
export function hasFourByteCharacter(text: string): boolean {
  return /[\u{10000}-\u{10ffff}]/u.test(text);
}
