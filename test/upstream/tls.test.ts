import { copyFileSync, writeFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates, TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { probe } from '../../src/upstream/probe.ts';
import { startCanned } from '../support/canned.ts';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { linesOf } from '../support/log.ts';
import { postOf } from '../support/post.ts';
import { problemsOf } from '../support/problems.ts';
import { start } from '../support/process.ts';
import { startGateway } from '../support/stack.ts';

/* Certificates of regions by a private authority, and the gateway's own certificates, which regions demand. */

const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
const list = '{ region(code: KR1) { volumes { nodes { name } } } }';
const empty = { region: { volumes: { nodes: [] } } };
const unavailable = { extensions: { code: 'UPSTREAM_UNAVAILABLE', region: 'KR1' } };

let authority: Authority;
let stranger: Authority;
let certificate: Certificate;
let client: Certificate;
const defaultAuthorities = getCACertificates('default');

beforeAll(() => {
  authority = createAuthority();
  stranger = createAuthority();
  certificate = authority.issue('127.0.0.1');
  client = authority.issue('gateway.example');
});

afterEach(() => setDefaultCACertificates(defaultAuthorities));

afterAll(() => {
  authority[Symbol.dispose]();
  stranger[Symbol.dispose]();
});

describe('NODE_EXTRA_CA_CERTS', () => {
  async function answerWith(environment: Record<string, string>) {
    await using region = await startCanned(() => ({ body: { volumes: [] } }), certificate);
    await using gateway = start({ PORT: '0', HOST: '127.0.0.1', REGIONS: `kr1=${region.endpoint}`, ...environment });
    const response = await fetch(`${await gateway.listening}/graphql`, postOf(list));
    return response.json();
  }

  test('makes the gateway trust a private authority', async () => {
    expect(await answerWith({ NODE_EXTRA_CA_CERTS: authority.certFile })).toEqual({ data: empty });
  });

  test('is needed: otherwise, or with another authority, the region is unavailable', async () => {
    for (const environment of [{}, { NODE_EXTRA_CA_CERTS: stranger.certFile }])
      expect(await answerWith(environment)).toMatchObject({ errors: [unavailable] });
  });

  const write = 'name a file with the certificates of your authorities in PEM';

  test('that cannot be used ends the start with one line that says what to write', () => {
    const missing = authority.certFile.replace('ca.crt', 'missing.pem');
    const folder = authority.certFile.replace('/ca.crt', '');
    const nothing = authority.write('nothing.pem', 'nothing\n');
    const broken = authority.write('broken.pem', authority.cert.replace(/[A-Za-z]{4}\n/, '\n'));
    const halfBroken = authority.write('half.pem', `${authority.cert}-----BEGIN CERTIFICATE-----\nAAAA\n`);
    for (const [path, problem] of [
      [missing, `${missing} cannot be read (ENOENT)`],
      [folder, `${folder} cannot be read (EISDIR)`],
      [nothing, `${nothing} holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----`],
      [
        authority.keyFile,
        `${authority.keyFile} holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----`,
      ],
      [broken, `certificate 1 in ${broken} cannot be read`],
      [halfBroken, `certificate 2 in ${halfBroken} cannot be read`],
    ] as const)
      expect(problemsOf({ NODE_EXTRA_CA_CERTS: path })).toEqual([`NODE_EXTRA_CA_CERTS: ${problem}: ${write}`]);
  });

  test('may hold several certificates, with texts between them', () => {
    const path = authority.write('bundle.pem', `# ours\n${authority.cert}\n# theirs\r\n${stranger.cert}`);
    expect(problemsOf({ NODE_EXTRA_CA_CERTS: path })).toEqual([]);
    expect(problemsOf({ NODE_EXTRA_CA_CERTS: '' })).toEqual([]);
  });
});

/** A region that demands a client certificate of the authority, and answers one call for each connection. */
async function startDemanding() {
  setDefaultCACertificates([...defaultAuthorities, authority.cert]);
  const callers: string[] = [];
  const region = await startCanned(
    (_, { socket }) => {
      if (socket instanceof TLSSocket) callers.push(String(socket.getPeerCertificate().subject.CN));
      return { body: { volumes: [] }, headers: { connection: 'close' } };
    },
    { ...certificate, ca: authority.cert, requestCert: true },
  );
  return { ...region, callers };
}

const variablesFor = ({ certFile, keyFile }: Pick<Certificate, 'certFile' | 'keyFile'>) => ({
  REGION_CLIENT_CERT_KR1: certFile,
  REGION_CLIENT_KEY_KR1: keyFile,
});

describe('a region that demands a client certificate', () => {
  test('gets that of REGION_CLIENT_CERT_<CODE>', async () => {
    await using region = await startDemanding();
    await using gateway = await startGateway({ kr1: region.endpoint }, variablesFor(client));
    expect(await gateway.data(list)).toEqual(empty);
    expect(region.callers).toEqual(['gateway.example']);
  });

  test('gets it through a proxy too, which does not', async () => {
    await using region = await startDemanding();
    await using proxy = await startConnectProxy(region.endpoint);
    const environment = { ...variablesFor(client), HTTPS_PROXY: proxy.url };
    await using gateway = await startGateway({ kr1: region.endpoint }, environment);
    expect(await gateway.data(list)).toEqual(empty);
    expect(region.callers).toEqual(['gateway.example']);
    expect(proxy.asked).toHaveLength(1);
  });

  test('gets it from the gateway’s probe', async () => {
    await using region = await startDemanding();
    for (const [environment, isWell] of [
      [variablesFor(client), true],
      [{}, false],
    ] as const) {
      const { regions } = readConfig({ REGIONS: `kr1=${region.endpoint}`, ...environment });
      for (const kr1 of regions) expect((await probe(kr1, 10_000)).fault === null).toBe(isWell);
    }
  });

  test('is unavailable without one, with that of another authority, and with that of another region', async () => {
    await using region = await startDemanding();
    const ofOther = { REGION_CLIENT_CERT_KR_2: client.certFile, REGION_CLIENT_KEY_KR_2: client.keyFile };
    for (const environment of [{}, variablesFor(stranger.issue('gateway.example')), ofOther]) {
      await using gateway = await startGateway({ kr1: region.endpoint, 'kr-2': region.endpoint }, environment);
      expect((await gateway.query(list)).errors).toMatchObject([unavailable]);
      // By TLS 1.3 the region refuses after the request has been sent.
      const extensions = { ...unavailable.extensions, outcomeUnknown: true };
      expect((await gateway.query(create)).errors).toMatchObject([{ extensions }]);
    }
    expect(region.callers).toEqual([]);
  });

  test('gets a renewed certificate without a restart, once its key is there too', async () => {
    await using region = await startDemanding();
    const files = {
      certFile: authority.write('tls.crt', client.cert),
      keyFile: authority.write('tls.key', client.key),
    };
    await using gateway = await startGateway({ kr1: region.endpoint }, variablesFor(files));
    await gateway.data(list);
    const renewed = authority.issue('renewed.example');
    copyFileSync(renewed.certFile, files.certFile);
    await gateway.data(list);
    copyFileSync(renewed.keyFile, files.keyFile);
    await gateway.data(list);
    writeFileSync(files.certFile, 'half');
    await gateway.data(list);
    await gateway.data(list);
    const warnings = linesOf(gateway.log).filter(({ msg }) => msg.startsWith('client cert'));
    expect(warnings.map(({ region, problem }) => [region, problem])).toEqual([
      ['kr1', expect.stringContaining('is not the key of the certificate')],
      ['kr1', expect.stringContaining('holds no certificate in PEM')],
    ]);
    expect(region.callers).toEqual([
      'gateway.example',
      'gateway.example',
      'renewed.example',
      'renewed.example',
      'renewed.example',
    ]);
  });
});

test('client certificates that cannot be used end the start, with all problems at once', () => {
  const other = authority.issue('other.example');
  const missing = authority.certFile.replace('ca.crt', 'missing.pem');
  const locked = authority.write(
    'locked.key',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----',
  );
  const short = authority.issue('short.example', { newKey: '-newkey rsa:1024 -nodes' });
  const codes = ['right', 'cert', 'key', 'other-key', 'http', 'nowhere', 'swapped', 'locked', 'short'];
  const endpoints = codes.map((code) => `${code}=${code === 'http' ? 'http://127.0.0.1' : 'https://a.example'}`);
  expect(
    problemsOf({
      REGIONS: endpoints.join(','),
      REGION_CLIENT_CERT_RIGHT: client.certFile,
      REGION_CLIENT_KEY_RIGHT: client.keyFile,
      REGION_CLIENT_CERT_CERT: client.certFile,
      REGION_CLIENT_KEY_KEY: client.keyFile,
      REGION_CLIENT_CERT_OTHER_KEY: client.certFile,
      REGION_CLIENT_KEY_OTHER_KEY: other.keyFile,
      REGION_CLIENT_CERT_HTTP: client.certFile,
      REGION_CLIENT_KEY_HTTP: client.keyFile,
      REGION_CLIENT_CERT_NOWHERE: missing,
      REGION_CLIENT_KEY_NOWHERE: missing,
      REGION_CLIENT_CERT_SWAPPED: client.keyFile,
      REGION_CLIENT_KEY_SWAPPED: client.certFile,
      REGION_CLIENT_CERT_LOCKED: client.certFile,
      REGION_CLIENT_KEY_LOCKED: locked,
      REGION_CLIENT_CERT_SHORT: short.certFile,
      REGION_CLIENT_KEY_SHORT: short.keyFile,
      REGION_CLIENT_CERT_KR9: client.certFile,
      REGION_CLIENT_KEY_KR9: '',
    }),
  ).toEqual([
    'REGION_CLIENT_CERT_KR9: REGIONS has no region KR9',
    'REGION_CLIENT_KEY_CERT: is missing, but REGION_CLIENT_CERT_CERT is set: set both, or none',
    'REGION_CLIENT_CERT_KEY: is missing, but REGION_CLIENT_KEY_KEY is set: set both, or none',
    `REGION_CLIENT_KEY_OTHER_KEY: ${other.keyFile} is not the key of the certificate in ${client.certFile}`,
    'REGION_CLIENT_CERT_HTTP: the endpoint of http is http: client certificates need https',
    `REGION_CLIENT_CERT_NOWHERE: ${missing} cannot be read (ENOENT)`,
    `REGION_CLIENT_KEY_NOWHERE: ${missing} cannot be read (ENOENT)`,
    `REGION_CLIENT_CERT_SWAPPED: ${client.keyFile} holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----`,
    `REGION_CLIENT_KEY_SWAPPED: ${client.certFile} holds no private key in PEM, or one with a passphrase, which has to be removed`,
    `REGION_CLIENT_KEY_LOCKED: ${locked} holds no private key in PEM, or one with a passphrase, which has to be removed`,
    expect.stringMatching(`^REGION_CLIENT_CERT_SHORT: ${short.certFile} cannot be used for TLS \\(.*key too small\\)$`),
  ]);
});
