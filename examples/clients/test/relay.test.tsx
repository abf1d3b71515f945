import './window.ts';
import { Component, type ReactNode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { RelayEnvironmentProvider } from 'react-relay';
import { commitMutation, type Environment, fetchQuery, graphql } from 'relay-runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createRelayEnvironment } from '../relay.ts';
import { followVolumes } from '../relay-live.ts';
import { Volume } from '../relay-volume.tsx';
import { Volumes } from '../relay-volumes.tsx';
import type { relayTestCreateMutation } from './__generated__/relayTestCreateMutation.graphql.ts';
import type { relayTestDeleteManyMutation } from './__generated__/relayTestDeleteManyMutation.graphql.ts';
import type { relayTestDeleteMutation } from './__generated__/relayTestDeleteMutation.graphql.ts';
import type { relayTestPartlyQuery } from './__generated__/relayTestPartlyQuery.graphql.ts';
import type { relayTestRefusedQuery } from './__generated__/relayTestRefusedQuery.graphql.ts';
import { startGateway, tenant, token } from './gateway.ts';

const patience = { timeout: 10_000 };

test('Relay reads to the end of a list with usePaginationFragment, every row once', async () => {
  await using gateway = await startGateway();
  const page = show(createRelayEnvironment(gateway.url, token, tenant), <Volumes count={60} />);
  const shown = () => [...page.querySelectorAll('li')].map(({ id }) => id);
  await vi.waitFor(() => expect(shown()).toHaveLength(60), patience);
  let pages = 1;
  for (let more = page.querySelector('button'); more; more = page.querySelector('button')) {
    const before = shown().length;
    more.click();
    await vi.waitFor(() => expect(shown().length).toBeGreaterThan(before), patience);
    pages++;
  }
  expect(pages).toBeGreaterThan(3);
  expect(shown()).toHaveLength(gateway.uuids().length);
  expect(new Set(shown()).size).toBe(shown().length);
});

test('Relay creates a volume, shows what it is told of it, deletes it and reads it again by its id', async () => {
  await using gateway = await startGateway();
  const environment = createRelayEnvironment(gateway.url, token, tenant);
  const id = await create(environment, 'of Relay');
  const page = show(environment, <Volume id={id} />);
  await vi.waitFor(() => expect(page.textContent).toContain('of Relay: CREATING'), patience);
  gateway.finishCreation('of Relay');
  await vi.waitFor(() => expect(page.textContent).toContain('of Relay: AVAILABLE'), patience);
  page.querySelector('button')?.click();
  await vi.waitFor(() => expect(page.textContent).toContain('of Relay: DELETING'), patience);
});

test('a list in the store of Relay is kept up to date by one stream', async () => {
  await using gateway = await startGateway();
  const environment = createRelayEnvironment(gateway.url, token, tenant);
  const page = show(environment, <Volumes count={1000} />);
  const shown = () => [...page.querySelectorAll('li')].map(({ id }) => id);
  await vi.waitFor(() => expect(shown()).toHaveLength(gateway.uuids().length), patience);
  let stale = 0;
  const follower = followVolumes(environment, () => void stale++);
  await vi.waitFor(() => expect(stale).toBe(1), patience);
  const uuid = gateway.addVolume('beside Relay');
  await vi.waitFor(() => expect(stale).toBe(2), patience);
  const source = environment.getStore().getSource();
  const named = () => source.getRecordIDs().find((id) => source.get(id)?.name === 'beside Relay');
  const id = named();
  expect(id).toBeDefined();
  gateway.finishCreation('beside Relay');
  await vi.waitFor(() => expect(source.get(id ?? '')).toMatchObject({ status: 'AVAILABLE' }), patience);
  gateway.removeVolume(uuid);
  await vi.waitFor(() => expect(named()).toBeUndefined(), patience);
  follower.dispose();
});

test('a list that failed reaches the error boundary in Relay, and is not taken for an empty one', async () => {
  await using gateway = await startGateway();
  const page = show(createRelayEnvironment(gateway.url, 'unknown', tenant), <Volumes count={60} />);
  await vi.waitFor(() => expect(page.textContent).toBe('Failed'), patience);
});

test('what comes of a bulk deletion leaves the volumes in the store as they are', async () => {
  await using gateway = await startGateway();
  const environment = createRelayEnvironment(gateway.url, token, tenant);
  const id = await create(environment, 'of Relay');
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  commitMutation<relayTestDeleteManyMutation>(environment, {
    mutation: graphql`
      mutation relayTestDeleteManyMutation($ids: [ID!]!) {
        deleteVolumes(input: { ids: $ids }) {
          results {
            deletedVolumeId
            error {
              code
            }
          }
        }
      }
    `,
    variables: { ids: [id] },
    onCompleted: ({ deleteVolumes }) => resolve(deleteVolumes?.results),
    onError: reject,
  });
  await promise;
  expect(environment.getStore().getSource().get(id)).toMatchObject({ __typename: 'Volume' });
});

test('an error of a mutation keeps its code in Relay', async () => {
  await using gateway = await startGateway();
  const environment = createRelayEnvironment(gateway.url, token, tenant);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  commitMutation<relayTestDeleteMutation>(environment, {
    mutation: graphql`
      mutation relayTestDeleteMutation {
        deleteVolume(input: { id: "00000000-0000-4000-8000-000000000000", region: KR1 }) {
          deletedVolumeId
        }
      }
    `,
    variables: {},
    onCompleted: (_, errors) => resolve(errors),
    onError: reject,
  });
  expect(await promise).toMatchObject([{ path: ['deleteVolume'], extensions: { code: 'NOT_FOUND', region: 'KR1' } }]);
});

test('Relay reads the data and the code of a partial answer', async () => {
  await using gateway = await startGateway();
  const answer = fetchQuery<relayTestPartlyQuery>(
    createRelayEnvironment(gateway.url, token, tenant),
    graphql`
      query relayTestPartlyQuery {
        regions {
          code
        }
        volume(id: "nonsense", region: KR1) @catch {
          name
        }
      }
    `,
    {},
  );
  expect(await answer.toPromise()).toMatchObject({
    regions: [{ code: 'KR1' }, { code: 'KR2' }, { code: 'JP1' }],
    volume: { ok: false, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
  });
  expect(gateway.statuses).toEqual([294]);
});

test('Relay reads the code of a request that is refused', async () => {
  await using gateway = await startGateway();
  const answer = fetchQuery<relayTestRefusedQuery>(
    createRelayEnvironment(gateway.url, token, tenant),
    graphql`
      query relayTestRefusedQuery($since: DateTime) {
        volumes(filter: { createdAfter: $since }) {
          totalCount
        }
      }
    `,
    { since: 'yesterday' },
  );
  await expect(answer.toPromise()).rejects.toMatchObject({
    source: { errors: [{ extensions: { code: 'BAD_USER_INPUT', variable: 'since' } }] },
  });
  expect(gateway.statuses).toEqual([422]);
});

async function create(environment: Environment, name: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  commitMutation<relayTestCreateMutation>(environment, {
    mutation: graphql`
      mutation relayTestCreateMutation($name: String!) {
        createVolume(input: { region: KR1, size: 10, name: $name }) {
          volume {
            id
          }
        }
      }
    `,
    variables: { name },
    onCompleted: ({ createVolume }) => resolve(createVolume?.volume?.id ?? ''),
    onError: reject,
  });
  return promise;
}

class Boundary extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  static getDerivedStateFromError = () => ({ failed: true });
  override state = { failed: false };
  override render() {
    return this.state.failed ? 'Failed' : this.props.children;
  }
}

/** Shows what React makes of it, until the test is over. */
function show(environment: Environment, children: ReactNode): HTMLElement {
  const page = document.createElement('main');
  const root = createRoot(page, { onCaughtError: () => {} });
  root.render(
    <RelayEnvironmentProvider environment={environment}>
      <Boundary>
        <Suspense>{children}</Suspense>
      </Boundary>
    </RelayEnvironmentProvider>,
  );
  onTestFinished(() => root.unmount());
  return page;
}
