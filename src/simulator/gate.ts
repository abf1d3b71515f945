/** A gate that all answers pass; while it is held nothing is answered. */
export interface Gate {
  /** Closes the gate until the returned function is called; several may hold it at once. */
  readonly hold: () => () => void;
  /** Resolves when nobody holds the gate. */
  readonly passed: () => Promise<void>;
  /** Opens the gate for good. */
  readonly open: () => void;
}

export function createGate(): Gate {
  const holders = new Set<PromiseWithResolvers<void>>();
  const release = (holder: PromiseWithResolvers<void>): void => {
    holders.delete(holder);
    holder.resolve();
  };
  return {
    hold() {
      const holder = Promise.withResolvers<void>();
      holders.add(holder);
      return () => release(holder);
    },
    async passed() {
      while (holders.size > 0) await Promise.all([...holders].map((holder) => holder.promise));
    },
    open() {
      for (const holder of holders) release(holder);
    },
  };
}
