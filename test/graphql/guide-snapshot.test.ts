import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CreateSnapshotDocument,
  DeleteSnapshotDocument,
  SnapshotInFullByIdDocument,
  SnapshotsInFullDocument,
} from '../support/documents.ts';
import { ask } from '../support/query.ts';
import { alice } from '../support/stack.ts';
import { example, gateway, guideSnapshot, requestsOf, startGuide, stopGuide, upstream } from './guide.ts';

/* The calls of the guide for snapshots, asked through GraphQL and answered with its own examples. */

beforeAll(startGuide);
afterAll(stopGuide);

test('List Snapshots: all fields but progress and project come from the short list', async () => {
  const { progress: _, projectId: __, ...short } = guideSnapshot;
  const { result, requests } = await requestsOf(() =>
    gateway.data(`{ region(code: KR1) { snapshots { nodes {
      uuid region { code } name description status statusText size createdAt metadata volumeUuid
    } } } }`),
  );
  expect(requests).toEqual(['GET /snapshots']);
  expect(result.region.snapshots.nodes).toEqual([short]);
});

test('List Snapshots with Details: every field of the example is served', async () => {
  const { result, requests } = await requestsOf(() => ask(gateway, SnapshotsInFullDocument, { region: 'KR1' }));
  expect(requests).toEqual(['GET /snapshots/detail']);
  expect(result.region?.snapshots?.nodes).toMatchObject([guideSnapshot]);
});

test('View Snapshot: every field of the example is served', async () => {
  const variables = { id: 'f63af601-43cd-41ab-8905-e1e93995f366', region: 'KR1' } as const;
  const { result, requests } = await requestsOf(() => ask(gateway, SnapshotInFullByIdDocument, variables));
  expect(requests).toEqual(['GET /snapshots/f63af601-43cd-41ab-8905-e1e93995f366']);
  expect(result.snapshot).toMatchObject(guideSnapshot);
});

test('Create Snapshot: the guide’s request gives the guide’s answer, and the project is the request’s', async () => {
  const asked = example('create-snapshot-request').snapshot;
  const { result } = await requestsOf(() =>
    ask(gateway, CreateSnapshotDocument, {
      input: {
        volumeId: asked.volume_id,
        region: 'KR1',
        name: asked.name,
        description: asked.description,
        force: asked.force,
      },
    }),
  );
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toEqual(example('create-snapshot-request'));
  expect(result.createSnapshot?.snapshot).toMatchObject({
    uuid: 'f2ae2667-b3b7-47ef-aa31-efab536888b9',
    name: 'SNAPSHOT',
    description: null,
    status: 'CREATING',
    size: 20,
    createdAt: '2020-03-02T13:51:33.318Z',
    metadata: {},
    progress: null,
    projectId: alice.tenant,
    volumeUuid: '5aa119a8-d25b-45a7-8d1b-88e127885635',
  });
});

test('Delete Snapshots: an empty 202 is success, and the snapshot is read anew', async () => {
  const input = { id: 'f63af601-43cd-41ab-8905-e1e93995f366', region: 'KR1' } as const;
  const { result, requests } = await requestsOf(() => ask(gateway, DeleteSnapshotDocument, { input }));
  expect(requests).toEqual([`DELETE /snapshots/${input.id}`, `GET /snapshots/${input.id}`]);
  expect(result.deleteSnapshot).toMatchObject({ snapshot: { status: 'AVAILABLE' } });
});
