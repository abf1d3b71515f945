import type { Seed } from './random.ts';

const SUBJECTS = [
  ...[
    'database',
    '데이터베이스',
    'web',
    '웹서버',
    'Logs',
    '로그',
    'backup',
    '백업',
    'cache',
    'Media',
    '미디어',
    'mail',
  ],
  ...['검색', 'search-index', 'CI', 'Registry', '결제', 'payment', 'analytics', '분석', 'game-server', '게임서버'],
] as const;
const SUFFIXES = ['data', 'root', 'DATA', '데이터', 'boot', 'archive', '보관', 'tmp', 'scratch'] as const;
const STAGES = ['prod', 'staging', 'dev', '운영', '개발'] as const;

/** Names that stand for themselves: an emoji, one name in three cases, odd characters, an empty one. */
const SPECIAL = [
  '💾 backup disk',
  'DATA',
  'data',
  'Data',
  '백업 🗄️',
  'a,b:c&d=e',
  'quote "x" <y>',
  '볼륨 #1',
  '',
] as const;

/** A name for a seeded row: each eighth has none, two names in a row are now and then the same. */
export function seedName(seed: Seed, noun: string, index: number): string | null {
  const special = SPECIAL[index - 20];
  if (special !== undefined) return special;
  if (index % 8 === 7) return null;
  // Two neighbours share what they are named after: duplicates.
  const source = index % 12 === 5 ? index - 1 : index;
  const subject = seed.pick(`${noun}-subject`, source, SUBJECTS);
  const stage = seed.pick(`${noun}-stage`, source, STAGES);
  const suffix = seed.pick(`${noun}-suffix`, source, SUFFIXES);
  return `${subject}-${stage}-${suffix}`;
}
