import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, as texts in PEM and as files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A private certificate authority, with a folder of its own. */
export interface Authority extends Certificate, Disposable {
  /**
   * Issues a certificate for a host name or an IPv4 address, or for a client by any name.
   * @param options.newKey the options of openssl for its key.
   * @param options.days how long it is valid from now on; negative if it has expired.
   */
  issue(name: string, options?: { readonly newKey?: string; readonly days?: number }): Certificate;
  /** Writes a file into the folder, and gives its path. */
  write(file: string, text: string): string;
}

/** Makes an authority and its certificates with openssl. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const openssl = (command: string) => execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' });
  const usualKey = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
  let issued = 0;

  function certificate(name: string): Certificate {
    const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), certFile, keyFile };
  }

  openssl(`req -x509 ${usualKey} -keyout ca.key -out ca.crt -days 2 -subj /CN=authority`);
  return {
    ...certificate('ca'),
    issue(name, { newKey = usualKey, days = 2 } = {}) {
      const file = `issued-${issued++}`;
      const alternative = `subjectAltName=${/^[\d.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`;
      openssl(`req ${newKey} -keyout ${file}.key -out ${file}.csr -subj /CN=${name} -addext ${alternative}`);
      openssl(
        `x509 -req -in ${file}.csr -CA ca.crt -CAkey ca.key -out ${file}.crt -days ${days} -copy_extensions copy`,
      );
      return certificate(file);
    },
    write(file, text) {
      const path = join(folder, file);
      writeFileSync(path, text);
      return path;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
