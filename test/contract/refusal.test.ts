import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  call,
  callLine,
  closeContract,
  expectRefusal,
  known,
  makeAttached,
  makeVolumes,
  openContract,
} from './expect.ts';
import type { Peer, PeerAnswer, Scratch } from './peer.ts';

let peer: Peer;
let scratch: Scratch;

beforeAll(async () => {
  ({ peer, scratch } = await openContract());
  await makeVolumes();
  known.s1 = await scratch.create('snapshot', { volume_id: known.v4 });
  known.bobs = await scratch.create('volume', { size: 1 }, 'kr1', peer.bob);
  known.bobSnapshot = await scratch.create('snapshot', { volume_id: known.bobs }, 'kr1', peer.bob);
  known.failed = await scratch.create('volume', { size: 1, name: 'fail-create-contract' });
  known.gone = await scratch.create('volume', { size: 1 });
  await scratch.remove(`volumes/${known.gone}`);
  await makeAttached();
});

afterAll(closeContract);

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

function parse(table: string): [string, string, string, string][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.split(' | '))
    .map(([a = '', b = '', c = '', d = '']) => [a, b, c, d]);
}

async function expectQuota(answer: PeerAnswer, message: RegExp): Promise<void> {
  const told = expect.stringMatching(message);
  expect(answer.json).toEqual({ overLimit: { code: 413, message: told, retryAfter: '0' } });
  expect([answer.status, answer.headers.get('Retry-After')]).toEqual([413, '0']);
}
