import type { IncomingHttpHeaders } from 'node:http';
import { badInput, codedError } from '../errors/coded-error.ts';
import type { Region, RegionTable } from '../regions.ts';
import type { Identity } from '../upstream/send.ts';

/** Headers as `IncomingMessage.headersDistinct` gives them: lower-case names, every value that came. */
export type DistinctHeaders = Readonly<Record<string, string[] | undefined>>;

/**
 * Reads a region's credentials from the caller's headers. A region's own headers (`X-Auth-Token-KR2`,
 * `X-Tenant-Id-KR2`) win; a region with an identity of its own gets no others.
 * @throws `UNAUTHENTICATED` without a token, then `TENANT_REQUIRED` without a tenant, `BAD_USER_INPUT` for headers
 * that cannot be meant.
 */
export function readIdentity(headers: DistinctHeaders, region: Region): Identity {
  const own = `-${region.code}`;
  const token = one(headers, `x-auth-token${own}`) ?? (region.ownIdentity ? null : generalToken(headers));
  const tenant = one(headers, `x-tenant-id${own}`) ?? (region.ownIdentity ? null : one(headers, 'x-tenant-id'));
  const details = { region: region.enumName };
  const missing = (noun: string, header: string) =>
    region.ownIdentity
      ? `There is no ${noun} for region ${region.enumName}. Send it as ${header}${own.toUpperCase()}.`
      : `There is no ${noun}. Send it as ${header}.`;
  if (token === null) throw codedError('UNAUTHENTICATED', missing('token', 'X-Auth-Token'), details);
  // Anything else could not be sent as a header, so no region can know it.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw codedError(
      'UNAUTHENTICATED',
      `The token for region ${region.enumName} has characters no token has.`,
      details,
    );
  if (tenant === null) throw codedError('TENANT_REQUIRED', missing('tenant', 'X-Tenant-Id'), details);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(tenant))
    throw codedError('BAD_USER_INPUT', 'A tenant id is 1 to 64 letters, digits, - and _.', details);
  return { token, tenant };
}

/** The tenant that is named for a region; null where none or no valid one is. Needs no token. */
export function readTenant(headers: DistinctHeaders, region: Region): string | null {
  const [own, ...more] =
    headers[`x-tenant-id-${region.code}`] ?? (region.ownIdentity ? [] : (headers['x-tenant-id'] ?? []));
  return more.length === 0 ? own?.trim() || null : null;
}

function generalToken(headers: DistinctHeaders): string | null {
  const token = one(headers, 'x-auth-token');
  const bearer = bearerIn(one(headers, 'authorization'));
  if (token !== null && bearer !== null && token !== bearer)
    throw badInput('X-Auth-Token and Authorization hold different tokens. Send one of them.');
  return token ?? bearer;
}

/**
 * The distinct tokens in a request's headers, in every header that `readIdentity` may read. Never throws: contradicting or
 * repeated headers count as they are.
 */
export function tokensIn(headers: IncomingHttpHeaders, regions: RegionTable): string[] {
  const found: string[] = [];
  const add = (token: string | null) => {
    if (token !== null && !found.includes(token)) found.push(token);
  };
  add(text(headers['x-auth-token']));
  add(bearerIn(text(headers.authorization)));
  for (const { code } of regions) add(text(headers[`x-auth-token-${code}`]));
  return found;
}

function text(header: string | string[] | undefined): string | null {
  return header === undefined ? null : String(header).trim() || null;
}

/** The token of `Bearer <token>`; the scheme in any case, with any number of spaces. */
function bearerIn(authorization: string | null): string | null {
  const isBearer = authorization?.slice(0, 7).toLowerCase() === 'bearer ';
  return isBearer ? authorization.slice(7).trim() || null : null;
}

function one(headers: DistinctHeaders, name: string): string | null {
  const values = headers[name] ?? [];
  if (values.length > 1) throw badInput(`${name} was sent more than once.`);
  return values[0]?.trim() || null;
}
