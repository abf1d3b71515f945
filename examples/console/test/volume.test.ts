import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openConsole } from './support/console.ts';
import { startStack } from './support/stack.ts';
import { createVolume, tenant } from './support/volume.ts';

/* The life of a volume, and which changes of volumes are followed live. */

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

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
