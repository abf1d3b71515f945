import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { type Console, launchBrowser, openConsole } from './support/console.ts';
import { startStack } from './support/stack.ts';

/* Makes the pictures in docs anew. */

await using stack = await startStack({ seed: true });
const browser = await launchBrowser();

await take('light', {}, async ({ page, button, row }) => {
  await button('Create volume').click();
  await page.getByLabel('Name', { exact: true }).fill('web-prod-root');
  await button('Create').click();
  await row('web-prod-root').getByText('Creating').waitFor();
});
await take('dark', { colorScheme: 'dark', locale: 'ko-KR' }, async ({ page }) => {
  await page.getByRole('row').filter({ hasText: 'web-staging-archive' }).getByRole('button').click();
  await page.getByRole('button', { name: '볼륨 삭제' }).waitFor();
});
stack.simulator.inject({ region: 'jp1', kind: 'reset' });
await take('narrow', { viewport: { width: 360, height: 740 } });
await browser.close();

async function take(
  name: string,
  options: BrowserContextOptions,
  act: (console: Console) => Promise<void> = async () => {},
) {
  await using console = await openConsole(browser, stack, options);
  await console.signIn();
  await console.ready();
  await act(console);
  const path = join(import.meta.dirname, `../../../docs/console-${name}.png`);
  await console.page.mouse.move(0, 0);
  // The pulse of what goes on is caught at its beginning.
  await console.page.screenshot({ path, animations: 'disabled' });
}
