import type { z } from 'zod';
import { withoutPassword } from '../regions.ts';
import { wordsOf } from './parsers.ts';

/** Reads `CORS_ORIGINS`. */
export function readOrigins(text: string, context: z.RefinementCtx): string[] {
  const origins = wordsOf(text);
  for (const origin of origins) {
    const problem = originProblem(origin);
    if (problem) context.addIssue(`"${withoutPassword(origin)}" ${problem}`);
  }
  return origins;
}

/**
 * What is wrong with an entry, and what to write instead; null if a browser can send it as `Origin`. The header is compared
 * byte by byte.
 */
function originProblem(text: string): string | null {
  const example = 'such as https://console.example';
  if (text.includes('*')) return `holds a wildcard, which matches nothing: write each origin in full, ${example}`;
  if (!/^https?:\/\//i.test(text)) return `must begin with https:// or http://: write an origin ${example}`;
  const url = URL.parse(text);
  if (!url || !hostPattern.test(url.hostname)) return `has no valid host: write an origin ${example}`;
  return url.origin === text ? null : `is not what browsers send: write ${url.origin}`;
}

/** Allows more than DNS does, such as `_`: browsers load pages of such hosts. IPv6 literals have been parsed before. */
const hostPattern = /^(?:\[[0-9a-f:]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)$/;
