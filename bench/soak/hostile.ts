import { moments, sendCancelled } from '../cancelled-request.ts';
import type { Expected } from './judge.ts';
import type { User } from './user.ts';

/** Bodies that are refused, and with what. Codes of GraphQL and of its transport are not the gateway's own. */
const bodies: readonly [Hostile, ...Hostile[]] = [
  ask('too complex: objects', '{ volumes(first: 1000) { nodes { snapshots(first: 1000) { nodes { uuid } } } } }', [
    'QUERY_TOO_COMPLEX',
  ]),
  ask(
    'too complex: calls',
    `{ ${Array.from({ length: 180 }, (_, index) => `a${index}: volumes(first: 1) { nodes { uuid } }`).join(' ')} }`,
    ['QUERY_TOO_COMPLEX'],
  ),
  ask('too complex: tokens', `{ ${'regions { code } '.repeat(3000)} }`, ['QUERY_TOO_COMPLEX']),
  ask('a bad id', '{ volume(id: "../../secrets", region: KR1) { name } }', ['BAD_USER_INPUT']),
  ask('a uuid without a region', '{ volume(id: "17975e9d-1533-40db-bd02-2072cd2ccb7f") { name } }', ['BAD_USER_INPUT']),
  ask('bad ids in a list', '{ nodes(ids: ["", "x", "VjE6"]) { id } }', ['BAD_USER_INPUT']),
  ask('a bad cursor', '{ volumes(after: "bm9uZQ") { nodes { uuid } } }', ['BAD_USER_INPUT']),
  ask('an unknown field', '{ volumes { nodes { password } } }', ['GRAPHQL_VALIDATION_FAILED']),
  ask('no query', '', ['GRAPHQL_PARSE_FAILED']),
  ask('a cut query', '{ volumes { nodes { uuid', ['GRAPHQL_PARSE_FAILED']),
  { name: 'bad JSON', body: '{"query": "{ regions { code } }"', codes: ['BAD_REQUEST'], statuses: [400] },
  { name: 'an array', body: '[]', codes: ['BAD_REQUEST'], statuses: [400] },
  { name: 'null', body: 'null', codes: ['BAD_REQUEST'], statuses: [400] },
  { name: 'a megabyte and more', body: 'x'.repeat(1_100_000), codes: ['PAYLOAD_TOO_LARGE'], statuses: [413] },
];

interface Hostile extends Omit<Expected, 'sent'> {
  readonly body: string;
}

function ask(name: string, query: string, codes: readonly string[]): Hostile {
  return { name, body: JSON.stringify({ query }), codes };
}

/** A request that must be refused, with the code for it. */
export async function sendHostile({ post, random }: User): Promise<void> {
  const { body, ...expected } = random.pick(bodies);
  const { answer, isWhole, demand } = await post(body, { ...expected, name: `hostile: ${expected.name}` });
  demand(answer.status !== 0 && !isWhole, 'it is not refused');
}

/** A list of all regions whose client leaves. */
export async function sendLeaving({ url, random, identity }: User): Promise<void> {
  const query = `{ volumes(first: 1000) {
    totalCount nodes { name description status metadata volumeType { name } snapshots { nodes { name } } }
  } }`;
  await sendCancelled(url, random.pick(moments), random, { ...identity, query });
}
