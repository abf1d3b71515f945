import { Worker } from 'node:worker_threads';
import type { GraphiQLOptions } from 'graphql-yoga';
import type { Config } from '../../config/config.ts';
import { exampleTabs } from './example-tabs.ts';

/** GraphiQL with a query in each tab, and headers to fill in or filled in. They are kept in no storage of the browser. */
export function graphiqlOptions(tabs: readonly string[], headers: Readonly<Record<string, string>>): GraphiQLOptions {
  const text = JSON.stringify(headers, null, 2);
  const options = {
    title: 'Block Storage',
    shouldPersistHeaders: false,
    headers: text,
    defaultTabs: tabs.map((query) => ({ query, headers: text })),
    // Their type does not name it, but the page reads it: without it every reload adds an empty tab.
    query: tabs[0],
  };
  return options;
}

/** Gives GraphiQL as a page of HTML. */
export type GraphiQLPage = () => Promise<Buffer>;

/**
 * The page is rendered when it is first asked for, by a thread of its own: loading GraphiQL takes 0.15 s,
 * and its source takes 30 MB of heap, which the thread gives back.
 */
export function createPage(options: GraphiQLOptions): GraphiQLPage {
  let page: Promise<Buffer> | null = null;
  return () => {
    page ??= renderInThread(options).catch((error: unknown) => {
      page = null;
      throw error;
    });
    return page;
  };
}

/** In milliseconds. A thread that is not done by then is stuck. */
const mostThreadMs = 30_000;

async function renderInThread(options: GraphiQLOptions): Promise<Buffer> {
  const thread = new Worker(new URL('render-page.ts', import.meta.url), { workerData: options });
  const timer = setTimeout(() => void thread.terminate(), mostThreadMs);
  try {
    return await new Promise((resolve, reject) => {
      thread.once('message', (page: Uint8Array<ArrayBuffer>) =>
        resolve(Buffer.from(page.buffer, page.byteOffset, page.byteLength)),
      );
      thread.once('error', reject);
      thread.once('exit', (code) => reject(new Error(`The thread that renders GraphiQL ended with ${code}.`)));
    });
  } finally {
    clearTimeout(timer);
    // What was loaded into every thread, such as an exporter of telemetry, may keep it alive.
    await thread.terminate();
  }
}

/** Examples that suit any regions, and the headers to fill in. */
export function exampleOptions({
  regions,
  showsExchanges,
}: Pick<Config, 'regions' | 'showsExchanges'>): GraphiQLOptions {
  const headers = { 'X-Auth-Token': '', 'X-Tenant-Id': '', ...(showsExchanges ? { 'X-Gateway-Trace': '1' } : {}) };
  return graphiqlOptions(exampleTabs(regions), headers);
}
