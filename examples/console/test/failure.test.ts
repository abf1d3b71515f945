import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, openConsole } from './support/console.ts';
import { startStack } from './support/stack.ts';
import { createVolume, tenant } from './support/volume.ts';

/* What the page shows when a region, a token, a change or a subscription fails. */

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
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

  test('the banner of a region that limits calls says when to try again', async () => {
    await using stack = await startStack({ seed: true });
    await using console = await openConsole(browser, stack);
    const headers = { 'Retry-After': '30' };
    stack.simulator.inject({ region: 'kr2', kind: 'status', status: 429, headers });
    await console.signIn();
    await console.page.getByRole('alert').getByText('Try again in 30 s.').waitFor();
  });

  test('an unknown token is reported, with the code', async () => {
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
    await createVolume(console, 'web 1');
    await row('web 1').getByText('Creating').waitFor();
    // Only the reads behind the stream: they begin with the oldest row.
    stack.simulator.inject({ method: 'GET', path: /created_at%3Aasc/, kind: 'status', status: 403 });
    await page.getByText('Live updates have stopped.').waitFor();
    await row('web 1').getByText('Creating').waitFor();
  });
});
