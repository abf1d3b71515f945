/** Something that is read once, when it is first asked for. */
export interface Once<Value> {
  /** Returns the value itself once it has been read, so that a thousand rows do not await a promise each. */
  get(): Value | Promise<Value>;
  /** Whether it was asked for. */
  isStarted(): boolean;
}

export function readOnce<Value extends object>(read: () => Promise<Value>): Once<Value> {
  let value: Value | Promise<Value> | null = null;

  async function start(): Promise<Value> {
    const result = await read();
    value = result;
    return result;
  }

  return {
    get() {
      value ??= start();
      return value;
    },
    isStarted: () => value !== null,
  };
}
