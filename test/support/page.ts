import { readFileSync } from 'node:fs';

/** The page that leads from a token to the first query. */
export const keystonePage = readFileSync(new URL('../../docs/keystone.md', import.meta.url), 'utf8');

/** The blocks of shell under a heading of a page, up to the next heading. */
export function shellUnder(heading: string, page = keystonePage): string[] {
  const [, text = ''] = page.split(new RegExp(`^#+ ${heading}\n`, 'm'));
  const section = text.split(/^#+ /m)[0] ?? '';
  return Array.from(section.matchAll(/^```sh\n([\s\S]*?)^```$/gm), ([, block = '']) => block);
}
