import type { Logger } from 'pino';
import type { Environment } from './environment.ts';
import { variables } from './variables.ts';

/** Warns of variables of the environment that look like misspelled ones of the gateway. */
export function warnOfUnknownVariables(environment: Environment, logger: Logger): void {
  for (const unknown of findUnknownVariables(environment)) logger.warn(unknown, 'unknown variable');
}

/**
 * Finds variables with misspelled names. Of a value it looks only at whether the value is blank: a blank variable counts as
 * left out. Names that Kubernetes sets for a Service are never reported.
 * @param known the names that are read, usually those of the gateway; `NAME_<…>` stands for every name that begins with `NAME_`.
 */
export function findUnknownVariables(
  environment: Environment,
  known: readonly string[] = Object.keys(variables),
): UnknownVariable[] {
  const families = known.filter((name) => name.includes('<')).map((name) => name.slice(0, name.indexOf('<')));
  const own = known.filter((name) => !name.includes('<') && !othersPattern.test(name));
  const found: UnknownVariable[] = [];
  for (const [variable, value] of Object.entries(environment).slice(0, mostLookedAt)) {
    if (found.length === mostReported) break;
    if (!value?.trim() || !namePattern.test(variable) || known.includes(variable)) continue;
    if (families.some((family) => variable.startsWith(family)) || isServiceLink(variable, environment)) continue;
    const meant = nearestName(variable, own) ?? nameWithoutPrefix(variable, own);
    if (meant !== null || variable.startsWith(ownPrefix)) found.push({ variable, meant });
  }
  return found;
}

/** A variable that the gateway does not read, although its name looks like one of the gateway's. */
interface UnknownVariable {
  readonly variable: string;
  /** The name that was probably meant; null if no known name is near. */
  readonly meant: string | null;
}

/** At most this many are reported. */
const mostReported = 10;

/** Of an environment with more variables only this many are looked at, so that a start is never slow. */
const mostLookedAt = 10_000;

/** Shorter names are near too many others, as `HOST` is near `HOSTNAME`. */
const leastLength = 6;

/** Longer names are not looked at: the gateway has none as long, so no such name is a misspelled one. */
const namePattern = /^[A-Z][A-Z0-9_]{5,63}$/;

/** Known names that other programs read too. Names near these are not taken for mistakes. */
const othersPattern = /^(NODE|OTEL)_|_PROXY$/;

/** Names that begin so are meant for the gateway, even if no known name is near. */
const ownPrefix = 'GATEWAY_';

/** What Kubernetes sets in each container for a Service of its namespace, such as `GRAPHIQL_PORT_4000_TCP_ADDR`. */
const serviceLinkPattern = /_SERVICE_(HOST$|PORT($|_))|_PORT_\d{1,5}_(TCP|UDP|SCTP)($|_)/;

function isServiceLink(name: string, environment: Environment): boolean {
  if (serviceLinkPattern.test(name)) return true;
  return name.endsWith('_PORT') && environment[name.replace(/PORT$/, 'SERVICE_HOST')] !== undefined;
}

function nearestName(variable: string, own: readonly string[]): string | null {
  const names = own.filter((name) => name.length >= leastLength);
  const misspelled = names.find((name) => isOneEditApart(compact(variable), compact(name)));
  if (misspelled !== undefined) return misspelled;
  const lengthened = names.filter(
    (name) => variable === withoutUnit(name) || variable.startsWith(`${withoutUnit(name)}_`),
  );
  return lengthened.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/** The known name after `GATEWAY_`: of `GATEWAY_PORT` it is `PORT`. */
function nameWithoutPrefix(variable: string, own: readonly string[]): string | null {
  if (!variable.startsWith(ownPrefix)) return null;
  const rest = variable.slice(ownPrefix.length);
  return own.includes(rest) ? rest : nearestName(rest, own);
}

function compact(name: string): string {
  return name.replaceAll('_', '');
}

/** Units are what is forgotten or replaced most easily, as in `REQUEST_TIMEOUT_SECONDS`. */
function withoutUnit(name: string): string {
  return name.replace(/_(MS|MIB)$/, '');
}

/** Whether the texts differ by one character at most, inserted, deleted or replaced, or by two that are swapped. */
function isOneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return (restA.length <= 1 && restB.length <= 1) || (restA.length === 2 && restB === `${restA[1]}${restA[0]}`);
}
