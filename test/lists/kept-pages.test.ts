import { expect, test } from 'vitest';
import { createKeptPages, type KeptPage } from '../../src/block-storage/kept-pages.ts';

/* Which pages are kept, and for how much memory. */

const mib = 1024 * 1024;
const warn = () => {};

/** A page that counts as `bytes` bytes: its body counts twice. */
function pageOf(bytes: number): KeptPage {
  return { body: Buffer.alloc(bytes / 2), spans: [], rows: [], rest: {} };
}

test('a page is kept from its second reading on', () => {
  const pages = createKeptPages(mib, warn);
  expect([pages.noteMiss('a', undefined), pages.noteMiss('a', undefined), pages.noteMiss('b', undefined)]).toEqual([
    false,
    true,
    false,
  ]);
  pages.close();
});

test('a page whose rows change each time is kept less and less often, at last one time in 64', () => {
  const pages = createKeptPages(mib, warn);
  const kept: number[] = [];
  for (let reading = 0; reading < 1000; reading++) {
    if (!pages.noteMiss('a', pages.find('a'))) continue;
    kept.push(reading);
    pages.keep('a', 'alice', pageOf(2));
  }
  const pauses = kept.map((reading, index) => reading - (kept[index - 1] ?? 0)).slice(1);
  expect(pauses.slice(0, 6)).toEqual([2, 4, 8, 16, 32, 64]);
  expect(new Set(pauses.slice(6))).toEqual(new Set([64]));
  pages.close();
});

test('a page that was of use once is kept at once again', () => {
  const pages = createKeptPages(mib, warn);
  pages.noteMiss('a', pages.find('a'));
  for (let time = 0; time < 50; time++) pages.noteMiss('a', pages.find('a'));
  pages.noteHit('a');
  expect(pages.noteMiss('a', pages.find('a'))).toBe(true);
  pages.close();
});

test('one owner may have half of the memory, also beside another one', () => {
  const pages = createKeptPages(16 * mib, warn);
  const fill = (owner: string) => {
    const keys = Array.from({ length: 20 }, (_, index) => `${owner} ${index}`);
    for (const key of keys) pages.keep(key, owner, pageOf(mib));
    return keys.filter((key) => pages.find(key)).length;
  };
  expect([fill('alice'), fill('bob')]).toEqual([8, 8]);
  pages.close();
});

test('10,000 owners together stay within the memory', () => {
  const pages = createKeptPages(16 * mib, warn);
  const owners = Array.from({ length: 10_000 }, (_, index) => `owner ${index}`);
  for (const owner of owners) pages.keep(owner, owner, pageOf(64 * 1024));
  const kept = owners.filter((owner) => pages.find(owner)).length;
  expect(kept).toBeGreaterThan(100);
  expect(kept * 64 * 1024).toBeLessThanOrEqual(16 * mib);
  pages.close();
});

test('a page that another request has kept meanwhile stays', () => {
  const pages = createKeptPages(mib, warn);
  const found = pages.find('a');
  pages.keep('a', 'alice', pageOf(2));
  pages.noteMiss('a', found);
  expect(pages.find('a')).toBeDefined();
  pages.close();
});

test('a page that replaces another one takes the place of its memory', () => {
  const pages = createKeptPages(4 * mib, warn);
  for (let time = 0; time < 50; time++) pages.keep('a', 'alice', pageOf(mib));
  pages.keep('b', 'alice', pageOf(mib));
  expect([pages.find('a'), pages.find('b')]).not.toContain(undefined);
  pages.close();
});

test('a page for which its owner has no room is due less and less often', () => {
  const pages = createKeptPages(mib, warn);
  pages.noteMiss('a', pages.find('a'));
  const due = Array.from({ length: 15 }, () => {
    const isDue = pages.noteMiss('a', pages.find('a'));
    if (isDue) pages.keep('a', 'alice', pageOf(mib));
    return isDue ? 1 : 0;
  });
  expect(due.join('')).toBe('101000100000001');
  pages.close();
});
