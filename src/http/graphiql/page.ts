import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
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

/** The page. Its tabs stay where they are: they would jump away below the pointer, so that no click could reach them. */
export function renderPage(options?: GraphiQLOptions): string {
  return renderGraphiQL(options).replace(
    '</head>',
    '<style>.graphiql-tab { transform: none !important }</style></head>',
  );
}

/** Examples that suit any regions, and the headers to fill in. */
export function exampleOptions({
  regions,
  showsExchanges,
}: Pick<Config, 'regions' | 'showsExchanges'>): GraphiQLOptions {
  const headers = { 'X-Auth-Token': '', 'X-Tenant-Id': '', ...(showsExchanges ? { 'X-Gateway-Trace': '1' } : {}) };
  return graphiqlOptions(exampleTabs(regions), headers);
}
