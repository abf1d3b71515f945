// One table of raw calls, held against the simulator and, with PEER=cinder, against a real Cinder: what passes with
// both is how the simulator is known to be right. All volumes made here carry the run in their metadata, by which
// lists are filtered, so that other rows of a real tenant do not matter.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  callPeer,
  openPeer,
  openScratch,
  PATIENCE,
  type Peer,
  type PeerAnswer,
  type PeerUser,
  type Scratch,
} from './peer.ts';

const RUN = `contract-${randomBytes(4).toString('hex')}`;
const CONFLICT =
  'Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots or be disassociated from snapshots after volume transfer.';

let peer: Peer;
let scratch: Scratch;
/** What the placeholders of the tables stand for. */
const known: Record<string, string> = {
  run: RUN,
  unknown: '00000000-0000-4000-8000-000000000000',
  long: 'n'.repeat(256),
};

beforeAll(async () => {
  peer = await openPeer();
  scratch = openScratch(peer);
  known.tenant = peer.alice.tenant;
  for (const [index, size] of [1, 2, 2, 3, 1].entries()) {
    const name = ['e', 'a', 'c', 'b'][index];
    const fields = { size, metadata: { run: RUN }, ...(name ? { name: `${RUN}-${name}` } : {}) };
    known[`v${index + 1}`] = await scratch.create('volume', fields);
  }
  known.s1 = await scratch.create('snapshot', { volume_id: known.v4, name: `${RUN}-b` });
  known.s2 = await scratch.create('snapshot', { volume_id: known.v2, name: `${RUN}-a` });
  known.s3 = await scratch.create('snapshot', { volume_id: known.v4 });
  known.bobs = await scratch.create('volume', { size: 1 }, 'kr1', peer.bob);
  known.bobSnapshot = await scratch.create('snapshot', { volume_id: known.bobs }, 'kr1', peer.bob);
  known.failed = await scratch.create('volume', { size: 1, name: 'fail-create-contract' });
  known.gone = await scratch.create('volume', { size: 1 });
  await scratch.remove(`volumes/${known.gone}`);
  known.attached = await scratch.create('volume', { size: 1, metadata: { k: 'v' } });
  await peer.attach('kr1', known.attached);
  for (const type of rows(await call('GET', 'types'))) known[`type of ${type.name}`] = type.id;
});

afterAll(async () => {
  await call('POST', `volumes/${known.attached}/action`, { 'os-detach': {} });
  await scratch[Symbol.asyncDispose]();
  await peer[Symbol.asyncDispose]();
});

