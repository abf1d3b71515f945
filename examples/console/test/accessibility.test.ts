import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, openConsole } from './support/console.ts';
import { identity, startStack } from './support/stack.ts';
import { labelOf, tenant, volumesOf } from './support/volume.ts';

/* The page by keyboard, on a narrow screen and under axe. */

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
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
