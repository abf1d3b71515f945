import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { preview } from 'vite';
import { identity, type Stack } from './stack.ts';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** The built console in a browser that has never been there. */
export interface Console extends AsyncDisposable {
  readonly page: Page;
  readonly signIn: (token?: string) => Promise<void>;
  readonly button: (name: string) => Locator;
  /** The row of a volume, by its name. */
  readonly row: (name: string) => Locator;
  /** The texts of a column, from top to bottom. */
  readonly column: (index: number) => Promise<string[]>;
  /** Resolves when the list is there and nothing of it is on its way. */
  readonly ready: () => Promise<void>;
}

/** On disposal it fails if the page has complained, or has asked for anything outside. */
export async function openConsole(
  browser: Browser,
  stack: Stack,
  options: BrowserContextOptions = {},
): Promise<Console> {
  const server = await preview({
    root: join(import.meta.dirname, '../..'),
    logLevel: 'silent',
    preview: { port: 0, host: '127.0.0.1', proxy: { '/graphql': stack.url } },
  });
  // A TCP server that listens has an address of this shape.
  const { port } = server.httpServer.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  // Below the time a test has, so that a failure says which step it was.
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(origin);
  await page.locator('main').waitFor();

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const ready = () => page.locator('table[aria-busy=false]').waitFor();
  return {
    page,
    async signIn(token = identity.token) {
      await page.locator('input[name=token]').fill(token);
      await page.locator('input[name=tenant]').fill(identity.tenant);
      await page.locator('main button').click();
    },
    button,
    row: (name) =>
      page.getByRole('row').filter({ has: page.getByRole('rowheader').getByRole('button', { name, exact: true }) }),
    column: (index) => page.locator(`tbody tr > :nth-child(${index + 1})`).allInnerTexts(),
    ready,
    async [Symbol.asyncDispose]() {
      await context.close();
      await server.close();
      assert.deepEqual(complaints, []);
    },
  };
}
