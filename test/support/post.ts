import { alice } from './stack.ts';

/** The headers that alice's requests are sent with. */
export const headersOfAlice = {
  'content-type': 'application/json',
  'x-auth-token': alice.token,
  'x-tenant-id': alice.tenant,
};

/** The request by which alice sends a query, or any other body of a GraphQL request. */
export function postOf(body: string | object, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { ...headersOfAlice, ...headers },
    body: JSON.stringify(typeof body === 'string' ? { query: body } : body),
  };
}
