import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_REGIONS } from '../../../src/simulator/demo.ts';
import { type Console, launchBrowser, openConsole } from './support/console.ts';
import { identity, type Stack, startStack } from './support/stack.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

const { tenant } = identity;

/** How the page calls a row of the simulator. */
const labelOf = ({ id, name }: { id: string; name: string | null }) => name || `Unnamed ${id.slice(0, 8)}`;

const volumesOf = (stack: Stack, regions: readonly string[] = DEMO_REGIONS) =>
  regions.flatMap((code) => stack.simulator.store(code).volumes(tenant));

async function createVolume({ page, button }: Console, name: string): Promise<void> {
  await button('Create volume').click();
  const dialog = page.getByRole('dialog', { name: 'Create volume' });
  await dialog.getByRole('combobox', { name: 'Region' }).selectOption('Korea (Pyeongchon)');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Size in GB').fill('12');
  await dialog.getByRole('combobox', { name: 'Type' }).selectOption('Encrypted SSD');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

test('a volume lives its whole life, and each change of its status is seen without a reload', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack);
  const { page, button, row } = console;
  const store = stack.simulator.store('kr2');
  await console.signIn();
  await page.getByText('There are no volumes yet.').waitFor();

  await createVolume(console, 'web 1');
  await row('web 1').getByText('Creating').waitFor();
  for (const text of ['Korea (Pyeongchon)', 'Encrypted SSD', '12 GB'])
    expect(await row('web 1').textContent()).toContain(text);
  const id = store.volumes(tenant)[0]?.id ?? '';
  store.setStatus(id, 'available');
  await row('web 1').getByText('Available').waitFor();
  await page.getByText('web 1: Available.').waitFor();

  await button('web 1').click();
  const drawer = page.getByRole('dialog', { name: 'web 1', exact: true });
  await drawer.getByText('Attached to no server.').waitFor();
  await drawer.getByLabel('Name of the snapshot').fill('before');
  await drawer.getByRole('button', { name: 'Create snapshot' }).click();
  const snapshot = drawer.getByRole('listitem').filter({ hasText: 'before' });
  await snapshot.getByText('Creating').waitFor();
  const snapshotId = store.snapshots(tenant)[0]?.id ?? '';
  store.setStatus(snapshotId, 'available');
  await snapshot.getByText('Available').waitFor();

  await drawer.getByRole('button', { name: 'Delete snapshot before' }).click();
  await page.getByRole('dialog', { name: 'Delete snapshot before' }).getByRole('button', { name: 'Delete' }).click();
  await snapshot.getByText('Deleting').waitFor();
  store.remove(snapshotId);
  await drawer.getByText('There are no snapshots.').waitFor();

  await drawer.getByLabel('Name of the image').fill('golden');
  await drawer.getByRole('button', { name: 'Upload' }).click();
  await drawer.getByText('The image golden is being made.').waitFor();
  await drawer.getByText('Uploading image').waitFor();
  store.setStatus(id, 'available');
  await drawer.getByText('Available').waitFor();

  await drawer.getByRole('button', { name: 'Delete volume' }).click();
  await page.getByRole('dialog', { name: 'Delete web 1?' }).getByRole('button', { name: 'Delete' }).click();
  await drawer.waitFor({ state: 'detached' });
  await row('web 1').getByText('Deleting').waitFor();
  store.remove(id);
  await page.getByText('web 1 is deleted.').waitFor();
  await page.getByText('There are no volumes yet.').waitFor();
  expect(await row('web 1').count()).toBe(0);
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

describe('what fails', () => {
  test('a region that is down has a banner and takes nothing from the others, and is there again when it is up', async () => {
    await using stack = await startStack({ seed: true });
    await using console = await openConsole(browser, stack);
    const { page, button } = console;
    const switchOn = stack.simulator.inject({ region: 'kr2', kind: 'reset' });
    await console.signIn();
    const banner = page.getByRole('alert').filter({ hasText: 'Korea (Pyeongchon): its volumes are missing here.' });
    await banner.getByText('UPSTREAM_UNAVAILABLE').waitFor();
    await page.getByText('25 of 240 shown').waitFor();
    expect(new Set(await console.column(2))).toEqual(new Set(['Korea (Pangyo)', 'Japan']));

    switchOn();
    // For some seconds the gateway leaves a region alone that has failed.
    await expect
      .poll(
        async () => {
          if (await banner.isVisible()) await button('Try again').click();
          return page.getByText('25 of 360 shown').isVisible();
        },
        { timeout: 15_000 },
      )
      .toBe(true);
    await banner.waitFor({ state: 'detached' });
  });

  test('a token that nobody knows is told, with the code', async () => {
    await using stack = await startStack();
    await using console = await openConsole(browser, stack);
    await console.signIn('unknown');
    const alert = console.page.getByRole('alert');
    await alert.getByText('The token is not valid, or no longer.').waitFor();
    await alert.getByText('UNAUTHENTICATED').first().waitFor();
  });

  test('a change that is refused is told with its code and message, and nothing else happens', async () => {
    await using stack = await startStack();
    await using console = await openConsole(browser, stack);
    const { page, button, row } = console;
    const store = stack.simulator.store('kr1');
    store.addSnapshot(tenant, { volume_id: store.addVolume(tenant, { name: 'kept', status: 'available' }).id });
    await console.signIn();
    await button('kept').click();
    await button('Delete volume').click();
    const question = page.getByRole('dialog', { name: 'Delete kept?' });
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await question.getByRole('alert').getByText('CONFLICT').waitFor();
    await question.getByRole('alert').getByText('have snapshots').waitFor();
    expect(await question.getByText('It may have been carried out').count()).toBe(0);
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    await expect.poll(() => button('Delete volume').evaluate((element) => element.matches(':focus'))).toBe(true);
    await page.keyboard.press('Escape');
    await row('kept').getByText('Available').waitFor();
  });

  test('a change whose answer is lost is told to have been made perhaps, and what was typed stays', async () => {
    await using stack = await startStack();
    await using console = await openConsole(browser, stack);
    const { page, button } = console;
    stack.simulator.inject({ method: 'POST', kind: 'halfBody' });
    await console.signIn();
    await button('Create volume').click();
    const dialog = page.getByRole('dialog', { name: 'Create volume' });
    await dialog.getByLabel('Name').fill('perhaps');
    await button('Create').click();
    await dialog.getByRole('alert').getByText('UPSTREAM_UNAVAILABLE').waitFor();
    await dialog.getByText('It may have been carried out all the same. Look before you try again.').waitFor();
    expect(await dialog.getByLabel('Name').inputValue()).toBe('perhaps');
  });

  test('a subscription that fails takes no row away', async () => {
    await using stack = await startStack();
    await using console = await openConsole(browser, stack);
    const { page, row } = console;
    await console.signIn();
    stack.simulator.inject({ method: 'GET', path: /\/volumes\/[0-9a-f]{8}-/, kind: 'status', status: 403 });
    await createVolume(console, 'web 1');
    await page.getByText('What becomes of web 1 is no longer shown live.').waitFor();
    await row('web 1').getByText('Creating').waitFor();
  });
});

test('only four changes are followed at once, so that queries find a connection, and none when the user has left', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack);
  const { page, button, row } = console;
  await console.signIn();
  for (let index = 1; index <= 6; index++) await createVolume(console, `web ${index}`);
  await expect.poll(() => stack.metric('gateway_streams')).toBe(4);
  await button('Refresh').click();
  await console.ready();
  const store = stack.simulator.store('kr2');
  for (const { id } of store.volumes(tenant)) store.setStatus(id, 'available');
  for (let index = 1; index <= 6; index++) await row(`web ${index}`).getByText('Available').waitFor();
  await createVolume(console, 'web 7');
  await expect.poll(() => stack.metric('gateway_streams')).toBe(1);
  await button('Sign out').click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expect.poll(() => stack.metric('gateway_streams')).toBe(0);
});

