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

test('one stream follows the table while twelve volumes are created, and every button answers at once', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack);
  const { page, button, row } = console;
  await console.signIn();
  for (let index = 1; index <= 12; index++) await createVolume(console, `web ${index}`);
  await expect.poll(() => stack.metric('gateway_streams')).toBe(1);
  await button('Refresh').click();
  await console.ready();
  const store = stack.simulator.store('kr2');
  for (const { id } of store.volumes(tenant)) store.setStatus(id, 'available');
  for (let index = 1; index <= 12; index++) await row(`web ${index}`).getByText('Available').waitFor();
  await button('Sign out').click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expect.poll(() => stack.metric('gateway_streams')).toBe(0);
});

test('volumes that others create, change and delete appear, change and go while a name is being typed', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack);
  const { page, button, row } = console;
  const store = stack.simulator.store('kr1');
  const older = store.addVolume(tenant, { name: 'older', status: 'available' });
  await console.signIn();
  await row('older').waitFor();
  await button('older').click();
  const drawer = page.getByRole('dialog', { name: 'older', exact: true });
  await drawer.getByLabel('Name of the snapshot').fill('half a na');
  const newer = store.addVolume(tenant, { name: 'newer', status: 'creating' });
  await expect
    .poll(() => console.column(0))
    .toEqual([expect.stringContaining('newer'), expect.stringContaining('older')]);
  store.setStatus(newer.id, 'available');
  await expect.poll(() => console.column(1)).toEqual(['Available', 'Available']);
  store.setStatus(older.id, 'in-use');
  await drawer.getByText('In use').first().waitFor();
  expect(await drawer.getByLabel('Name of the snapshot').inputValue()).toBe('half a na');
  store.remove(newer.id);
  await expect.poll(() => console.column(0)).toEqual([expect.stringContaining('older')]);
});

test('two tabs follow the table, each by one stream', async () => {
  await using stack = await startStack();
  await using first = await openConsole(browser, stack);
  await using second = await openConsole(browser, stack);
  await first.signIn();
  await second.signIn();
  await expect.poll(() => stack.metric('gateway_streams')).toBe(2);
  // Both follow the same three lists.
  await expect.poll(() => stack.metric('gateway_polls')).toBe(3);
  stack.simulator.store('jp1').addVolume(tenant, { name: 'seen by both', status: 'available' });
  await first.row('seen by both').waitFor();
  await second.row('seen by both').waitFor();
});
