import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoTabs } from '../../src/http/graphiql/demo-tabs.ts';
import { DEMO_REGIONS, DEMO_TOKENS } from '../../src/simulator/demo.ts';
import { type Demo, startDemo } from './demo.ts';
import { launchBrowser, openGraphiQL, operationName } from './graphiql.ts';

const tabs = demoTabs(DEMO_REGIONS.map((code) => ({ code })));

let demo: Demo;
let browser: Browser;

beforeAll(async () => {
  demo = await startDemo();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await demo?.[Symbol.asyncDispose]();
});

test('GraphiQL opens with its example tabs and the headers of the demo', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
  expect(await graphiql.tabs()).toEqual(tabs.map(operationName));
  await graphiql.shows('Operation Editor', 'query Page');
  await graphiql.shows('Headers', `"X-Auth-Token": "${demoToken}"`);
});

test('the first tab answers with named volumes and the nine REST calls behind them', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
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
  await using graphiql = await openGraphiQL(browser, demo);
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

test('a subscription shows a volume as it comes to be', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
  await graphiql.runs('mutation Born { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }');
  const { data } = await graphiql.execute();
  const { id } = data.createVolume.volume;
  await graphiql.runs(`subscription Grow { volumeUpdated(id: "${id}", until: [AVAILABLE]) { name status } }`);
  await graphiql.button.click();
  await graphiql.shows('Result Window', '"status": "CREATING"');
  await graphiql.shows('Result Window', '"status": "AVAILABLE"');
});

test('GraphiQL shows the data and the code of a partial answer', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
  await graphiql.runs('query Partly { regions { code } volume(id: "nonsense", region: KR1) { id } }');
  expect((await graphiql.send()).status()).toBe(294);
  await graphiql.shows('Result Window', '"code": "KR1"');
  await graphiql.shows('Result Window', '"code": "BAD_USER_INPUT"');
});

test('GraphiQL shows the code of a request that is refused', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
  await graphiql.runs('query Refused { nothing }');
  expect((await graphiql.send()).status()).toBe(422);
  await graphiql.shows('Result Window', '"code": "GRAPHQL_VALIDATION_FAILED"');
  // The browser itself reports every status of 400 or above.
  await graphiql.complains('status of 422');
});

test('another tab is a click away, and shows what is deferred with the rest', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
  await graphiql.page.getByRole('tab', { name: 'Deferred' }).click();
  await graphiql.shows('Operation Editor', '@defer');
  const executed = async () => {
    // GraphiQL learns a moment later which operation is in the tab, and says so until then.
    await graphiql.button.click();
    return graphiql.text('Result Window');
  };
  await expect.poll(executed, { timeout: 10_000 }).toContain('"first": {');
  await graphiql.press('Result Window', 'Control+End');
  await graphiql.shows('Result Window', '"milliseconds"');
});

test('the explorer shows what there is to ask for', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
  // Of a list among the arguments, as in the first tab, the explorer complains.
  await graphiql.page.getByRole('tab', { name: 'Summary' }).click();
  await graphiql.shows('Operation Editor', 'storageSummary');
  await graphiql.page.getByRole('button', { name: 'Show GraphiQL Explorer' }).click();
  await graphiql.page.getByText('storageSummary').first().waitFor();
});

test('the documentation explains a type and its fields', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
  const { page } = graphiql;
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.getByRole('link', { name: 'Volume', exact: true }).click();
  await page.getByText('A volume: block storage that can be attached to servers.').waitFor();
  await page.getByText('In gigabytes.').first().waitFor();
});

test('a reload keeps the tabs as they were', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
  await graphiql.reload();
  expect(await graphiql.tabs()).toEqual(tabs.map(operationName));
  expect((await graphiql.execute()).errors).toBeUndefined();
});

test('a tab whose credential headers are empty sends those of another tab', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
  await graphiql.execute();
  await graphiql.runs('query Other { regions { code } volumes(first: 1) { nodes { name } } }');
  // GraphiQL closes a bracket that replaces a selection.
  await graphiql.type('Headers', '{ "X-Auth-Token": "", "X-Tenant-Id": ""');
  await graphiql.shows('Headers', '"X-Tenant-Id": ""');
  const sent = graphiql.page.waitForRequest((request) => request.postData()?.includes('query Other') ?? false);
  await graphiql.button.click();
  const headers = (await sent).headers();
  expect(headers).toMatchObject({ 'x-auth-token': demoToken, 'x-tenant-id': DEMO_TOKENS['demo-token'] });
});

test('the browser stores no token', async () => {
  await using graphiql = await openGraphiQL(browser, demo);
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
