/** Who asks. Kept in memory only: whoever reloads the page signs in again, and no script finds a token in a store. */
export interface Identity {
  readonly token: string;
  readonly tenant: string;
}

export function headersOf({ token, tenant }: Identity): Record<string, string> {
  return { 'X-Auth-Token': token, 'X-Tenant-Id': tenant };
}
