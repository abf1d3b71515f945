/* Documents, variables and bodies that are meant to hurt. */

export const many = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ');
export const keys = (count: number, write: (index: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [write(index), 1]));
export const lists = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
export const objects = (levels: number, open: string) => `${open.repeat(levels)}1${'}'.repeat(levels)}`;
export const ask = (query: string, variables?: unknown) => JSON.stringify({ query, variables });
/** With variables as JSON text: what is nested so deep cannot be written otherwise. */
export const askRaw = (query: string, variables: string) =>
  `{"query":${JSON.stringify(query)},"variables":${variables}}`;

const byFilter = 'query($value: VolumeFilter) { volumes(filter: $value) { nodes { name } } }';
const byStatus = 'query($value: [VolumeStatus!]) { volumes(filter: { status: $value }) { nodes { name } } }';
const byUuid = 'query($value: [UUID!]) { volumes(filter: { uuids: $value }) { nodes { name } } }';
const byRegion = 'query($value: [RegionCode!]) { volumes(regions: $value) { nodes { name } } }';
const byOrder = 'query($value: [VolumeOrder!]) { volumes(orderBy: $value) { nodes { name } } }';
export const byMetadata = 'query($value: JSONObject) { volumes(filter: { metadata: $value }) { nodes { name } } }';
export const create =
  'mutation($value: JSONObject) { createVolume(input: { region: KR1, size: 1, metadata: $value }) { volume { metadata } } }';

/** Refused with HTTP 200, as what GraphQL refuses is: title, body, code. */
export const refusedByGraphQL: [string, string, string][] = [
  ['5,990 unknown fields', ask(`{ ${many(5990, (index) => `x${index}`)} }`), 'GRAPHQL_VALIDATION_FAILED'],
  [
    'a fragment within itself',
    ask('{ regions { ...a } } fragment a on Region { name ...a }'),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a circle of 700 fragments',
    ask(`{ ...f0 } ${many(700, (index) => `fragment f${index} on Query { ...f${(index + 1) % 700} }`)}`),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'hundreds of fragments that merge each other',
    ask(
      `{ ${many(400, (index) => `...f${index}`)} } ${many(400, (index) => `fragment f${index} on Query { a: __typename ...f${(index + 1) % 400} }`)}`,
    ),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a number of a million digits',
    ask(`{ volumes(first: ${'9'.repeat(1_000_000)}) { nodes { name } } }`),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['an escaped NUL', ask('{ __typename }\0'), 'GRAPHQL_PARSE_FAILED'],
  ['an escaped lone surrogate', '{"query":"{ node(id: \\"\\ud800\\") { id } }"}', 'GRAPHQL_PARSE_FAILED'],
  ['a subscription', ask('subscription { volumes }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a field of Object.prototype', ask('{ __proto__ }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a fragment of Object.prototype', ask('{ ...toString }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a type of Object.prototype', ask('query($v: __proto__) { node(id: $v) { id } }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a directive of Object.prototype', ask('{ regions @constructor { code } }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['an argument of Object.prototype', ask('{ regions(toString: 1) { code } }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['an enum value of Object.prototype', ask('{ region(code: constructor) { code } }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['100,000 regions', ask(byRegion, { value: Array(100_000).fill('KR1') }), 'QUERY_TOO_COMPLEX'],
  [
    '100,000 ids',
    ask('query($v: [ID!]!) { nodes(ids: $v) { id } }', { v: Array(100_000).fill('x') }),
    'QUERY_TOO_COMPLEX',
  ],
  ['an enum list 100,000 levels deep', askRaw(byRegion, `{"value":${lists(100_000)}}`), 'BAD_USER_INPUT'],
  ['a status 100,000 levels deep', askRaw(byStatus, `{"value":[${lists(100_000)}]}`), 'BAD_USER_INPUT'],
  ['metadata 100,000 levels deep', askRaw(create, `{"value":${objects(100_000, '{"a":')}}`), 'BAD_USER_INPUT'],
  ['a filter with __proto__', askRaw(byFilter, '{"value":{"__proto__":{"name":"kept"}}}'), 'BAD_USER_INPUT'],
  ['a filter with constructor', askRaw(byFilter, '{"value":{"constructor":{"polluted":1}}}'), 'BAD_USER_INPUT'],
  ['the region __proto__', ask(byRegion, { value: ['__proto__'] }), 'BAD_USER_INPUT'],
  [
    'a number out of bounds',
    askRaw('query($v: Int) { volumes(first: $v) { nodes { name } } }', '{"v":1e999}'),
    'BAD_USER_INPUT',
  ],
];

/** What overflows the stack of calls, on the first time at least. */
export const tooDeep: [string, string, string][] = [
  [
    '2,900 lists within each other',
    ask(`{ volumes(filter: { metadata: { a: ${lists(2900)} } }) { nodes { name } } }`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    '100,000 lists within each other',
    ask(`{ volumes(filter: { metadata: { a: ${lists(100_000)} } }) { nodes { name } } }`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    '1,900 objects within each other',
    ask(`{ volumes(filter: { metadata: ${objects(1900, '{a:')} }) { nodes { name } } }`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    '2,900 lists in a default',
    ask(`query($m: JSONObject = { a: ${lists(2900)} }) { volumes(filter: { metadata: $m }) { nodes { name } } }`),
    'QUERY_TOO_COMPLEX',
  ],
];

/** Where every mistake told with the whole value would take seconds, or all memory. */
export const tooDear: [string, string, string][] = [
  ['100,000 nulls for statuses', ask(byStatus, { value: Array(100_000).fill(null) }), 'BAD_USER_INPUT'],
  ['100,000 wrong UUIDs', ask(byUuid, { value: Array(100_000).fill('x') }), 'BAD_USER_INPUT'],
  ['100,000 wrong regions', ask(byRegion, { value: Array(100_000).fill('X') }), 'BAD_USER_INPUT'],
  ['50,000 wrong orders', ask(byOrder, { value: Array(50_000).fill({ x: 1 }) }), 'BAD_USER_INPUT'],
  ['a filter of 4,000 unknown keys', ask(byFilter, { value: keys(4000, (index) => `k${index}`) }), 'BAD_USER_INPUT'],
];

/** Where what is refused would come back over and over, 0.9 MB as 90. */
export const tooLong: [string, string, string][] = [
  [
    '100 mistakes in an operation of a long name',
    ask(`query ${'n'.repeat(900_000)}(${many(100, (index) => `$v${index}: Int`)}) { __typename }`),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['a field with a long name', ask(`{ ${'n'.repeat(900_000)} }`), 'GRAPHQL_VALIDATION_FAILED'],
  [
    '100 unknown keys with long names',
    ask(byFilter, { value: keys(100, (index) => 'k'.repeat(9000) + index) }),
    'BAD_USER_INPUT',
  ],
  [
    '100 mistakes behind 450,000 lines',
    ask(`{ ${'\n'.repeat(450_000)} ${many(101, (index) => `x${index}`)} }`),
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['a long word for a region', ask(byRegion, { value: ['n'.repeat(900_000)] }), 'BAD_USER_INPUT'],
];
