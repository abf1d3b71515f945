import { defaultEndpoints, parseRegions, type RegionTable } from '../regions.ts';
import { extraCaProblem, readClientCertificates } from './certificates.ts';
import { type Environment, textOf, type Variable } from './environment.ts';
import { flag, wordsOf } from './parsers.ts';
import { readProxies } from './proxies.ts';

/** The variables that together make the table of regions. The README prints this table. */
export const regionVariables = {
  REGIONS: {
    fallback: defaultEndpoints,
    meaning:
      'The regions and their endpoints, `code=endpoint,…`, such as `kr1=https://kr1.example,kr2=https://kr2.example`. An endpoint may end as a Keystone catalog prints it, such as `/v2/%(project_id)s`: see docs/keystone.md. The demo has its own regions.',
  },
  REGIONS_OWN_IDENTITY: {
    fallback: '',
    meaning: 'Codes of regions that are sent only their own headers (`X-Auth-Token-KR2`), never the general ones.',
  },
  ALLOW_HTTP: { fallback: 'false', meaning: '`true` allows http endpoints that are not loopback.' },
  HTTPS_PROXY: {
    fallback: '',
    meaning:
      'Proxy for https endpoints, such as `http://user:password@proxy.example:3128`. The three proxy variables may also have lower-case names, which take precedence.',
  },
  HTTP_PROXY: { fallback: '', meaning: 'Proxy for http endpoints. It has to allow `CONNECT` to their ports.' },
  NO_PROXY: {
    fallback: '',
    meaning:
      'Hosts of endpoints that are reached without proxy, separated by commas: `host`, `.domain` with all its hosts, or `*`; with `:port` that port only.',
  },
  NODE_EXTRA_CA_CERTS: {
    fallback: '',
    meaning:
      'File in PEM with authorities to trust in addition to public ones, for regions and proxies. Read at start.',
  },
  'REGION_CLIENT_CERT_<CODE>': {
    fallback: '',
    meaning:
      'File in PEM with the client certificate for a region, such as `REGION_CLIENT_CERT_KR1`; `-` in the code becomes `_`. A file that changes is read again.',
  },
  'REGION_CLIENT_KEY_<CODE>': { fallback: '', meaning: 'File in PEM with the private key of that certificate.' },
} as const satisfies Record<string, Variable>;

/** The regions with their proxies and client certificates, or, if there are problems, one line for each and no regions. */
export function readRegions(environment: Environment): { regions: RegionTable; problems: readonly string[] } {
  const textOfVariable = (name: keyof typeof regionVariables) => textOf(environment, name, regionVariables[name]);
  const allowHttp = flag.safeParse(textOfVariable('ALLOW_HTTP'));
  const { regions, problems: regionProblems } = parseRegions(textOfVariable('REGIONS'), {
    allowHttp: allowHttp.data === true,
    ownIdentity: wordsOf(textOfVariable('REGIONS_OWN_IDENTITY')),
  });
  const { proxyOf, problems: proxyProblems } = readProxies(environment);
  const { certificates, problems: certificateProblems } = readClientCertificates(environment, regions);
  const caProblem = extraCaProblem(environment.NODE_EXTRA_CA_CERTS);
  const problems = [
    ...(allowHttp.error?.issues.map(({ message }) => `ALLOW_HTTP: ${message}`) ?? []),
    ...regionProblems.map((problem) => `REGIONS: ${problem}`),
    ...proxyProblems,
    ...certificateProblems,
    ...(caProblem ? [`NODE_EXTRA_CA_CERTS: ${caProblem}`] : []),
  ];
  if (problems.length > 0) return { regions: [], problems };
  return {
    regions: regions.map((region) => ({
      ...region,
      proxy: proxyOf(region.endpoint),
      clientCertificate: certificates.get(region.code) ?? null,
    })),
    problems,
  };
}
