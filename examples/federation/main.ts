import { compose } from './compose.ts';
import { startRouter } from './router.ts';
import { startTags } from './tags.ts';

/* Over the demo, started with FEDERATION=true. */

const gateway = process.env.GATEWAY_URL ?? 'http://localhost:4000/graphql';
const answer = await fetch(gateway, {
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    'x-auth-token': 'demo-token',
    'x-tenant-id': '6cdebe3eb0094910bc41f1d42ebe4cb7',
  },
  body: JSON.stringify({ query: '{ volumes(first: 3) { nodes { id } } }' }),
});
const { data } = await answer.json();
const tags = await startTags({ important: data.volumes.nodes.map(({ id }: { id: string }) => id) });
const supergraph = await compose({ block_storage: gateway, tags: tags.url });
const router = await startRouter(supergraph, Number(process.env.PORT ?? 4300));
process.stdout.write(`The supergraph is at ${router.url}. Send it the demo's X-Auth-Token and X-Tenant-Id.\n`);