/** Lines of: title | method, path below the tenant, body | status, fault | message. Placeholders are in braces. */
const REFUSALS = `
a limit below zero | GET volumes?limit=-1 | 400 badRequest | limit param must be positive
a limit in words | GET volumes/detail?limit=abc | 400 badRequest | limit param must be an integer
a fractional limit | GET snapshots?limit=1.5 | 400 badRequest | limit param must be an integer
an empty limit | GET types?limit= | 400 badRequest | limit param must be an integer
an offset below zero | GET volumes?offset=-1 | 400 badRequest | offset must be >= 0
an offset in words | GET snapshots?offset=abc | 400 badRequest | offset must be an integer
an offset too high | GET volumes?offset=99999999999 | 400 badRequest | offset must be <= 2147483647
an unknown marker | GET volumes?marker={unknown} | 404 itemNotFound | Volume {unknown} could not be found.
a marker that is no UUID | GET volumes?marker=abc&sort=bogus | 404 itemNotFound | Volume abc could not be found.
a marker deleted since | GET volumes?limit=0&marker={gone} | 404 itemNotFound | Volume {gone} could not be found.
an unknown snapshot marker | GET snapshots?marker={unknown} | 404 itemNotFound | Snapshot {unknown} could not be found.
an unknown sort key | GET volumes?sort=bogus:asc | 400 badRequest | Invalid input received: Invalid sort key
a sort key that is no column | GET volumes?sort=metadata:asc | 400 badRequest | Invalid input received: Invalid sort key
an empty sort | GET volumes?sort= | 400 badRequest | Invalid input received: Invalid sort key
snapshots sorted by name | GET snapshots/detail?sort=name:asc | 400 badRequest | Invalid input received: Invalid sort key
snapshots sorted by size | GET snapshots/detail?limit=0&sort=size | 400 badRequest | Invalid input received: Invalid sort key
an unknown direction | GET volumes?sort=name:up | 400 badRequest | Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.
sort with sort_key | GET volumes?sort=name&sort_key=size | 400 badRequest | The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.
an unknown volume | GET volumes/{unknown} | 404 itemNotFound | Volume {unknown} could not be found.
an id that is no UUID | GET volumes/abc | 404 itemNotFound | Volume abc could not be found.
another tenant's volume | GET volumes/{bobs} | 404 itemNotFound | Volume {bobs} could not be found.
delete of another tenant's volume | DELETE volumes/{bobs} | 404 itemNotFound | Volume {bobs} could not be found.
an unknown snapshot | GET snapshots/{unknown} | 404 itemNotFound | Snapshot {unknown} could not be found.
another tenant's snapshot | GET snapshots/{bobSnapshot} | 404 itemNotFound | Snapshot {bobSnapshot} could not be found.
an unknown type | GET types/{unknown} | 404 itemNotFound | Volume type {unknown} could not be found.
a size of 0 | POST volumes {"volume": {"size": 0}} | 400 badRequest | Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1
a size of -1 | POST volumes {"volume": {"size": -1}} | 400 badRequest | Invalid input for field/attribute size. Value: -1. -1 is less than the minimum of 1
a fractional size | POST volumes {"volume": {"size": 1.5}} | 400 badRequest | Invalid input for field/attribute size. Value: 1.5. 1.5 is not of type 'integer', 'string', 'null'
a size in words | POST volumes {"volume": {"size": "abc"}} | 400 badRequest | Invalid input for field/attribute size. Value: abc. 'abc' does not match '^[0-9]+$'
a size too high | POST volumes {"volume": {"size": 2147483648}} | 400 badRequest | Invalid input for field/attribute size. Value: 2147483648. 2147483648 is greater than the maximum of 2147483647
no size | POST volumes {"volume": {"name": "x"}} | 400 badRequest | The server could not comply with the request since it is either malformed or otherwise incorrect.
a name that is a number | POST volumes {"volume": {"size": 1, "name": 7}} | 400 badRequest | Invalid input for field/attribute name. Value: 7. 7 is not of type 'string', 'null'
a name of 256 characters | POST volumes {"volume": {"size": 1, "name": "{long}"}} | 400 badRequest | Invalid input received: name has 256 characters, more than 255.
a metadata value that is a number | POST volumes {"volume": {"size": 1, "metadata": {"k": 1}}} | 400 badRequest | Invalid input for field/attribute k. Value: 1. 1 is not of type 'string'
a metadata value of 256 characters | POST volumes {"volume": {"size": 1, "metadata": {"k": "{long}"}}} | 400 badRequest | Invalid input for field/attribute k. Value: {long}. '{long}' is too long
an odd metadata key | POST volumes {"volume": {"size": 1, "metadata": {"k#": "v"}}} | 400 badRequest | Invalid input for field/attribute metadata. Value: {'k#': 'v'}. 'k#' does not match any of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'
an unknown type by name | POST volumes {"volume": {"size": 1, "volume_type": "No Such"}} | 404 itemNotFound | Volume type with name No Such could not be found.
an unknown type by id | POST volumes {"volume": {"size": 1, "volume_type": "{unknown}"}} | 404 itemNotFound | Volume type {unknown} could not be found.
an unknown zone | POST volumes {"volume": {"size": 1, "availability_zone": "nowhere"}} | 400 badRequest | Availability zone 'nowhere' is invalid.
an empty snapshot id | POST volumes {"volume": {"size": 1, "snapshot_id": ""}} | 400 badRequest | Invalid input for field/attribute snapshot_id. Value: . '' is not valid under any of the given schemas
a snapshot id that is no UUID | POST volumes {"volume": {"size": 1, "snapshot_id": "abc"}} | 400 badRequest | Invalid input for field/attribute snapshot_id. Value: abc. 'abc' is not valid under any of the given schemas
an unknown snapshot to start from | POST volumes {"volume": {"size": 1, "snapshot_id": "{unknown}"}} | 404 itemNotFound | Snapshot {unknown} could not be found.
another tenant's snapshot to start from | POST volumes {"volume": {"size": 1, "snapshot_id": "{bobSnapshot}"}} | 404 itemNotFound | Snapshot {bobSnapshot} could not be found.
a size below the snapshot's | POST volumes {"volume": {"size": 1, "snapshot_id": "{s1}"}} | 400 badRequest | Invalid input received: Volume size '1'GB cannot be smaller than the snapshot size 3GB. They must be >= original snapshot size.
another type than the snapshot's | POST volumes {"volume": {"size": 3, "snapshot_id": "{s1}", "volume_type": "General SSD"}} | 400 badRequest | Invalid input received: Invalid volume_type provided: {type of General SSD} (requested type is not compatible; recommend omitting the type argument).
an unknown source volume | POST volumes {"volume": {"size": 1, "source_volid": "{unknown}"}} | 404 itemNotFound | Volume {unknown} could not be found.
a size below the source volume's | POST volumes {"volume": {"size": 1, "source_volid": "{v4}"}} | 400 badRequest | Invalid input received: Volume size '1'GB cannot be smaller than original volume size  3GB. They must be >= original volume size.
a source volume in error | POST volumes {"volume": {"size": 1, "source_volid": "{failed}"}} | 400 badRequest | Invalid volume: Originating source volume status must be one of 'available, in-use' values
no volume key | POST volumes {"size": 1} | 400 badRequest | 'volume' is a required property
a second top-level key | POST volumes {"volume": {"size": 1}, "x": 1} | 400 badRequest | Additional properties are not allowed ('x' was unexpected)
a volume that is a list | POST volumes {"volume": []} | 400 badRequest | Invalid input for field/attribute volume. Value: []. [] is not of type 'object'
a body that is a list | POST volumes [1] | 400 badRequest | [1] is not of type 'object'
malformed JSON | POST volumes {"volume": | 400 badRequest | Malformed request body
no body | POST volumes | 500 computeFault | The server has either erred or is incapable of performing the requested operation.
a delete with a body | DELETE volumes/{v1} {} | 400 badRequest | The server could not comply with the request since it is either malformed or otherwise incorrect.
a snapshot without volume_id | POST snapshots {"snapshot": {"name": "x"}} | 400 badRequest | Invalid input for field/attribute snapshot. Value: {'name': 'x'}. 'volume_id' is a required property
a snapshot of null | POST snapshots {"snapshot": {"volume_id": null}} | 404 itemNotFound | Volume None could not be found.
a snapshot of no UUID | POST snapshots {"snapshot": {"volume_id": "abc"}} | 400 badRequest | Invalid input for field/attribute volume_id. Value: abc. 'abc' is not valid under any of the given schemas
a snapshot of an unknown volume | POST snapshots {"snapshot": {"volume_id": "{unknown}"}} | 404 itemNotFound | Volume {unknown} could not be found.
a snapshot of another tenant's volume | POST snapshots {"snapshot": {"volume_id": "{bobs}"}} | 404 itemNotFound | Volume {bobs} could not be found.
a snapshot with an unknown key | POST snapshots {"snapshot": {"volume_id": null, "x": 1}} | 400 badRequest | Invalid input for field/attribute snapshot. Value: {'volume_id': None, 'x': 1}. Additional properties are not allowed ('x' was unexpected)
a snapshot with an odd force | POST snapshots {"snapshot": {"volume_id": "{v1}", "force": "maybe"}} | 400 badRequest | Invalid input for field/attribute force. Value: maybe. 'maybe' is not one of [True, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', 'y', 't', False, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no', 'n', 'f']
a snapshot of a failed volume | POST snapshots {"snapshot": {"volume_id": "{failed}", "force": true}} | 400 badRequest | Invalid volume: volume is not assigned to a host
a snapshot of a volume in use without force | POST snapshots {"snapshot": {"volume_id": "{attached}"}} | 400 badRequest | Invalid volume: Volume {attached} status must be available, but current status is: in-use.
a delete of a volume in use | DELETE volumes/{attached} | 400 badRequest | {conflict}
a delete of a volume with snapshots | DELETE volumes/{v4} | 400 badRequest | {conflict}
an upload of a volume in use without force | POST volumes/{attached}/action {"os-volume_upload_image": {"image_name": "i"}} | 400 badRequest | Invalid volume: Volume {attached} status must be available
a forced upload of a failed volume | POST volumes/{failed}/action {"os-volume_upload_image": {"image_name": "i", "force": true}} | 400 badRequest | Invalid volume: Volume {failed} status must be available or in-use
an upload of an unknown volume | POST volumes/{unknown}/action {"os-volume_upload_image": {"image_name": "i"}} | 404 itemNotFound | Volume {unknown} could not be found.
an upload without a name | POST volumes/{v1}/action {"os-volume_upload_image": {"force": true}} | 400 badRequest | Invalid input for field/attribute os-volume_upload_image. Value: {'force': True}. 'image_name' is a required property
an upload with an empty name | POST volumes/{v1}/action {"os-volume_upload_image": {"image_name": ""}} | 400 badRequest | Invalid input for field/attribute image_name. Value: . '' is too short
a public upload | POST volumes/{v1}/action {"os-volume_upload_image": {"image_name": "i", "visibility": "public"}} | 403 forbidden | Policy doesn't allow volume_extension:volume_actions:upload_public to be performed.
an upload of an unknown visibility | POST volumes/{v1}/action {"os-volume_upload_image": {"image_name": "i", "visibility": "secret"}} | 400 badRequest | Invalid input for field/attribute visibility. Value: secret. 'secret' is not one of ['community', 'public', 'private', 'shared']
an upload in an unknown format | POST volumes/{v1}/action {"os-volume_upload_image": {"image_name": "i", "disk_format": "iso9660"}} | 400 badRequest | Invalid input for field/attribute disk_format. Value: iso9660. 'iso9660' is not one of ['raw', 'vmdk', 'vdi', 'qcow2', 'vhd', 'vhdx', 'ploop']
an upload in an unknown container | POST volumes/{v1}/action {"os-volume_upload_image": {"image_name": "i", "container_format": "zip"}} | 400 badRequest | Unable to set 'container_format' to 'zip'. Reason: 'zip' is not one of [None, 'ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed']…
an unknown action | POST volumes/{v1}/action {"os-nothing": {}} | 400 badRequest | There is no such action: os-nothing. Verify the request body and Content-Type header and try again.
an empty action | POST volumes/{v1}/action {} | 400 badRequest | Malformed request body
two actions at once | POST volumes/{v1}/action {"os-volume_upload_image": {"image_name": "i"}, "os-x": {}} | 400 badRequest | Malformed request body
`;

