import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoTabs } from '../../src/demo-tabs.ts';
import { DEMO_TOKENS } from '../../src/simulator/demo.ts';
import { type Demo, startDemo } from './demo.ts';

let demo: Demo;
let browser: Browser;

beforeAll(async () => {
  demo = await startDemo();
  browser = await chromium.launch({
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
});

afterAll(async () => {
  await browser?.close();
  await demo?.[Symbol.asyncDispose]();
});

test('GraphiQL opens with its example tabs and the headers of the demo', async () => {
  await using graphiql = await openGraphiQL();
  expect(await graphiql.tabs()).toEqual(demoTabs.map(operationName));
  await graphiql.shows('Operation Editor', 'query Page');
  await graphiql.shows('Headers', `"X-Auth-Token": "${demoToken}"`);
});

test('the first tab answers with named volumes and the nine REST calls behind them', async () => {
  await using graphiql = await openGraphiQL();
  const { data, extensions } = await graphiql.execute();
  const names = data.volumes.nodes.map(({ name }: { name: string | null }) => name);
  expect(names).toHaveLength(20);
  expect(names.some((name: string | null) => name !== null)).toBe(true);
  const calls = extensions.upstream.map(
    ({ region, path }: { region: string; path: string }) => `${region} ${path.split('?')[0]}`,
  );
  const paths = ['/snapshots/detail', '/types', '/volumes/detail'];
  expect(calls.sort()).toEqual(['jp1', 'kr1', 'kr2'].flatMap((region) => paths.map((path) => `${region} ${path}`)));
  await graphiql.shows('Result Window', '"volumes": {');
  await graphiql.press('Result Window', 'Control+End');
  await graphiql.shows('Result Window', '"milliseconds"');
});

test('a query of one’s own takes variables', async () => {
  await using graphiql = await openGraphiQL();
  await graphiql.type('Operation Editor', ownQuery);
  await graphiql.page.getByRole('button', { name: 'Variables', exact: true }).click();
  await graphiql.type('Variables', '{ "count": 3, "order": "SIZE" }');
  await graphiql.page.getByRole('button', { name: /^Prettify query/ }).click();
  const { data } = await graphiql.execute();
  const volumes: { name: string }[] = data.volumes.nodes;
  expect(volumes).toHaveLength(3);
  for (const { name } of volumes) await graphiql.shows('Result Window', `"name": "${name}"`);
  // Makes the picture of the README anew.
  if (process.env.SCREENSHOT === '1') {
    await graphiql.press('Operation Editor', 'Control+Home');
    await graphiql.page.screenshot({ path: join(import.meta.dirname, '../../docs/graphiql.png') });
  }
});

test('the documentation explains a type and its fields', async () => {
  await using graphiql = await openGraphiQL();
  const { page } = graphiql;
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.getByRole('link', { name: 'Volume', exact: true }).click();
  await page.getByText('A volume: block storage that can be attached to servers.').waitFor();
  await page.getByText('In gigabytes.').first().waitFor();
});

test('a reload keeps the tabs as they were', async () => {
  await using graphiql = await openGraphiQL();
  await graphiql.reload();
  expect(await graphiql.tabs()).toEqual(demoTabs.map(operationName));
  expect((await graphiql.execute()).errors).toBeUndefined();
});

test('the browser stores no token', async () => {
  await using graphiql = await openGraphiQL();
  await graphiql.execute();
  await graphiql.reload();
  const stored = await graphiql.page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
  // The queries are there, so this is where a token would be.
  expect(stored).toContain('query Page');
  for (const token of Object.keys(DEMO_TOKENS)) expect(stored).not.toContain(token);
});

const demoToken = Object.keys(DEMO_TOKENS)[0];

// On one line: GraphiQL indents what is typed and closes brackets, so that lines would not stay as they are here.
const ownQuery =
  'query Volumes($count: Int, $order: VolumeOrderField!) { ' +
  'volumes(first: $count, orderBy: { field: $order, direction: DESC }) { ' +
  'nodes { name status size region { code } volumeType { name } attachments { device } } } }';

/** The name by which GraphiQL calls a tab: that of its first operation. */
function operationName(query: string): string | undefined {
  return /^(?:query|mutation) (\w+)/m.exec(query)?.[1];
}

type Editor = 'Operation Editor' | 'Variables' | 'Headers' | 'Result Window';

/** GraphiQL in a browser that has never been there. */
interface GraphiQL extends AsyncDisposable {
  readonly page: Page;
  /** Presses the button and gives what came over the wire. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its assertions what it expects of an answer
  execute(): Promise<any>;
  tabs(): Promise<(string | null)[]>;
  /** Waits until an editor shows a text; it renders only the lines in view. */
  shows(editor: Editor, text: string): Promise<void>;
  type(editor: Editor, text: string): Promise<void>;
  press(editor: Editor, key: string): Promise<void>;
  reload(): Promise<void>;
}

/** On disposal it fails if the page has complained, or has asked for anything outside the demo. */
async function openGraphiQL(): Promise<GraphiQL> {
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
  return {
    page,
    async execute() {
      const answer = page.waitForResponse((response) => response.request().method() === 'POST');
      await button.click();
      return (await answer).json();
    },
    tabs: () => page.getByRole('tab').locator('button:first-child').allTextContents(),
    async shows(name, text) {
      const shown = async () => (await lines(name).textContent())?.replaceAll('\u00a0', ' ');
      await expect.poll(shown, { timeout: 10_000 }).toContain(text);
    },
    async type(name, text) {
      await press(name, 'Control+A');
      await page.keyboard.insertText(text);
    },
    press,
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
