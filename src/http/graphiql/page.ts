import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphiQLOptions } from 'graphql-yoga';
import type { Config } from '../../config/config.ts';
import { enumNameOf, type Region } from '../../regions.ts';

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
export function exampleOptions({ regions, trace }: Pick<Config, 'regions' | 'trace'>): GraphiQLOptions {
  const headers = { 'X-Auth-Token': '', 'X-Tenant-Id': '', ...(trace ? { 'X-Gateway-Trace': '1' } : {}) };
  return graphiqlOptions(exampleTabs(regions), headers);
}

/** A query for each thing worth seeing, of whatever there is in the regions. */
export function exampleTabs(regions: readonly Pick<Region, 'code'>[]): string[] {
  const names = regions.map(({ code }) => enumNameOf(code));
  const [region = ''] = names;
  const last = names.at(-1) ?? '';
  return [
    `# One page of all regions, sorted: three REST calls for each, made together, however many volumes.
# "extensions.upstream" below the answer shows them (header X-Gateway-Trace).
# For the next page pass "endCursor" as "after".
query Page {
  volumes(first: 20, orderBy: [{ field: SIZE, direction: DESC }]) {
    nodes {
      id
      name
      status
      size
      region { code }
      volumeType { name }
      snapshots(first: 3) { nodes { name createdAt } }
      attachments { device server { uuid } }
    }
    pageInfo { hasNextPage endCursor }
    failures { region { name } code message }
  }
}
`,
    `# A filtered walk: run it, then give "endCursor" as the variable "after", until "hasNextPage" is false.
query Filtered($after: String) {
  volumes(first: 5, after: $after, filter: { nameContains: "web", sizeMin: 20 }) {
    totalCount
    nodes { name status size createdAt region { code } }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    `# What the tenant has. Each region's list is read once.
# A region that is down stands in "failures" (try SIMULATOR_DOWN=kr2 npm run demo).
query Summary {
  storageSummary {
    total { count sizeGb }
    attached { count sizeGb }
    unattached { count sizeGb }
    snapshots { count sizeGb }
    byRegion { region { code name } count sizeGb }
    byStatus { status count }
    byVolumeType { name count sizeGb }
    byAvailabilityZone { name count sizeGb }
    failures { region { name } code message }
  }
}
`,
    `# One region alone fails alone. Three REST calls for its page.
query OneRegion {
  region(code: ${region}) {
    name
    volumes(first: 10) {
      nodes { name status volumeType { name } snapshots(first: 3) { nodes { name } } }
      pageInfo { hasNextPage endCursor }
    }
    volumeTypes { nodes { name description extraSpecs } }
  }
}
`,
    `# What is deferred comes when it is there: nobody waits for the slowest region to see the others.
# One list merged over all regions cannot be sent by region, so ask for them one by one.
query Deferred {
  first: region(code: ${region}) { ...Newest }
  ... @defer {
    last: region(code: ${last}) { ...Newest }
  }
}

fragment Newest on Region {
  name
  volumes(first: 5) { nodes { name status createdAt } }
}
`,
  ];
}
