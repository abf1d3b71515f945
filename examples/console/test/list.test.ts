import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_REGIONS } from '../../../src/simulator/demo.ts';
import { launchBrowser, openConsole } from './support/console.ts';
import { startStack } from './support/stack.ts';
import { labelOf, tenant, volumesOf } from './support/volume.ts';

/* The list of volumes: its pages, its order and its filters. */

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

test('“load more” leads to the end of the list, with every volume of every region once', async () => {
  await using stack = await startStack({ seed: true });
  await using console = await openConsole(browser, stack);
  const { page, button } = console;
  await console.signIn();
  const all = volumesOf(stack);
  for (let shown = 25; shown < all.length; shown += 25) {
    await page.getByText(`${shown} of ${all.length} shown`).waitFor();
    await button('Load more').click();
  }
  await page.getByText(`${all.length} of ${all.length} shown`).waitFor();
  expect(await button('Load more').count()).toBe(0);
  expect((await console.column(0)).sort()).toEqual(all.map(labelOf).sort());
});

test('after signing in the focus is on the heading, and a long name breaks within its cell', async () => {
  await using stack = await startStack();
  stack.simulator.store('kr1').addVolume(tenant, { name: 'x'.repeat(255), status: 'available' });
  await using console = await openConsole(browser, stack, { viewport: { width: 360, height: 640 } });
  const { page } = console;
  await console.signIn();
  await console.ready();
  expect(await page.locator('h1').evaluate((heading) => heading === document.activeElement)).toBe(true);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
});

test('the header of a column orders the list, and says how', async () => {
  await using stack = await startStack({ seed: true });
  await using console = await openConsole(browser, stack);
  const { page, button } = console;
  const sizes = volumesOf(stack).map(({ size }) => size);
  const header = (name: string) => page.getByRole('columnheader', { name });
  const shownSizes = async () => (await console.column(4)).map((text) => Number(text.replace(/\D/g, '')));
  await console.signIn();
  await console.ready();
  expect(await header('Created').getAttribute('aria-sort')).toBe('descending');

  await button('Size').click();
  await expect.poll(shownSizes).toEqual(sizes.toSorted((one, other) => other - one).slice(0, 25));
  expect(await header('Size').getAttribute('aria-sort')).toBe('descending');
  expect(await header('Created').getAttribute('aria-sort')).toBe('none');

  await button('Size').click();
  await expect.poll(shownSizes).toEqual(sizes.toSorted((one, other) => one - other).slice(0, 25));
  expect(await header('Size').getAttribute('aria-sort')).toBe('ascending');
});

test('filters by name, status and region work together, and can be cleared', async () => {
  await using stack = await startStack({ seed: true });
  await using console = await openConsole(browser, stack);
  const { page, button } = console;
  const names = async () => (await console.column(0)).sort();
  const wanted = (regions: readonly string[], status: string[]) =>
    volumesOf(stack, regions)
      .filter((volume) => volume.name?.toLowerCase().includes('web') && status.includes(volume.status))
      .map(labelOf)
      .sort();
  await console.signIn();
  await console.ready();
  const filters = page.getByRole('search', { name: 'Filters' });
  await filters.getByLabel('Name contains').fill('WEB');
  await filters.getByRole('combobox', { name: 'Status' }).selectOption('In use');
  const inAllRegions = wanted(DEMO_REGIONS, ['in-use']);
  await expect.poll(names).toEqual(inAllRegions);
  await filters.getByRole('combobox', { name: 'Region' }).selectOption('Japan');
  const inJapan = wanted(['jp1'], ['in-use']);
  expect(inJapan.length).toBeGreaterThan(0);
  expect(inJapan.length).toBeLessThan(inAllRegions.length);
  await expect.poll(names).toEqual(inJapan);

  await filters.getByLabel('Name contains').fill('no such name');
  await page.getByText('No volume matches the filters.').waitFor();
  await button('Clear filters').click();
  await page.getByText('25 of 360 shown').waitFor();
});

test('a page that comes short says so, and the list can be gone on with', async () => {
  await using stack = await startStack({
    regions: [{ code: 'kr1', maxLimit: 2 }],
    environment: { REQUEST_TIMEOUT_MS: '600' },
  });
  await using console = await openConsole(browser, stack);
  const { page, button } = console;
  // Newest first: one that is wanted lies at the beginning and one at the end, too far for one page.
  const names = ['wanted and rare', ...Array.from({ length: 28 }, () => 'other'), 'wanted'];
  for (const name of names) stack.simulator.store('kr1').addVolume(tenant, { name });
  await console.signIn();
  await console.ready();
  stack.simulator.inject({ kind: 'delay', ms: 50 });
  await page.getByLabel('Name contains').fill('wanted');
  await page.getByText('This page came short because there is much to look through').waitFor();
  expect(await console.column(0)).toEqual(['wanted']);
  await expect
    .poll(async () => {
      if (await button('Load more').isVisible()) await button('Load more').click();
      return console.column(0);
    })
    .toEqual(['wanted', 'wanted and rare']);
  await button('Load more').waitFor({ state: 'detached' });
  expect(await page.getByText('This page came short').count()).toBe(0);

  await page.getByLabel('Name contains').fill('rare');
  await page.getByText('Nothing found so far, but the list goes on.').waitFor();
  await button('Load more').waitFor();
});