test('everything is there in Korean, too', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack, { timezoneId: 'Asia/Seoul' });
  const { page } = console;
  stack.simulator.store('kr1').addVolume(tenant, {
    name: '데이터',
    status: 'in-use',
    size: 2000,
    created_at: '2026-03-01T05:43:12.000000',
  });
  await console.signIn();
  await console.ready();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.getByRole('radio', { name: '한국어' }).check();
  await page.getByRole('heading', { name: '볼륨' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  const row = await console.row('데이터').textContent();
  for (const text of ['사용 중', '2,000GB', '2026. 3. 1. 오후 2:43', '한국(판교)']) expect(row).toContain(text);
  await page.getByText('전체 1개 중 1개 표시').waitFor();
});

test('a browser that asks for Korean is answered in Korean', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack, { locale: 'ko-KR' });
  await console.page.getByRole('heading', { name: '블록 스토리지 로그인' }).waitFor();
});

test('the keyboard is enough: the drawer takes the focus, closes with Escape and gives the focus back', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack);
  const { page, button } = console;
  stack.simulator.store('kr1').addVolume(tenant, { name: 'first', status: 'available' });
  const focused = page.locator(':focus');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type(identity.token);
  await page.keyboard.press('Tab');
  await page.keyboard.type(tenant);
  await page.keyboard.press('Enter');
  await console.ready();
  await expect
    .poll(async () => {
      await page.keyboard.press('Tab');
      return focused.textContent();
    })
    .toBe('first');
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'first' });
  await drawer.getByText('Attached to no server.').waitFor();
  expect(await focused.textContent()).toBe('first');
  expect(await focused.evaluate(({ tagName }) => tagName)).toBe('H2');
  // All the way round, and never into the page behind.
  for (let stop = 0; stop < 12; stop++) {
    await page.keyboard.press('Tab');
    expect(await page.locator('main > :not(dialog) :focus, header :focus').count()).toBe(0);
  }
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  await expect.poll(() => button('first').evaluate((element) => element.matches(':focus'))).toBe(true);
});

