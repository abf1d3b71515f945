import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual, promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { shellUnder } from '../support/page.ts';

/* The shell of docs/keystone.md for NHN Cloud, against a server that answers as its guide says. Needs curl and jq. */

const tenant = '6cdebe3eb0094910bc41f1d42ebe4cb7';

/** As in NHN Cloud's own example of an answer, without the services that do not matter here. */
const catalog = ['KR2', 'KR1'].map((region) => ({
  region,
  publicURL: `https://${region.toLowerCase()}-api-block-storage-infrastructure.nhncloudservice.com/v2/${tenant}`,
}));
const issued = {
  access: {
    token: { id: 'secret-token', expires: '2020-04-29T15:31:21Z', tenant: { id: tenant } },
    serviceCatalog: [
      {
        type: 'identity',
        name: 'keystone',
        endpoints: [{ region: 'KR1', publicURL: 'https://identity.example/v2.0' }],
      },
      { type: 'volumev2', name: 'cinderv2', endpoints: catalog },
    ],
  },
};

const password = 'it\'s "my" secret';
const wanted = { auth: { tenantId: tenant, passwordCredentials: { username: 'user@example.com', password } } };

/** Answers like NHN Cloud's identity service. */
async function startIdentity() {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks = await Array.fromAsync(request);
    const isRight = request.url === '/v2.0/tokens' && isDeepStrictEqual(JSON.parse(chunks.join('')), wanted);
    response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isRight ? issued : { error: { code: 401, message: 'Not you.' } }));
  }
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  // A listening TCP server always has an address of this shape.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2.0`;
}

async function runPage(typed: string) {
  // The first block asks for the password and names the real service.
  const [, issue = ''] = shellUnder('NHN Cloud');
  const { stdout } = await promisify(execFile)('bash', ['-c', `${issue}\nprintf '%s\\n' "$TOKEN" "$REGIONS"`], {
    env: {
      PATH: process.env.PATH,
      OS_AUTH_URL: await startIdentity(),
      OS_USERNAME: 'user@example.com',
      OS_PASSWORD: typed,
      TENANT: tenant,
    },
  });
  return stdout.split('\n');
}

test('of an answer of NHN Cloud the page takes the token and the regions, which the gateway can use', async () => {
  const [validity, token, regions = ''] = await runPage(password);
  expect(validity).toBe('The token is valid until 2020-04-29T15:31:21Z.');
  expect(token).toBe('secret-token');
  expect(readConfig({ REGIONS: regions }).regions).toMatchObject([
    { code: 'kr2', endpoint: 'https://kr2-api-block-storage-infrastructure.nhncloudservice.com' },
    { code: 'kr1', endpoint: 'https://kr1-api-block-storage-infrastructure.nhncloudservice.com' },
  ]);
});

test('of a refusal of NHN Cloud the page prints the reason', async () => {
  expect(await runPage('wrong')).toContain('Not you.');
});
