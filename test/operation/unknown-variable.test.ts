import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findUnknownVariables } from '../../src/config/unknown-variables.ts';
import { variables } from '../../src/config/variables.ts';
import { start } from '../support/process.ts';

const found = (...names: string[]) => findUnknownVariables(Object.fromEntries(names.map((name) => [name, 'a value'])));

test.each([
  ['REGION', 'REGIONS'],
  ['REGIONS_', 'REGIONS'],
  ['REGIONS_KR1', 'REGIONS'],
  ['REGOINS', 'REGIONS'],
  ['PERSISTED_DOCUMENT', 'PERSISTED_DOCUMENTS'],
  ['PERSISTED_DOCUMENTS_ONLY_', 'PERSISTED_DOCUMENTS_ONLY'],
  ['UPSTREAM_TIMEOUT', 'UPSTREAM_TIMEOUT_MS'],
  ['UPSTREAM_TIMEOUT_SECONDS', 'UPSTREAM_TIMEOUT_MS'],
  ['REQUEST_TIMEOUT', 'REQUEST_TIMEOUT_MS'],
  ['MEMORY_LIMIT_MB', 'MEMORY_LIMIT_MIB'],
  ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ['MAX_STREAM', 'MAX_STREAMS'],
  ['MAX_INFLIGHT', 'MAX_IN_FLIGHT'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['METRIC_PORT', 'METRICS_PORT'],
  ['GATEWAY_TRACES', 'GATEWAY_TRACE'],
  ['GATEWAY_PORT', 'PORT'],
  ['GATEWAY_CORS_ORIGIN', 'CORS_ORIGINS'],
  ['GATEWAY_MODE', null],
])('%s is reported, and %s as the name that was probably meant', (variable, meant) => {
  expect(found(variable)).toEqual([{ variable, meant }]);
});

test('of every known name that is the gateway’s own, each misspelling by a missing character is reported', () => {
  const long = Object.keys(variables).filter((name) => name.length > 6 && !/^(NODE|OTEL)_|_PROXY$|</.test(name));
  const misspelling = fc
    .constantFrom(...long)
    .chain((name) => fc.nat(name.length - 1).map((index) => name.slice(0, index) + name.slice(index + 1)));
  fc.assert(
    fc.property(
      misspelling.filter((name) => !Object.hasOwn(variables, name)),
      (name) => found(name).length === 1,
    ),
  );
});

test('no known name is reported, nor a blank variable', () => {
  expect(found(...Object.keys(variables))).toEqual([]);
  expect(findUnknownVariables({ REGION: '', CORS_ORIGIN: ' ' })).toEqual([]);
});

test('the names of a family are known, whatever follows', () => {
  const known = ['REGION_CLIENT_CERT_<CODE>', 'REGIONS'];
  expect(findUnknownVariables({ REGION_CLIENT_CERT_KR1: 'a', REGION_CLIENT_CERT_: 'a', REGION: 'a' }, known)).toEqual([
    { variable: 'REGION', meant: 'REGIONS' },
  ]);
});

test('names near those that other programs read too are not reported', () => {
  const known = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
  const environment = {
    FTP_PROXY: 'a',
    HTTP_PROXY_USER: 'a',
    NODE_EXTRA_CA_CERT: 'a',
    OTEL_EXPORTER_OTLP_ENDPOINTS: 'a',
  };
  expect(findUnknownVariables(environment, known)).toEqual([]);
});

test('at most ten are reported, and no name of more than 64 characters', () => {
  expect(found(...Array.from({ length: 5000 }, (_, index) => `GATEWAY_${index}`))).toHaveLength(10);
  expect(found(`GATEWAY_${'A'.repeat(100_000)}`)).toEqual([]);
});

/** Names of variables that other programs set. */
const environments = {
  'a pod of Kubernetes': `PATH HOSTNAME HOME TERM PWD SHLVL NODE_VERSION YARN_VERSION NODE_ENV NODE_OPTIONS
    KUBERNETES_PORT KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR KUBERNETES_PORT_443_TCP_PORT
    KUBERNETES_PORT_443_TCP_PROTO KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT KUBERNETES_SERVICE_PORT_HTTPS
    POD_NAME POD_NAMESPACE POD_IP NODE_NAME HOST_IP SERVICE_ACCOUNT CPU_REQUEST CPU_LIMIT MEM_LIMIT GOMEMLIMIT
    OTEL_SERVICE_NAME OTEL_EXPORTER_OTLP_ENDPOINT OTEL_TRACES_SAMPLER OTEL_RESOURCE_ATTRIBUTES
    AWS_REGION AWS_DEFAULT_REGION AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE GOOGLE_CLOUD_PROJECT AZURE_CLIENT_ID
    OS_REGION_NAME OS_AUTH_URL ISTIO_META_WORKLOAD_NAME DD_AGENT_HOST DD_TRACE_AGENT_URL`,
  'GitHub Actions': `CI GITHUB_ACTION GITHUB_ACTIONS GITHUB_ACTOR GITHUB_API_URL GITHUB_BASE_REF GITHUB_ENV
    GITHUB_EVENT_NAME GITHUB_EVENT_PATH GITHUB_GRAPHQL_URL GITHUB_HEAD_REF GITHUB_JOB GITHUB_OUTPUT GITHUB_PATH
    GITHUB_REF GITHUB_REPOSITORY GITHUB_RETENTION_DAYS GITHUB_RUN_ID GITHUB_SERVER_URL GITHUB_SHA GITHUB_TOKEN
    GITHUB_WORKFLOW GITHUB_WORKSPACE RUNNER_ARCH RUNNER_NAME RUNNER_OS RUNNER_TEMP RUNNER_TOOL_CACHE RUNNER_TRACKING_ID
    ImageOS ImageVersion AGENT_TOOLSDIRECTORY ACCEPT_EULA ANDROID_HOME ANT_HOME CHROME_BIN CHROMEWEBDRIVER CONDA
    DEBIAN_FRONTEND DOTNET_NOLOGO EDGEWEBDRIVER ENABLE_RUNNER_TRACING GECKOWEBDRIVER GHCUP_INSTALL_BASE_PREFIX
    GOROOT_1_22_X64 GRADLE_HOME HOMEBREW_NO_AUTO_UPDATE INVOCATION_ID JAVA_HOME_17_X64 JOURNAL_STREAM LEIN_HOME NVM_DIR
    PIPX_BIN_DIR POWERSHELL_DISTRIBUTION_CHANNEL SELENIUM_JAR_PATH SGX_AESM_ADDR STATS_BLT SWIFT_PATH SYSTEMD_EXEC_PID
    VCPKG_INSTALLATION_ROOT XDG_CONFIG_HOME`,
  'GitLab and Jenkins': `CI_API_V4_GRAPHQL_URL CI_COMMIT_REF_NAME CI_PIPELINE_ID CI_JOB_TOKEN CI_RUNNER_TAGS GITLAB_CI
    GITLAB_FEATURES GITLAB_USER_LOGIN FF_USE_FASTZIP TRACE BUILD_NUMBER BUILD_URL EXECUTOR_NUMBER JENKINS_URL JOB_NAME`,
  'a shell of Debian': `SHELL PWD LOGNAME HOME LANG LC_ALL LC_TIME LS_COLORS SSH_CONNECTION SSH_CLIENT SSH_TTY TERM USER
    SHLVL XDG_SESSION_ID XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS PATH MAIL _ OLDPWD EDITOR PAGER LESSOPEN LESSCLOSE
    HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy TZ TMPDIR DISPLAY COLORTERM
    HISTSIZE HISTCONTROL PS1 PROMPT_COMMAND SUDO_USER SUDO_COMMAND DEBIAN_FRONTEND GPG_AGENT_INFO HOSTTYPE MACHTYPE`,
  'systemd and Docker': `INVOCATION_ID JOURNAL_STREAM LISTEN_FDS LISTEN_PID NOTIFY_SOCKET WATCHDOG_USEC MAINPID
    RUNTIME_DIRECTORY STATE_DIRECTORY LOGS_DIRECTORY CONTAINER DOCKER_HOST DOCKER_BUILDKIT COMPOSE_PROJECT_NAME`,
  'npm, Heroku and Cloud Run': `npm_config_loglevel npm_config_user_agent npm_lifecycle_event npm_package_version
    npm_node_execpath INIT_CWD COLOR DYNO DYNO_RAM WEB_CONCURRENCY WEB_MEMORY MEMORY_AVAILABLE PORT K_SERVICE K_REVISION
    K_CONFIGURATION CLOUD_RUN_JOB FUNCTION_TARGET`,
};

test.each(Object.entries(environments))('nothing of %s is reported', (_, names) => {
  expect(found(...names.split(/\s+/))).toEqual([]);
});

describe('what Kubernetes sets for a Service is not reported', () => {
  /** The variables of a Service with one port without a name, and of one whose port has a name. */
  const linksOf = (service: string) => {
    const name = service.toUpperCase().replaceAll('-', '_');
    const ofPort = ['', '_PROTO', '_PORT', '_ADDR'].map((end) => `${name}_PORT_4000_TCP${end}`);
    return [`${name}_SERVICE_HOST`, `${name}_SERVICE_PORT`, `${name}_SERVICE_PORT_HTTP`, `${name}_PORT`, ...ofPort];
  };

  test.each(['graphiql', 'metric', 'regions', 'region', 'gateway', 'gateway-trace', 'log-level', 'graphql-path'])(
    'for one called %s',
    (service) => expect(found(...linksOf(service))).toEqual([]),
  );

  test('for any', () => {
    const part = fc.constantFrom(...Object.keys(variables).flatMap((name) => name.toLowerCase().split('_')));
    const service = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('-'));
    fc.assert(fc.property(service, (name) => found(...linksOf(name)).length === 0));
  });
});

test('the process warns of an unknown variable without its value, and serves', async () => {
  await using gateway = start({ PORT: '0', HOST: '127.0.0.1', REGION: 'a-value-of-mine', REQUEST_TIMEOUT: '7' });
  expect((await fetch(`${await gateway.listening}/ready`)).status).toBe(200);
  const warnings = gateway.output.split('\n').filter((line) => line.includes('"level":40'));
  expect(warnings.map((line) => JSON.parse(line))).toMatchObject([
    { variable: 'REGION', meant: 'REGIONS', msg: 'unknown variable' },
    { variable: 'REQUEST_TIMEOUT', meant: 'REQUEST_TIMEOUT_MS', msg: 'unknown variable' },
  ]);
  expect(gateway.output).not.toContain('a-value-of-mine');
});
