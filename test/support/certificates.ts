import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its private key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority that nobody trusts unless told to. Its files are deleted on disposal. */
export interface Authority extends Disposable {
  /** The PEM file of its own certificate. */
  readonly file: string;
  /**
   * @param name the host for which the certificate is valid.
   * @param days how long it is valid from now on; negative if it has expired.
   */
  issue(name: string, days?: number): Certificate;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const at = (name: string) => join(folder, name);
  const openssl = (...parameters: string[]) => execFileSync('openssl', parameters, { cwd: folder, stdio: 'pipe' });
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=authority');
  let issued = 0;
  return {
    file: at('ca.crt'),
    issue(name, days = 1) {
      const file = `issued-${issued++}`;
      writeFileSync(at(`${file}.ext`), `subjectAltName=DNS:${name}`);
      openssl('req', ...newKey, '-keyout', `${file}.key`, '-out', `${file}.csr`, '-subj', `/CN=${name}`);
      const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${file}.ext`];
      openssl('x509', '-req', '-in', `${file}.csr`, ...by, '-out', `${file}.crt`, '-days', String(days));
      return { cert: readFileSync(at(`${file}.crt`), 'utf8'), key: readFileSync(at(`${file}.key`), 'utf8') };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
