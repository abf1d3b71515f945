/** How much of something each token has; forgotten as soon as it has nothing. */
export interface TokenCount {
  of(token: string | null): number;
  add(token: string | null, more: 1 | -1): void;
}

/** What has no token is not counted. */
export function createTokenCount(): TokenCount {
  const counts = new Map<string, number>();
  return {
    of: (token) => (token === null ? 0 : (counts.get(token) ?? 0)),
    add(token, more) {
      if (token === null) return;
      const own = (counts.get(token) ?? 0) + more;
      if (own === 0) counts.delete(token);
      else counts.set(token, own);
    },
  };
}
