import { alice, type GatewayUnderTest } from '../support/stack.ts';

/* Requests that come again, and how often they were answered from memory. */

export const list = '{ region(code: KR1) { volumes { nodes { id name status volumeType { name } } } } }';
export const merged =
  '{ volumes(first: 5) { nodes { name } failures { region { code } code } pageInfo { endCursor } } }';
const paged = '{ volumes(first: 2, filter: { nameContains: "a" }) { totalCount nodes { name } } }';
const summary = '{ storageSummary { total { count sizeGb } failures { region { code } } } }';
const snapshots = '{ snapshots { nodes { name volume { name } } } }';
export const queries = [list, merged, paged, summary, snapshots];

/** Also where the whole suite is run without. */
export const remembering = { EARLY_CUTOFF: 'true' };

export async function known(gateway: GatewayUnderTest): Promise<number> {
  const { text } = await gateway.fetch('/metrics');
  return Number(/^gateway_answers_known_total (\d+)$/m.exec(text)?.[1]);
}

/** An answer as it was sent: all of it that does not differ from request to request. */
export async function ask(
  gateway: GatewayUnderTest,
  query: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'POST' = 'POST',
) {
  const credentials = { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant, ...headers };
  const {
    status,
    text,
    headers: sent,
  } = method === 'GET'
    ? await gateway.fetch(`/graphql?query=${encodeURIComponent(query)}`, { headers: credentials })
    : await gateway.fetch('/graphql', {
        method,
        headers: { 'content-type': 'application/json', ...credentials },
        body: JSON.stringify({ query }),
      });
  // Ids of failed calls differ.
  return { status, text: text.replace(/"requestId":"req-[^"]*"/g, ''), type: sent.get('content-type'), headers: sent };
}
