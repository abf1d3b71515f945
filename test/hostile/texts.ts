import type { CannedAnswer } from '../support/canned.ts';
import type { HostileText } from '../support/growth.ts';

/* Hostile texts, and every entry for text: of clients, and of regions. */

export const hostileTexts: readonly HostileText[] = [
  ['n'],
  ['a.'],
  [' '],
  ['/'],
  [','],
  ['"'],
  ['\\'],
  ['('],
  ['['],
  ['\n'],
  [' got invalid value'],
  [' got invalid value', '', ' found: '],
  [' at "a"', ' got invalid value'],
  [',found'],
  [' value: '],
];

/** For headers and addresses, where each has a meaning. */
export const hostileLines: readonly HostileText[] = [
  ['n'],
  ['a:'],
  [' '],
  [' ', 'bearer ', 'x'],
  ['\t', 'application/json', 'x'],
  ['/', 'http://', ' '],
  ['?'],
  [','],
  [';', 'a', '='],
  ['"'],
  ['\\'],
];

/** For the messages of regions, which hosts are taken out of. */
export const hostileHosts: readonly HostileText[] = [
  ['1.'],
  ['0:'],
  ['::'],
  ['a-b.'],
  ['host='],
  ['a+', '', '://'],
  ['n.n:1'],
];

export const hostileNames: readonly HostileText[] = [['n'], ['a_'], ['_', 'a']];

let documents = 0;

/** A request whose document is new: one that is known would not be parsed again. */
export function ask(query: string, variables?: unknown): string {
  return JSON.stringify({ query: `${query} #${documents++}`, variables });
}

const volumes = (args: string) => `volumes(${args}) { nodes { id } }`;
const filtered = (type: string, member: string) => (v: unknown) =>
  ask(`query($v: ${type}) { ${volumes(`filter: { ${member}: $v }`)} }`, { v });
const asArgument = (type: string, field: string) => (v: unknown) => ask(`query($v: ${type}) { ${field} }`, { v });
const created = (type: string, member: string) => (v: unknown) =>
  ask(`mutation($v: ${type}) { createVolume(input: { region: KR1, ${member}: $v }) { volume { id } } }`, { v });
const quoted = (text: string) => JSON.stringify(text);

/** What a client sends: title, body, and the length of the shorter text if it is not 8,000. */
export const values: [string, (text: string) => string, number?][] = [
  ['a variable for Int', asArgument('Int', volumes('first: $v'))],
  ['a variable for String', filtered('String', 'name')],
  ['a variable for a part of a name', filtered('String', 'nameContains')],
  ['a variable for Boolean', filtered('Boolean', 'attached')],
  ['a variable for ID', asArgument('ID!', 'node(id: $v) { id }')],
  ['ids of a list', (text) => asArgument('[ID!]!', 'nodes(ids: $v) { id }')([text, text.slice(1)])],
  ['a UUID of a region', asArgument('ID!', 'volume(id: $v, region: KR1) { id }')],
  ['a variable for an enum', asArgument('[RegionCode!]', volumes('regions: $v'))],
  ['a variable for DateTime', filtered('DateTime', 'createdAfter')],
  ['variables for UUIDs', (text) => filtered('[UUID!]', 'uuids')(Array(4).fill(text.slice(text.length / 4)))],
  ['a variable for JSONObject', filtered('JSONObject', 'metadata')],
  ['lists within lists for JSONObject', (text) => filtered('JSONObject', 'metadata')(nested(text)), 60_000],
  ['lists within lists for UUID', (text) => filtered('[UUID!]', 'uuids')([nested(text)]), 60_000],
  ['a key of metadata', (text) => created('JSONObject', 'size: 1, metadata')({ [text]: 'v' })],
  ['a value of metadata', (text) => created('JSONObject', 'size: 1, metadata')({ key: text })],
  ['the name of a volume', created('String', 'size: 1, name')],
  ['a variable for an input', asArgument('VolumeFilter', volumes('filter: $v'))],
  ['an unknown field of a variable', (text) => asArgument('VolumeFilter', volumes('filter: $v'))({ [text]: text })],
  ['a cursor', asArgument('String', volumes('after: $v'))],
  ['the name of the operation', (text) => JSON.stringify({ query: '{ __typename }', operationName: text })],
  ['an id of a document', (text) => JSON.stringify({ documentId: text })],
  ['a parameter that is not known', (text) => JSON.stringify({ query: '{ __typename }', [text]: text })],
  ['a body', (text) => text],
  ['a document', (text) => ask(text)],
  ['the end of a document', (text) => ask(`{ regions { code } } ${text}`)],
  ['a comment', (text) => ask(`{ regions { code } } # ${text.replaceAll('\n', ' ')}`)],
  ['a literal for Int', (text) => ask(`{ ${volumes(`first: ${quoted(text)}`)} }`)],
  ['a literal for String', (text) => ask(`{ ${volumes(`filter: { name: ${quoted(text)} }`)} }`)],
  ['a literal for Boolean', (text) => ask(`{ regions @skip(if: ${quoted(text)}) { code } }`)],
  ['a literal for an enum', (text) => ask(`{ ${volumes(`regions: ${quoted(text)}`)} }`)],
  ['a literal for DateTime', (text) => ask(`{ ${volumes(`filter: { createdAfter: ${quoted(text)} }`)} }`)],
  ['a literal for UUID', (text) => ask(`{ ${volumes(`filter: { uuids: ${quoted(text)} }`)} }`)],
  ['a literal for JSONObject', (text) => ask(`{ ${volumes(`filter: { metadata: [${quoted(text)}] }`)} }`)],
  ['a literal for an input', (text) => ask(`{ ${volumes(`filter: ${quoted(text)}`)} }`)],
  ['a block literal', (text) => ask(`{ node(id: """${text.replaceAll('"', "'")}""") { id } }`)],
];

