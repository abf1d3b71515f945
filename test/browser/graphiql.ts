import { type Browser, chromium, type Locator, type Page, type Response } from 'playwright-core';
import { expect } from 'vitest';
import type { Demo } from './demo.ts';

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

/** GraphiQL in a browser that has never been there. */
export interface GraphiQL extends AsyncDisposable {
  readonly page: Page;
  /** Executes what is in the editor. */
  readonly button: Locator;
  /** Presses the button and gives the response. */
  send(): Promise<Response>;
  /** The same, when only its JSON matters. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its assertions what it expects of an answer
  execute(): Promise<any>;
  tabs(): Promise<(string | null)[]>;
  /** What an editor shows; it renders only the lines in view. */
  text(editor: Editor): Promise<string | undefined>;
  /** Waits until an editor shows a text. */
  shows(editor: Editor, text: string): Promise<void>;
  type(editor: Editor, text: string): Promise<void>;
  /** Types a named operation, and waits until GraphiQL knows it. */
  runs(operation: string): Promise<void>;
  press(editor: Editor, key: string): Promise<void>;
  /** Waits until the page complains of something that is to be expected. */
  complains(text: string): Promise<void>;
  reload(): Promise<void>;
}

/** On disposal it fails if the page has complained, or has asked for anything outside the demo. */
export async function openGraphiQL(browser: Browser, demo: Demo): Promise<GraphiQL> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const outside: string[] = [];
  await context.route('**', async (route) => {
    const url = route.request().url();
    if (new URL(url).origin === demo.origin) return route.continue();
    outside.push(url);
    return route.abort();
  });
  const page = await context.newPage();
  // Below the time a test has, so that a failure says which step it was.
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });

  // One region holds both of the tools, variables and headers; only one is to be seen.
  const lines = (name: Editor) => page.getByRole('region', { name }).locator('.view-lines').filter({ visible: true });
  const button = page.getByRole('button', { name: /^Execute query/ });

  async function ready(): Promise<void> {
    await button.waitFor();
    // The explorer is enabled by the schema, without which nothing else works.
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).waitFor();
    await lines('Headers').getByText('X-Auth-Token').waitFor();
  }

  async function press(name: Editor, key: string): Promise<void> {
    await page.getByRole('region', { name }).getByRole('textbox').focus();
    await page.keyboard.press(key);
  }

  await page.goto(`${demo.origin}/graphql`);
  await ready();
  async function shown(name: Editor): Promise<string | undefined> {
    return (await lines(name).textContent())?.replaceAll('\u00a0', ' ');
  }

  async function type(name: Editor, text: string): Promise<void> {
    await press(name, 'Control+A');
    await page.keyboard.insertText(text);
  }

  async function send(): Promise<Response> {
    const response = page.waitForResponse((response) => response.request().method() === 'POST');
    await button.click();
    return response;
  }

  return {
    page,
    button,
    send,
    execute: async () => (await send()).json(),
    tabs: () => page.getByRole('tab').locator('button:first-child').allTextContents(),
    text: shown,
    async shows(name, text) {
      await expect.poll(() => shown(name), { timeout: 10_000 }).toContain(text);
    },
    type,
    async runs(operation) {
      await type('Operation Editor', operation);
      await page.getByRole('tab', { name: operationName(operation) ?? '' }).waitFor();
    },
    press,
    async complains(text) {
      const position = () => complaints.findIndex((complaint) => complaint.includes(text));
      await expect.poll(position, { timeout: 10_000 }).not.toBe(-1);
      complaints.splice(position(), 1);
    },
    async reload() {
      // What is on the page is stored a moment after it has changed.
      await page.waitForFunction(() => localStorage.getItem('graphiql:tabState') !== null);
      await page.reload();
      await ready();
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      expect(outside, 'requests to others than the demo').toEqual([]);
      expect(complaints, 'errors of the page').toEqual([]);
    },
  };
}

type Editor = 'Operation Editor' | 'Variables' | 'Headers' | 'Result Window';

/** The name by which GraphiQL calls a tab: that of its first operation. */
export function operationName(query: string): string | undefined {
  return /^(?:query|mutation|subscription) (\w+)/m.exec(query)?.[1];
}