test('the focus is not lost with the row that had it', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack);
  const { page, button } = console;
  const store = stack.simulator.store('kr1');
  const { id } = store.addVolume(tenant, { name: 'first', status: 'available' });
  store.addVolume(tenant, { name: 'second', status: 'available' });
  await console.signIn();
  await button('first').click();
  await button('Delete volume').click();
  await page.getByRole('dialog', { name: 'Delete first?' }).getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => button('first').evaluate((element) => element.matches(':focus'))).toBe(true);
  store.remove(id);
  await page.getByText('1 of 1 shown').waitFor();
  expect(await page.locator(':focus').textContent()).toBe('Volumes');
});

test('at 360 pixels the table needs no scrolling sideways, and can be ordered by what it does not show', async () => {
  await using stack = await startStack({ seed: true });
  await using console = await openConsole(browser, stack, { viewport: { width: 360, height: 740 } });
  const { page } = console;
  await console.signIn();
  await console.ready();
  expect(await page.getByRole('columnheader', { name: 'Created' }).isVisible()).toBe(false);
  expect(await page.locator('html').evaluate(({ scrollWidth }) => scrollWidth)).toBe(360);
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Created, ascending');
  const oldest = volumesOf(stack).toSorted((one, other) => one.created_at.localeCompare(other.created_at))[0];
  await expect.poll(async () => (await console.column(0))[0]).toContain(oldest && labelOf(oldest));
});

test('the browser stores no token', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack);
  await console.signIn();
  await console.page.getByText('There are no volumes yet.').waitFor();
  const stored = await console.page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])');
  expect(stored).toBe('[{},{},""]');
  await console.page.reload();
  await console.page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

describe.each(['light', 'dark'] as const)('axe finds nothing serious, when it is %s,', (colorScheme) => {
  test('on the list, in the drawer, in dialogs and where something failed', async () => {
    await using stack = await startStack({ seed: true });
    await using console = await openConsole(browser, stack, { colorScheme });
    const { page, button } = console;
    const check = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    };
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await check();
    await console.signIn();
    await console.ready();
    await check();
    await page.getByRole('rowheader').first().getByRole('button').click();
    await button('Delete volume').waitFor();
    await check();
    await button('Delete volume').click();
    await page.getByText('This cannot be undone.').waitFor();
    await check();
    await button('Cancel').click();
    await page.keyboard.press('Escape');
    await button('Create volume').click();
    await page.getByRole('option', { name: 'General SSD' }).waitFor({ state: 'attached' });
    await check();
    await page.keyboard.press('Escape');
    stack.simulator.inject({ region: 'kr2', kind: 'status', status: 403 });
    await button('Refresh').click();
    await page.getByRole('alert').waitFor();
    await console.ready();
    await check();
  });
});
