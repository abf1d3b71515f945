import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ClientCertificate, Region } from '../regions.ts';
import type { Environment } from './environment.ts';

/**
 * What is wrong with the file of `NODE_EXTRA_CA_CERTS`; null if it can be used. Node itself prints a warning at most, and
 * ignores the file from its first mistake on.
 */
export function extraCaProblem(path = ''): string | null {
  if (path.trim() === '') return null;
  try {
    readCertificate(readText(path), path);
    return null;
  } catch (error) {
    return `${messageOf(error)}: name a file with the certificates of your authorities in PEM`;
  }
}

/**
 * Reads `REGION_CLIENT_CERT_KR1`, `REGION_CLIENT_KEY_KR1` and so on.
 * @returns the certificates by code of region, and every problem found as a line.
 */
export function readClientCertificates(
  environment: Environment,
  regions: readonly Region[],
): { certificates: ReadonlyMap<string, ClientCertificate>; problems: readonly string[] } {
  const pathOf = (name: string) => environment[name]?.trim() ?? '';
  const problems: string[] = [];
  const certificates = new Map<string, ClientCertificate>();
  for (const name of Object.keys(environment)) {
    const code = /^REGION_CLIENT_(?:CERT|KEY)_(.+)$/.exec(name)?.[1];
    if (code === undefined || pathOf(name) === '') continue;
    if (!regions.some(({ enumName }) => enumName === code)) problems.push(`${name}: REGIONS has no region ${code}`);
  }
  for (const { code, enumName, endpoint } of regions) {
    const [cert, key] = [`REGION_CLIENT_CERT_${enumName}`, `REGION_CLIENT_KEY_${enumName}`];
    const paths = { cert: pathOf(cert), key: pathOf(key) };
    if (paths.cert === '' && paths.key === '') continue;
    if (paths.cert === '') problems.push(`${cert}: is missing, but ${key} is set: set both, or none`);
    else if (paths.key === '') problems.push(`${key}: is missing, but ${cert} is set: set both, or none`);
    else if (/^http:/i.test(endpoint))
      problems.push(`${cert}: the endpoint of ${code} is http: client certificates need https`);
    else {
      const pair = readPair(paths, (variable, problem) => problems.push(`${{ cert, key }[variable]}: ${problem}`));
      if (pair) certificates.set(code, followFiles(paths, pair));
    }
  }
  return { certificates, problems };
}

/** Two paths, or the texts of the two files. */
interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** @param report is called with every problem. @returns null if there is one. */
function readPair(paths: Pair, report: (variable: keyof Pair, problem: string) => void): Pair | null {
  const read = <Parsed>(variable: keyof Pair, parse: (text: string, path: string) => Parsed) => {
    const path = paths[variable];
    try {
      const text = readText(path);
      return { text, parsed: parse(text, path) };
    } catch (error) {
      report(variable, messageOf(error));
      return null;
    }
  };
  const cert = read('cert', readCertificate);
  const key = read('key', readPrivateKey);
  if (!cert || !key) return null;
  if (!cert.parsed.checkPrivateKey(key.parsed)) {
    report('key', `${paths.key} is not the key of the certificate in ${paths.cert}`);
    return null;
  }
  const pair = { cert: cert.text, key: key.text };
  try {
    // Throws as each connection would, such as for a key that is too short.
    createSecureContext(pair);
    return pair;
  } catch (error) {
    report('cert', `${paths.cert} cannot be used for TLS (${messageOf(error)})`);
    return null;
  }
}

/** Reads the files again when one of them has changed. As long as they cannot be used, the last pair stays. */
function followFiles(paths: Pair, pair: Pair): ClientCertificate {
  let current = pair;
  let stamp = '';
  let problems: string[] = [];
  return {
    read(report) {
      const next = stampOf(paths);
      if (next !== stamp) {
        stamp = next;
        problems = [];
        current = readPair(paths, (_, problem) => problems.push(problem)) ?? current;
      }
      if (report) for (const problem of problems.splice(0)) report(problem);
      return current;
    },
  };
}

/** Changes when one of the files is written or replaced. */
function stampOf({ cert, key }: Pair): string {
  try {
    return [cert, key].map((path) => statSync(path).mtimeMs).join();
  } catch {
    return '';
  }
}

/** The first certificate of a file, after a check of all of them. */
function readCertificate(text: string, path: string): X509Certificate {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*(?:-----END CERTIFICATE-----)?/g) ?? [];
  const [first] = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(`certificate ${index + 1} in ${path} cannot be read`);
    }
  });
  if (!first) throw new Error(`${path} holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----`);
  return first;
}

function readPrivateKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error(`${path} holds no private key in PEM, or one with a passphrase, which has to be removed`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(
      `${path} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : messageOf(error)})`,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
