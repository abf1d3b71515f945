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
   * @param newKey the options of openssl for its key.
   */
  issue(name: string, newKey?: string): Certificate;
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
    issue(name, newKey = usualKey) {
      const file = `issued-${issued++}`;
      const alternative = `${/^[\d.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`;
      openssl(
        `req -x509 ${newKey} -CA ca.crt -CAkey ca.key -keyout ${file}.key -out ${file}.crt -days 2 -subj /CN=${name} ` +
          `-addext subjectAltName=${alternative} -addext basicConstraints=critical,CA:FALSE`,
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