const NO_ROUTES = [
  'GET nothing',
  'GET volumes/',
  'GET volumes/{v1}/',
  'GET /v2/{tenant}',
  'GET /v2/volumes',
  'HEAD volumes/{v1}',
].concat(['PATCH volumes/{v1} {}', 'DELETE volumes', 'POST volumes/detail {"volume": {}}', 'GET /v4/']);

describe('what is refused', () => {
  test.each(parse(REFUSALS))('%s is refused', async (_, request, outcome, message) => {
    await expectRefusal(await callLine(request), outcome, message);
  });

  test.each(NO_ROUTES)('%s has no route, which is 404 in HTML', async (request) => {
    const answer = await callLine(request);
    expect([answer.status, answer.type]).toEqual([404, 'text/html']);
    expect(answer.text.includes('<h1>404 Not Found</h1>')).toBe(!request.startsWith('HEAD'));
  });

  test.each(['not-a-token', ''])('the token "%s" is 401 in the words of the Keystone middleware', async (token) => {
    const answer = await call('GET', 'volumes', undefined, { user: { ...peer.alice, token } });
    const message = 'The request you have made requires authentication.';
    expect(answer.json).toEqual({ error: { code: 401, title: 'Unauthorized', message } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('Www-Authenticate')).toMatch(/^Keystone uri="/);
    expect(answer.headers.get('X-Openstack-Request-Id')).toMatch(/^req-/);
    expect(answer.headers.get('X-Compute-Request-Id')).toBeNull();
  });

  test.each(['GET', 'POST'])("another tenant's path is 400 for %s", async (method) => {
    const user = { token: peer.bob.token, tenant: peer.alice.tenant };
    const body = method === 'POST' ? { volume: { size: 0 } } : undefined;
    await expectRefusal(await call(method, 'volumes', body, { user }), '400 badRequest', 'Malformed request url');
  });

  test.each(['text/plain', ''])('a body of the type "%s" is 415', async (type) => {
    const answer = await call('POST', 'volumes', '{"volume": {"size": 0}}', { headers: { 'Content-Type': type } });
    await expectRefusal(answer, '415 badMediaType', 'Unsupported Content-Type');
  });

  test('a body above 114688 bytes is 413 in HTML, without Retry-After', async () => {
    const answer = await call('POST', 'volumes', { volume: { size: 1, description: 'd'.repeat(120_000) } });
    expect([answer.status, answer.type]).toEqual([413, 'text/html']);
    expect(answer.text).toContain('Request is too large. Larger than max_request_body_size (114688).');
    expect(answer.headers.has('Retry-After')).toBe(false);
  });

  test('an exceeded quota is 413 in JSON, with Retry-After', async () => {
    const user = peer.tiny;
    const tooBig = await call('POST', 'volumes', { volume: { size: 11 } }, { user });
    await expectQuota(
      tooBig,
      /^VolumeSizeExceedsAvailableQuota: .* Requested 11G, quota is 10G and 0G has been consumed\.$/,
    );
    const [first] = [
      await scratch.create('volume', { size: 1 }, 'kr1', user),
      await scratch.create('volume', { size: 1 }, 'kr1', user),
    ];
    const third = await call('POST', 'volumes', { volume: { size: 1 } }, { user });
    await expectQuota(
      third,
      /^VolumeLimitExceeded: Maximum number of volumes allowed \(2\) exceeded for quota 'volumes'\.$/,
    );
    await scratch.create('snapshot', { volume_id: first }, 'kr1', user);
    const second = await call('POST', 'snapshots', { snapshot: { volume_id: first } }, { user });
    await expectQuota(second, /^SnapshotLimitExceeded: Maximum number of snapshots allowed \(1\) exceeded$/);
  });
});

const VOLUME_KEYS = [
  'id',
  'status',
  'size',
  'availability_zone',
  'created_at',
  'updated_at',
  'name',
  'description',
  'volume_type',
]
  .concat([
    'snapshot_id',
    'source_volid',
    'metadata',
    'links',
    'user_id',
    'bootable',
    'encrypted',
    'replication_status',
  ])
  .concat(['consistencygroup_id', 'multiattach', 'attachments']);
const SNAPSHOT_KEYS = [
  'id',
  'created_at',
  'updated_at',
  'name',
  'description',
  'volume_id',
  'status',
  'size',
  'metadata',
];
const EXTENDED_KEYS = ['os-extended-snapshot-attributes:project_id', 'os-extended-snapshot-attributes:progress'];

describe('what is shown', () => {
  test.each([
    ['volumes', ['id', 'name', 'links']],
    ['volumes/detail', [...VOLUME_KEYS, 'os-vol-tenant-attr:tenant_id']],
    ['volumes/{v1}', [...VOLUME_KEYS, 'os-vol-tenant-attr:tenant_id']],
    ['snapshots', SNAPSHOT_KEYS],
    ['snapshots/detail', [...SNAPSHOT_KEYS, ...EXTENDED_KEYS]],
    ['snapshots/{s1}', [...SNAPSHOT_KEYS, ...EXTENDED_KEYS]],
    ['types', ['id', 'name', 'is_public', 'description', 'extra_specs', 'os-volume-type-access:is_public']],
    [
      'types/{type of General SSD}',
      ['id', 'name', 'is_public', 'description', 'extra_specs', 'os-volume-type-access:is_public'],
    ],
  ])('%s shows these keys and no others', async (path, keys) => {
    const answer = await callLine(`GET ${path}`);
    expect([answer.status, answer.type]).toEqual([200, 'application/json']);
    expect(Object.keys(rows(answer)[0] ?? {}).sort()).toEqual([...keys].sort());
    expect(answer.headers.get('X-Compute-Request-Id')).toBe(answer.headers.get('X-Openstack-Request-Id'));
  });

  test('an attached volume is in-use, names its server and has gained metadata', async () => {
    const [row] = rows(await callLine('GET volumes/{attached}'));
    expect(row).toMatchObject({ status: 'in-use', bootable: 'false', encrypted: false, multiattach: false });
    expect(row?.metadata).toEqual({ k: 'v', readonly: 'False', attached_mode: 'rw' });
    const keys = ['id', 'attachment_id', 'volume_id', 'server_id', 'host_name', 'device', 'attached_at'];
    const [attachment] = row?.attachments ?? [];
    expect(Object.keys(attachment ?? {}).sort()).toEqual(keys.sort());
    expect(attachment).toMatchObject({ id: row?.id, volume_id: row?.id, device: '/dev/vdb' });
  });

  test('links follow the host that a proxy forwards, by http', async () => {
    const headers = { 'X-Forwarded-Host': 'storage.example', 'X-Forwarded-Proto': 'https' };
    const answer = await call('GET', 'volumes?limit=1', undefined, { headers });
    expect(nextLink(answer)).toMatch(/^http:\/\/storage\.example\/v2\//);
  });

  test('a stock region shows members no extra_specs, and its types are newest first', async () => {
    const [type] = rows(await call('GET', 'types', undefined, { region: 'jp1' }));
    expect(Object.keys(type ?? {})).not.toContain('extra_specs');
    expect(type?.name).toBe('General SSD');
    expect(type?.volume_type).toBeUndefined();
  });
});

// The volumes v1 to v5 by name, size: e 1, a 2, c 2, b 3, and one of 1 without a name.
describe('lists', () => {
  const mine = `metadata=${encodeURIComponent(`{'run':'${RUN}'}`)}`;

  test.each([
    ['', '54321'],
    ['&sort=name:asc', '52431'],
    ['&sort=name', '13425'],
    ['&sort=display_name:asc&limit=3', '524'],
    ['&sort=size:desc,name:asc', '42351'],
    ['&sort=size:asc', '15234'],
    ['&sort=size', '43251'],
    ['&sort_key=size&sort_dir=asc', '15234'],
    ['&sort=created_at:asc&limit=2&marker={v2}', '34'],
    ['&sort=created_at:asc&offset=3', '45'],
    ['&limit=2&offset=1', '43'],
    ['&limit=2&limit=4', '54'],
    ['&limit=0', ''],
    ['&offset=1000', ''],
    ['&limit=99999', '54321'],
    ['&marker={bobs}', '54321'],
    ['&size=2', '32'],
    ['&name={run}-b', '4'],
    ['&name={run}-B', ''],
    ['&status=available&bootable=false&size=1', '51'],
    ['&status=error', ''],
    ['&volume_type=No+Such&id={unknown}&foo=bar&all_tenants=1&with_count=true', '54321'],
    ['&size=1&size=3', '4'],
  ])('volumes?…%s are volumes "%s" in that order', async (query, expected) => {
    for (const path of ['volumes', 'volumes/detail']) {
      const answer = await callLine(`GET ${path}?${mine}${query}`);
      expect(
        rows(answer)
          .map(({ id }) => [1, 2, 3, 4, 5].find((n) => known[`v${n}`] === id))
          .join(''),
      ).toBe(expected);
    }
  });

  test.each([
    ['volume_id={v4}', '31'],
    ['volume_id={v4}&volume_id={v2}', '2'],
    ['volume_id={v4},{v2}', ''],
    ['volume_id={v4}&sort=display_name', '13'],
    ['volume_id={v4}&sort=volume_size:asc,display_name:asc', '31'],
    ['volume_id={v4}&limit=1&offset=1', '1'],
    ['volume_id={v4}&marker={s3}', '1'],
    ['volume_id={v4}&status=available&name={run}-b', '1'],
    ['volume_id={v4}&status=error', ''],
    ['volume_id={v4}&foo=bar&with_count=true', '31'],
  ])('snapshots?%s are snapshots "%s" in that order', async (query, expected) => {
    for (const path of ['snapshots', 'snapshots/detail']) {
      const answer = await callLine(`GET ${path}?${query}`);
      expect(
        rows(answer)
          .map(({ id }) => [1, 2, 3].find((n) => known[`s${n}`] === id))
          .join(''),
      ).toBe(expected);
    }
  });

  test('a full page has a next link, also when nothing follows, and only then', async () => {
    const full = await callLine(`GET volumes/detail?${mine}&limit=5&sort=name:asc`);
    expect(nextLink(full)).toBe(
      `${peer.region('kr1').endpoint}/v2/${known.tenant}/volumes/detail?` +
        new URLSearchParams([
          ['metadata', `{'run':'${RUN}'}`],
          ['limit', '5'],
          ['sort', 'name:asc'],
          ['marker', known.v1 ?? ''],
        ]),
    );
    const empty = await callLine(`GET volumes/detail?${mine}&limit=5&sort=name:asc&marker={v1}`);
    expect(empty.json).toEqual({ volumes: [] });
    expect(nextLink(await callLine(`GET volumes?${mine}&limit=6`))).toBeUndefined();
    expect((await callLine('GET snapshots?volume_id={v4}&limit=2')).json).toHaveProperty('snapshots_links');
    expect((await callLine('GET types?limit=1')).json).toHaveProperty('volume_type_links');
  });

  test.each(['', '&sort=name:asc', '&sort=name:desc', '&sort=size:asc', '&sort=status:asc,size:desc'])(
    'next links of ?limit=2%s meet each volume exactly once',
    async (query) => {
      const met = await walk(`volumes?${mine}&limit=2${query}`);
      expect(met).toHaveLength(5);
      expect(new Set(met)).toEqual(new Set([1, 2, 3, 4, 5].map((n) => known[`v${n}`])));
    },
  );

  test('next links keep the offset and so skip a volume per page', async () => {
    expect(await walk(`volumes?${mine}&limit=2&offset=1`)).toEqual([known.v4, known.v3, known.v1]);
  });

  test('a region cuts pages at its own maximum and links on, with and without an asked limit', async () => {
    const region = 'jp1';
    const fields = { size: 1, metadata: { run: RUN } };
    await Promise.all(Array.from({ length: 11 }, () => scratch.create('volume', fields, region)));
    for (const asked of ['', '&limit=50']) {
      const page = await call('GET', `volumes?${mine}${asked}`, undefined, { region });
      expect(rows(page)).toHaveLength(10);
      expect(new URL(nextLink(page) ?? '').searchParams.get('limit')).toBe(asked ? '50' : null);
    }
    expect(await walk(`volumes?${mine}`, region)).toHaveLength(11);
  });
});

describe('what changes', () => {
  test('a create answers "creating" without the tenant, and trims, reads digits and finds a type by its id', async () => {
    const fields = { size: '1', name: `  ${RUN}-new  `, volume_type: known['type of General SSD'], metadata: null };
    const answer = await call('POST', 'volumes', { volume: fields });
    const [row] = rows(answer);
    scratch.adopt(`volumes/${row?.id}`);
    expect([answer.status, answer.type]).toEqual([202, 'application/json']);
    expect(Object.keys(row ?? {}).sort()).toEqual([...VOLUME_KEYS].sort());
    expect(row).toMatchObject({
      status: 'creating',
      size: 1,
      name: `${RUN}-new`,
      volume_type: 'General SSD',
      metadata: {},
    });
    expect(row?.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    await becomes(`volumes/${row?.id}`, 'available');
  });

  test('a volume still creating can be neither deleted nor copied', async () => {
    const [row] = rows(await call('POST', 'volumes', { volume: { size: 1, name: `slow-1-${RUN}` } }));
    known.slow = row?.id ?? '';
    scratch.adopt(`volumes/${known.slow}`);
    expect(rows(await callLine('GET volumes/{slow}'))[0]?.status).toBe('creating');
    // Until the scheduler has found a place for it, a volume is deleted without further ado.
    const snapshot = { volume_id: known.slow, force: true };
    const unplaced = 'Invalid volume: volume is not assigned to a host';
    const copy = () => call('POST', 'snapshots', { snapshot });
    await vi.waitUntil(async () => !(await copy()).text.includes(unplaced), PATIENCE);
    const words = 'Volume {slow} status must be available, in-use, but current status is: creating.';
    await expectRefusal(await copy(), '400 badRequest', `Invalid volume: ${words}`);
    await expectRefusal(await callLine('DELETE volumes/{slow}'), '400 badRequest', CONFLICT);
    const uploaded = await callLine('POST volumes/{slow}/action {"os-volume_upload_image": {"image_name": "i"}}');
    await expectRefusal(uploaded, '400 badRequest', 'Invalid volume: Volume {slow} status must be available');
  });

  test('a volume takes size, type and zone from its snapshot', async () => {
    const id = await scratch.create('volume', { snapshot_id: known.s1 });
    const [[row], [source]] = [rows(await call('GET', `volumes/${id}`)), rows(await callLine('GET volumes/{v4}'))];
    const { volume_type, availability_zone } = source ?? {};
    expect(row).toMatchObject({ status: 'available', size: 3, snapshot_id: known.s1, volume_type, availability_zone });
  });

  test('a snapshot is created, is shown, cannot be used or deleted before it is ready, and goes', async () => {
    const snapshot = { volume_id: known.attached, name: `slow-1-${RUN}`, description: 'd', force: true };
    const answer = await call('POST', 'snapshots', { snapshot });
    const [row] = rows(answer);
    const path = `snapshots/${row?.id}`;
    scratch.adopt(path);
    expect(answer.status).toBe(202);
    expect(Object.keys(row ?? {}).sort()).toEqual([...SNAPSHOT_KEYS].sort());
    expect(row).toMatchObject({ status: 'creating', description: 'd', size: 1, volume_id: known.attached });
    const early = await call('POST', 'volumes', { volume: { size: 1, snapshot_id: row?.id } });
    const words = "Invalid snapshot: Originating snapshot status must be one of 'available' values";
    await expectRefusal(early, '400 badRequest', words);
    const refusal = 'Invalid snapshot: Snapshot status must be available or error and must not be part of a group.';
    await expectRefusal(await call('DELETE', path), '400 badRequest', refusal);
    await becomes(path, 'available');
    expect(rows(await call('GET', path))[0]).toHaveProperty(EXTENDED_KEYS[1] ?? '', '100%');
  });

  test('a delete answers 202 empty and typed text/html; the volume is deleting, then gone', async () => {
    const path = `volumes/${await scratch.create('volume', { size: 1, name: `slow-0.5-${RUN}` })}`;
    const answer = await call('DELETE', path);
    expect([answer.status, answer.type, answer.text]).toEqual([202, 'text/html', '']);
    expect(answer.headers.get('X-Openstack-Request-Id')).toMatch(/^req-/);
    expect(answer.headers.has('X-Compute-Request-Id')).toBe(false);
    expect(rows(await call('GET', path))[0]?.status).toBe('deleting');
    await expectRefusal(await call('DELETE', path), '400 badRequest', CONFLICT);
    await expect.poll(async () => (await call('GET', path)).status, PATIENCE).toBe(404);
  });

  test.each([
    ['kr1', { visibility: 'private', protected: false }, '{v1}'],
    ['kr1', {}, '{attached}'],
    ['jp1', {}, '{jp}'],
  ])(
    'an upload in %s with %j answers the type as an object, and the volume comes back',
    async (region, extra, volume) => {
      known.jp ??= await scratch.create('volume', { size: 1 }, 'jp1');
      const path = filled(`volumes/${volume}`);
      const [before] = rows(await call('GET', path, undefined, { region }));
      const upload = {
        image_name: 'VOLUME IMAGE',
        force: true,
        disk_format: 'qcow2',
        container_format: 'bare',
        ...extra,
      };
      const answer = await call('POST', `${path}/action`, { 'os-volume_upload_image': upload }, { region });
      expect(answer.status).toBe(202);
      const [image] = rows(answer);
      const keys = ['id', 'updated_at', 'status', 'display_description', 'size', 'volume_type', 'image_id'];
      const imageKeys = ['container_format', 'disk_format', 'image_name', 'protected', 'visibility'];
      expect(Object.keys(image ?? {}).sort()).toEqual([...keys, ...imageKeys].sort());
      expect(image).toMatchObject({
        status: 'uploading',
        visibility: region === 'jp1' ? 'shared' : 'private',
        image_name: 'VOLUME IMAGE',
        volume_type: { name: 'General HDD' },
      });
      await becomes(path, before?.status ?? '', region);
    },
  );

  test('a stock region refuses visibility and protected in an upload', async () => {
    known.jp ??= await scratch.create('volume', { size: 1 }, 'jp1');
    const body = { 'os-volume_upload_image': { image_name: 'i', visibility: 'private', protected: false } };
    const answer = await call('POST', `volumes/${known.jp}/action`, body, { region: 'jp1' });
    const value = "{'image_name': 'i', 'visibility': 'private', 'protected': False}";
    const words = `Value: ${value}. Additional properties are not allowed (…`;
    await expectRefusal(answer, '400 badRequest', `Invalid input for field/attribute os-volume_upload_image. ${words}`);
  });
});

describe('over MariaDB', () => {
  const region = 'kr2';

  test('times are whole seconds, but for a snapshot at the moment it is made', async () => {
    const volume = await scratch.create('volume', { size: 1 }, region);
    expect(rows(await call('GET', `volumes/${volume}`, undefined, { region }))[0]?.created_at).toMatch(/\.000000$/);
    const made: string[] = [];
    // One moment in a million is a whole second itself.
    for (let times = 0; times < 2; times += 1) {
      const answer = await call('POST', 'snapshots', { snapshot: { volume_id: volume } }, { region });
      const [row] = rows(answer);
      scratch.adopt(`snapshots/${row?.id}`, region);
      made.push(row?.created_at ?? '');
      const [back] = rows(await call('GET', `snapshots/${row?.id}`, undefined, { region }));
      expect(back?.created_at).toBe(`${row?.created_at.slice(0, 19)}.000000`);
    }
    expect(made.some((time) => !time.endsWith('.000000'))).toBe(true);
  });

  test('names and ids compare without case, and an emoji in a name is refused', async () => {
    const id = await scratch.create('volume', { size: 1, name: `${RUN}-Case` }, region);
    const found = await call('GET', `volumes?name=${RUN.toUpperCase()}-cASE`, undefined, { region });
    expect(rows(found).map((row) => row.id)).toEqual([id]);
    expect((await call('GET', `volumes/${id.toUpperCase()}`, undefined, { region })).status).toBe(200);
    expect((await callLine(`GET volumes/${known.v1?.toUpperCase()}`)).status).toBe(404);
    const emoji = await call('POST', 'volumes', { volume: { size: 1, name: '💾' } }, { region });
    await expectRefusal(emoji, '400 badRequest', 'Error writing field to database');
  });
});

interface Row {
  id: string;
  name: string | null;
  status: string;
  created_at: string;
  metadata: Record<string, string>;
  attachments?: object[];
  volume_type?: unknown;
  availability_zone?: string;
}

interface Sent {
  region?: string;
  user?: PeerUser;
  headers?: Record<string, string>;
}

function call(method: string, path: string, body?: unknown, sent: Sent = {}): Promise<PeerAnswer> {
  return callPeer(peer.region(sent.region ?? 'kr1'), sent.user ?? peer.alice, method, path, body, sent.headers);
}

/** A call as the tables write it: method, path, and the body if there is one. */
function callLine(line: string): Promise<PeerAnswer> {
  const [, method = '', path = '', body] = /^(\S+) (\S+(?: SSD)?)(?: (.+))?$/.exec(filled(line)) ?? [];
  return call(method, path, body);
}

function filled(text = ''): string {
  const named = { ...known, conflict: CONFLICT };
  return text.replace(/\{([\w -]+)\}/g, (whole, name) =>
    name in named ? String(named[name as keyof typeof named]) : whole,
  );
}

function parse(table: string): [string, string, string, string][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.split(' | '))
    .map(([a = '', b = '', c = '', d = '']) => [a, b, c, d]);
}

/** The rows of a list, or the one row of any other answer. */
function rows(answer: PeerAnswer): Row[] {
  // The expectations on the fields are the check; a wrong shape shows there.
  return [Object.values(answer.json)[0]].flat() as Row[];
}

function nextLink(answer: PeerAnswer): string | undefined {
  const links = Object.entries(answer.json).find(([key]) => key.endsWith('_links'))?.[1];
  return (links as { href: string }[] | undefined)?.[0]?.href;
}

async function walk(path: string, region = 'kr1'): Promise<string[]> {
  const ids: string[] = [];
  let next: string | undefined = path;
  while (next) {
    const page: PeerAnswer = await call('GET', next, undefined, { region });
    ids.push(...rows(page).map(({ id }) => id));
    const link = nextLink(page);
    next = link?.slice(peer.region(region).endpoint.length);
  }
  return ids;
}

async function becomes(path: string, status: string, region = 'kr1'): Promise<void> {
  const read = async () => rows(await call('GET', path, undefined, { region }))[0]?.status;
  await expect.poll(read, PATIENCE).toBe(status);
}

async function expectRefusal(answer: PeerAnswer, outcome: string, message: string): Promise<void> {
  const [status, fault = ''] = outcome.split(' ');
  const expected = filled(message);
  const told = expected.endsWith('…') ? expect.stringContaining(expected.slice(0, -1)) : expected;
  expect(answer.json).toEqual({ [fault]: { code: Number(status), message: told } });
  expect([answer.status, answer.type]).toEqual([Number(status), 'application/json']);
}

async function expectQuota(answer: PeerAnswer, message: RegExp): Promise<void> {
  const told = expect.stringMatching(message);
  expect(answer.json).toEqual({ overLimit: { code: 413, message: told, retryAfter: '0' } });
  expect([answer.status, answer.headers.get('Retry-After')]).toEqual([413, '0']);
}
