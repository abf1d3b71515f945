/** One region of the Block Storage API and where it answers. */
export interface Region {
  /** Lower-case code as configured, such as `kr1`. */
  readonly code: string;
  /** Its name in the GraphQL enum `RegionCode`, by which callers know it: upper case, `-` becomes `_`. */
  readonly enumName: string;
  /** What people call it; the code itself where no name is known. */
  readonly name: string;
  /** Base URL without a slash at its end; `/v2/{tenantId}` follows. */
  readonly endpoint: string;
  /** True where only the region's own headers (`X-Auth-Token-KR2`) may be sent there, never the general ones. */
  readonly ownIdentity: boolean;
  /** The proxy through which it is reached; null if it is reached directly. */
  readonly proxy: HttpProxy | null;
  /** Proves to the region who calls; null if the region demands none. */
  readonly clientCertificate: ClientCertificate | null;
}

/** A proxy that opens tunnels with `CONNECT`. */
export interface HttpProxy {
  /** Such as `http://proxy.example:3128`, without user and password. */
  readonly origin: string;
  /** `Proxy-Authorization`, if the proxy has credentials. A function, so that no text made of a region holds a password. */
  readonly headers: () => Readonly<Record<string, string>>;
}

/** A certificate and its key in files, which may be renewed at any time. */
export interface ClientCertificate {
  /**
   * The texts of the files as they are now, in PEM; the same object until they change. Files that cannot be used are ignored.
   * @param report is called with what is wrong with them, once for each change of the files.
   */
  readonly read: (report?: (problem: string) => void) => { readonly cert: string; readonly key: string };
}

/** The regions in the order in which lists and tables name them. */
export type RegionTable = readonly Region[];

/** The guide's three endpoints (section "Block Storage API v2 Guide"). */
export const defaultEndpoints = [
  'kr1=https://kr1-api-block-storage.infrastructure.cloud.toast.com',
  'kr2=https://kr2-api-block-storage.infrastructure.cloud.toast.com',
  'jp1=https://jp1-api-block-storage.infrastructure.cloud.toast.com',
].join(',');

/** The name of a region in the GraphQL enum `RegionCode`. */
export function enumNameOf(code: string): string {
  return code.toUpperCase().replaceAll('-', '_');
}

/**
 * Reads `code=endpoint,…`. The regions are reached directly, without client certificates.
 * @returns the table, and every problem found as a sentence; with problems the table is not to be used.
 */
export function parseRegions(
  text: string,
  options: { allowHttp: boolean; ownIdentity: readonly string[] },
): { regions: RegionTable; problems: string[] } {
  const problems: string[] = [];
  const regions: Region[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    const [code = '', ...rest] = entry.split('=');
    const { base, version } = readEndpoint(rest.join('=').trim());
    if (!/^[a-z][a-z0-9-]{0,15}$/.test(code)) {
      problems.push(
        `"${withoutPassword(entry)}" must be code=endpoint, the code a lower-case letter and up to 15 of a-z, 0-9 and -`,
      );
      continue;
    }
    for (const problem of [endpointProblem(base, options.allowHttp), versionProblem(version)])
      if (problem) problems.push(`the endpoint of ${code} ${problem}`);
    const enumName = enumNameOf(code);
    const same = regions.find((region) => region.enumName === enumName);
    if (same) problems.push(`${code} and ${same.code} have the same name ${enumName} in the schema`);
    regions.push({
      code,
      enumName,
      name: knownNames.get(code) ?? code,
      endpoint: base,
      ownIdentity: options.ownIdentity.includes(code),
      proxy: null,
      clientCertificate: null,
    });
  }
  for (const code of options.ownIdentity) {
    if (!regions.some((region) => region.code === code)) problems.push(`${code} is named in REGIONS_OWN_IDENTITY only`);
  }
  return { regions, problems };
}

const knownNames = new Map([
  ['kr1', 'Korea (Pangyo)'],
  ['kr2', 'Korea (Pyeongchon)'],
  ['jp1', 'Japan'],
]);

/** The end of an endpoint in a Keystone catalog: the project's id, or a placeholder for it. */
const projectAtEnd =
  /\/(?:[%$]\((?:tenant|project)_id\)s|\{(?:tenant|project)_id\}|[\da-fA-F]{8}(?:-?[\da-fA-F]{4}){3}-?[\da-fA-F]{12})$/;

/** The version before the project. `[^:/]` keeps `https://v2` from matching: there `v2` is the host. */
const versionAtEnd = /[^:/]\/+v(\d+(?:\.\d+)?)$/;

/** The base URL of an endpoint, and the version of the API that follows it, if one does. */
function readEndpoint(text: string): { base: string; version: string | null } {
  const endpoint = withoutSlashes(text);
  const versioned = withoutSlashes(endpoint.replace(projectAtEnd, ''));
  const found = versionAtEnd.exec(versioned);
  return found
    ? { base: versioned.slice(0, found.index + 1), version: found[1] ?? null }
    : { base: endpoint, version: null };
}

function withoutSlashes(url: string): string {
  return url.replace(/(?<!\/)\/+$/, '');
}

function versionProblem(version: string | null): string | null {
  if (version === null || version === '2') return null;
  return (
    `names v${version}, but the gateway speaks the Block Storage API v2. OpenStack removed v2 from Cinder in the Xena ` +
    `release, so an endpoint that offers only v3 cannot be used. If v2 exists there, write /v2 instead of /v${version}`
  );
}

function endpointProblem(endpoint: string, allowHttp: boolean): string | null {
  const [placeholder] = /[%$]\([^()%$/]*\)?s?|\$?[{}][^{}/]*\}?/.exec(endpoint) ?? [];
  if (placeholder !== undefined)
    return (
      `holds the placeholder ${placeholder}: write a URL without placeholders, such as https://cinder.example:8776. ` +
      'The gateway appends /v2 and the project itself'
    );
  if (!URL.canParse(endpoint)) return 'is not a URL: write one such as https://cinder.example:8776';
  const url = new URL(endpoint);
  if (url.username || url.password) return 'must not hold a user or password';
  if (endpoint.includes('?') || endpoint.includes('#')) return 'must not have a query or fragment';
  if (url.protocol === 'https:') return null;
  if (url.protocol !== 'http:') return 'must be https';
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return isLoopback || allowHttp ? null : 'must be https (http is for loopback only, or with ALLOW_HTTP=true)';
}

/** For messages: a password in a URL must not be printed. */
export function withoutPassword(text: string): string {
  return text.replace(/:\/\/[^/:@]*:[^/]*@/g, '://…@');
}