export const names: [string, (name: string) => string][] = [
  ['a field', (name) => `{ ${name} }`],
  ['an alias', (name) => `{ ${name}: regions { code } }`],
  ['an argument', (name) => `{ volumes(${name}: 1) { nodes { id } } }`],
  ['a field of an input', (name) => `{ ${volumes(`filter: { ${name}: 1 }`)} }`],
  ['a value of an enum', (name) => `{ ${volumes(`regions: ${name}`)} }`],
  ['a type', (name) => `query($v: ${name}) { node(id: $v) { id } }`],
  ['a type of a fragment', (name) => `{ regions { ... on ${name} { code } } }`],
  ['a fragment', (name) => `{ regions { ...${name} } }`],
  ['a fragment that is not used', (name) => `{ regions { code } } fragment ${name} on Region { code }`],
  [
    'fragments within each other',
    (name) => `{ ...a${name} } fragment a${name} on Query { ...b${name} } fragment b${name} on Query { ...a${name} }`,
  ],
  ['a variable', (name) => `{ ${volumes(`first: $${name}`)} }`],
  ['a variable that is not used', (name) => `query($${name}: Int) { regions { code } }`],
  ['a directive', (name) => `{ regions @${name} { code } }`],
  ['an operation', (name) => `query ${name} { x }`],
];

/** Lists within lists, with the text in the middle. */
function nested(text: string): unknown {
  let value: unknown = text;
  for (let depth = 0; depth < text.length / 200; depth++) value = [value, 1];
  return value;
}

const uuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';
const appKey = 'n'.repeat(255);
export const create = () =>
  `mutation { createVolume(input: { region: KR1, size: 1, encryption: { appKey: "${appKey}", keyId: "k" } }) { volume { id } } }`;
/** Names are searched for what a long row of one letter has but for the middle. */
const search = (length: number) => {
  const half = 'n'.repeat(length / 2);
  return `{ volumes(first: 2, filter: { nameContains: "${half}-${half}" }) { nodes { name status createdAt } } }`;
};
const list = () => search(254);
const row = (member: object) => ({ body: { volumes: [{ id: uuid, ...member }] } });

/** What a region sends: title, what it is asked for, its answer, and the length of the shorter text if it is not 20,000. */
export const answers: [string, (text: string) => string, (text: string) => CannedAnswer, number?][] = [
  ['the message of a fault', create, (text) => ({ status: 400, body: { badRequest: { code: 400, message: text } } })],
  ['the name of a fault', list, (text) => ({ status: 404, body: { [text]: { code: 404, message: 'x' } } })],
  ['a fault of lists', list, (text) => ({ status: 400, body: { badRequest: { message: nested(text) } } }), 60_000],
  ['a page', list, (text) => ({ body: text })],
  ['the name of a row', list, (name) => row({ name })],
  [
    'the name of a row that is searched for as long a part',
    ({ length }) => search(length / 2),
    (name) => row({ name }),
  ],
  ['the time of a row', list, (created_at) => row({ created_at })],
  ['the id of a row', list, (id) => row({ id })],
  ['the link of a row', list, (href) => row({ links: [{ rel: 'self', href }] })],
  [
    'the link to the next page',
    list,
    (href) => ({ body: { ...row({}).body, volumes_links: [{ rel: 'next', href }] } }),
  ],
];

export const headers = [
  'accept',
  'content-type',
  'authorization',
  'x-auth-token',
  'x-auth-token-kr1',
  'x-tenant-id',
  'x-request-id',
  'traceparent',
  'if-none-match',
  'origin',
  'host',
];

export const addresses: [string, (text: string) => string][] = [
  ['a path', (text) => `/${encodeURI(text)}`],
  ['a document', (text) => `/graphql?${new URLSearchParams({ query: `{ x ${text}` })}`],
  ['variables', (text) => `/graphql?${new URLSearchParams({ query: '{ regions { code } }', variables: text })}`],
  ['a query', (text) => `/graphql?${encodeURI(text)}`],
];
