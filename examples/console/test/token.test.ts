import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openConsole } from './support/console.ts';
import { startStack } from './support/stack.ts';

/* The token of the user is kept in the page alone. */

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
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
